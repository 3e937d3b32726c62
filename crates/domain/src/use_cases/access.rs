//! Whether a caller may: looked at in the same unit of work as what they do.

use jiff::{SignedDuration, Timestamp};

use crate::error::AccessError;
use crate::ports::{ReadAccounts, ReadMembers, ReadUsers};
use crate::{AccountId, Actor, Credential, Role, Scope};

/// How exactly an API key's last use is known.
const LAST_USE_KNOWN_TO: SignedDuration = SignedDuration::from_mins(1);

/// Whom the credential belongs to, if it is still good: its session or key is there and has not ended, and its user is
/// not shut out. (Whoever shuts a user out revokes their sessions in the same unit.)
///
/// # Errors
/// [`AccessError::Unauthenticated`].
pub fn authenticate(
    tx: &mut (impl ReadUsers + ?Sized),
    credential: &Credential,
    now: Timestamp,
) -> Result<Actor, AccessError> {
    match credential {
        Credential::Session { id, user_id } => {
            let session = tx.find_session(*id)?.filter(|it| it.user_id == *user_id && now < it.expires_at);
            let user_id = session.ok_or(AccessError::Unauthenticated)?.user_id;
            Ok(Actor { user_id, api_key: None, scope: Scope::Admin, account_id: None, is_due_to_be_noted: false })
        }
        Credential::ApiKey { id, secret } => {
            let key = tx.find_api_key(*id)?.filter(|key| key.secret.is(secret));
            let key = key.filter(|key| key.expires_at.is_none_or(|end| now < end));
            let key = key.ok_or(AccessError::Unauthenticated)?;
            tx.find_user(key.user_id)?.filter(|user| !user.is_disabled).ok_or(AccessError::Unauthenticated)?;
            let is_due_to_be_noted = key.last_used_at.is_none_or(|used| now.duration_since(used) >= LAST_USE_KNOWN_TO);
            Ok(Actor {
                user_id: key.user_id,
                api_key: Some(key.id),
                scope: key.scope,
                account_id: key.account_id,
                is_due_to_be_noted,
            })
        }
    }
}

/// Whether the actor may act on the account in this role: as a member who has it, or as an operator. To anybody else the
/// account does not exist, and to nobody one that was removed.
///
/// # Errors
/// [`AccessError::NotFound`] and [`AccessError::Forbidden`].
pub fn authorize(
    tx: &mut (impl ReadAccounts + ReadUsers + ReadMembers + ?Sized),
    actor: &Actor,
    account: AccountId,
    needed: Role,
) -> Result<(), AccessError> {
    if !tx.account_exists(account)? {
        return Err(AccessError::NotFound);
    }
    authorize_on_existing(tx, actor, account, needed)
}

/// As [`authorize`], on an account that was removed too: to remove it, to take it back, to leave it.
///
/// # Errors
/// [`AccessError::NotFound`] and [`AccessError::Forbidden`].
pub fn authorize_though_removed(
    tx: &mut (impl ReadAccounts + ReadUsers + ReadMembers + ?Sized),
    actor: &Actor,
    account: AccountId,
    needed: Role,
) -> Result<(), AccessError> {
    tx.find_account(account)?.ok_or(AccessError::NotFound)?;
    authorize_on_existing(tx, actor, account, needed)
}

/// As [`authorize`], for an account that is known to exist.
fn authorize_on_existing(
    tx: &mut (impl ReadUsers + ReadMembers + ?Sized),
    actor: &Actor,
    account: AccountId,
    needed: Role,
) -> Result<(), AccessError> {
    if actor.account_id.is_some_and(|only| only != account) {
        return Err(AccessError::NotFound);
    }
    let role = match tx.find_role(account, actor.user_id)? {
        Some(role) if role >= needed => role,
        _ if is_operator(tx, actor)? => Role::Owner,
        role => role.ok_or(AccessError::NotFound)?,
    };
    if needed <= role && needed.scope() <= actor.scope { Ok(()) } else { Err(AccessError::Forbidden) }
}

/// Whether the actor is an operator.
///
/// # Errors
/// The store's.
pub fn is_operator(tx: &mut (impl ReadUsers + ?Sized), actor: &Actor) -> Result<bool, AccessError> {
    Ok(tx.find_user(actor.user_id)?.is_some_and(|user| user.is_operator))
}
