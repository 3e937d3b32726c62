//! Authentication and authorization, in the same unit of work as the action.

use jiff::{SignedDuration, Timestamp};

use crate::error::AccessError;
use crate::ports::{ReadAccounts, ReadMembers, ReadUsers};
use crate::{AccountId, Actor, Credential, Role};

/// The precision of an API key's last use.
const LAST_USE_KNOWN_TO: SignedDuration = SignedDuration::from_mins(1);

/// Authenticates a caller: the session or API key exists and has not expired, and the user is not
/// disabled. (Disabling a user revokes the sessions in the same unit.)
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
            Ok(Actor::of_user(session.ok_or(AccessError::Unauthenticated)?.user_id))
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

/// Checks that the actor may act on the account in the role `needed`: as a member with this role,
/// or as an operator. For other users, the account does not exist. A removed account does not exist
/// for anyone.
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

/// Like [`authorize`], but also on a removed account: to remove, restore or leave it. An erased
/// account is not found.
///
/// # Errors
/// [`AccessError::NotFound`] and [`AccessError::Forbidden`].
pub fn authorize_though_removed(
    tx: &mut (impl ReadAccounts + ReadUsers + ReadMembers + ?Sized),
    actor: &Actor,
    account: AccountId,
    needed: Role,
) -> Result<(), AccessError> {
    tx.find_account(account)?.filter(|account| account.erased_at.is_none()).ok_or(AccessError::NotFound)?;
    authorize_on_existing(tx, actor, account, needed)
}

/// Like [`authorize`], for an account that is known to exist.
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
/// [`AccessError::Storage`].
pub fn is_operator(tx: &mut (impl ReadUsers + ?Sized), actor: &Actor) -> Result<bool, AccessError> {
    Ok(tx.find_user(actor.user_id)?.is_some_and(|user| user.is_operator))
}
