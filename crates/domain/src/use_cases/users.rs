//! Users from registration to deletion, their sessions and API keys.

use jiff::{SignedDuration, Timestamp};

use super::access::authorize;
use super::find::find_api_key;
use super::members::is_owner;
use crate::error::{AccessError, ApiKeyError, FindError, RefreshError, StorageResult, UserError};
use crate::ports::{Accounts, ReadAccounts, ReadMembers, Users};
use crate::{
    API_KEYS_MAX, AccountId, Actor, ApiKey, ApiKeyId, EXPIRED_API_KEYS_MAX, PasswordHash, RefreshToken, Role,
    SecretHash, Session, SessionId, User, UserId, Username,
};

/// The longest lifetime of a session, with all its refreshes.
pub const SESSION_LIFETIME_MAX: SignedDuration = SignedDuration::from_hours(2160);

/// The most sessions of a user. A further login ends the oldest.
pub const SESSIONS_MAX: usize = 20;

/// How many accounts of a user are read in one page.
const STEP: usize = 100;

/// Adds a user, if the name is free. The `reserved` name is for operators.
///
/// # Errors
/// [`UserError::NameTaken`].
pub fn register_user(
    tx: &mut (impl Users + ?Sized),
    user: &User,
    reserved: Option<&Username>,
) -> Result<(), UserError> {
    check_not_reserved(&user.username, user.is_operator, reserved)?;
    check_name_is_free(tx, &user.username)?;
    Ok(tx.insert_user(user)?)
}

/// Renames a user, if the name is free. The `reserved` name is for operators, and the last operator
/// keeps it.
///
/// # Errors
/// [`UserError::NotFound`], [`UserError::NameTaken`] and [`UserError::LastOperator`].
pub fn rename_user(
    tx: &mut (impl Users + ?Sized),
    id: UserId,
    username: &Username,
    reserved: Option<&Username>,
) -> Result<User, UserError> {
    let has_reserved = tx.find_user(id)?.is_some_and(|user| Some(&user.username) == reserved);
    if has_reserved && Some(username) != reserved {
        check_another_operator(tx, id)?;
    }
    let user = tx.lock_user(id)?.ok_or(UserError::NotFound)?;
    if user.username == *username {
        return Ok(user);
    }
    check_not_reserved(username, user.is_operator, reserved)?;
    check_name_is_free(tx, username)?;
    let user = User { username: username.clone(), ..user };
    tx.update_user(&user)?;
    Ok(user)
}

/// Checks that a user may have this name: `reserved` is for operators. To other users it is always
/// taken.
fn check_not_reserved(username: &Username, is_operator: bool, reserved: Option<&Username>) -> Result<(), UserError> {
    if is_operator || Some(username) != reserved { Ok(()) } else { Err(UserError::NameTaken) }
}

/// Checks that another operator can log in, if this user is an operator.
fn check_another_operator(tx: &mut (impl Users + ?Sized), id: UserId) -> Result<(), UserError> {
    let can_log_in = |user: &User| user.is_operator && !user.is_disabled;
    if !tx.find_user(id)?.is_some_and(|user| can_log_in(&user)) {
        return Ok(());
    }
    // All are locked, in one order, so that of two operators who leave at the same time the second
    // finds that the first has left.
    let mut operators: Vec<UserId> = tx.list_operators()?.iter().map(|user| user.id).collect();
    operators.sort_unstable();
    for operator in operators {
        tx.lock_user(operator)?;
    }
    let has_another = tx.list_operators()?.iter().any(|user| user.id != id && can_log_in(user));
    if has_another { Ok(()) } else { Err(UserError::LastOperator) }
}

fn check_name_is_free(tx: &mut (impl Users + ?Sized), username: &Username) -> Result<(), UserError> {
    if tx.find_user_named(username)?.is_none() { Ok(()) } else { Err(UserError::NameTaken) }
}

/// Changes a user's password and ends all their sessions.
///
/// # Errors
/// [`UserError::NotFound`].
pub fn change_password(tx: &mut (impl Users + ?Sized), id: UserId, password: &PasswordHash) -> Result<(), UserError> {
    let user = tx.lock_user(id)?.ok_or(UserError::NotFound)?;
    tx.update_user(&User { password: password.clone(), ..user })?;
    Ok(tx.delete_sessions(id, None)?)
}

/// Disables a user and ends all their sessions, or enables them again.
///
/// # Errors
/// [`UserError::NotFound`] and [`UserError::LastOperator`].
pub fn disable_user(tx: &mut (impl Users + ?Sized), id: UserId, is_disabled: bool) -> Result<(), UserError> {
    if is_disabled {
        check_another_operator(tx, id)?;
    }
    let user = tx.lock_user(id)?.ok_or(UserError::NotFound)?;
    tx.update_user(&User { is_disabled, ..user })?;
    if is_disabled {
        tx.delete_sessions(id, None)?;
    }
    Ok(())
}

/// Deletes a user, unless an account would have no owner, or Headroom no operator. A removed
/// account needs no owner: [`super::restore_account`] gives it one.
///
/// # Errors
/// [`UserError::LastOwner`] and [`UserError::LastOperator`].
pub fn delete_user(tx: &mut (impl Accounts + Users + ReadMembers + ?Sized), id: UserId) -> Result<(), UserError> {
    check_another_operator(tx, id)?;
    // Locked, so that they do not become an owner in the meantime.
    tx.lock_user(id)?;
    let mut after: Option<AccountId> = None;
    loop {
        let accounts = tx.list_accounts(Some(id), true, after, STEP)?;
        for account in &accounts.items {
            // Locked, so that no other owner leaves at the same time, and the account is not
            // restored.
            let is_removed = tx.lock_account(account.id)?.is_none_or(|account| account.deleted_at.is_some());
            if !is_removed && is_owner(tx, account.id, id)? && tx.count_owners(account.id)? == 1 {
                return Err(UserError::LastOwner(account.id));
            }
        }
        match accounts.next {
            Some(next) => after = Some(next),
            None => return Ok(tx.delete_user(id)?),
        }
    }
}

/// Starts a session of a user whose password was verified, if the password has not changed since
/// and the user is not disabled. Deletes their expired sessions, and the oldest ones above
/// [`SESSIONS_MAX`]. Returns whether the session started.
///
/// `raised` replaces the password's hash by a stronger one.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn log_in(
    tx: &mut (impl Users + ?Sized),
    checked: &User,
    raised: Option<&PasswordHash>,
    session: &Session,
    refresh: &SecretHash,
) -> StorageResult<bool> {
    let user = tx.lock_user(checked.id)?;
    let Some(user) = user.filter(|user| user.password == checked.password && !user.is_disabled) else {
        return Ok(false);
    };
    if let Some(raised) = raised {
        tx.update_user(&User { password: raised.clone(), ..user })?;
    }
    tx.delete_sessions(checked.id, Some(session.created_at))?;
    let others = tx.list_sessions(checked.id)?;
    let surplus = (others.len() + 1).saturating_sub(SESSIONS_MAX);
    others.iter().take(surplus).try_for_each(|oldest| tx.delete_session(oldest.id))?;
    tx.insert_session(session)?;
    tx.insert_refresh_token(session.id, refresh)?;
    Ok(true)
}

/// How long a used refresh token returns the same successor again, as long as that is unused: for a
/// client that lost the response, or sent two requests at once.
pub const REFRESH_REPEATABLE_FOR: SignedDuration = SignedDuration::from_secs(30);

/// The outcome of a refresh.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refreshed {
    /// The session was extended. This is its new refresh token.
    Extended(SessionId, UserId, SecretHash),
    /// The token was used before, so it may be stolen. The session was revoked.
    Revoked(SessionId, UserId),
}

/// Extends the session of a refresh token, and replaces the token by its successor. The session
/// expires at `expires_at`, or [`SESSION_LIFETIME_MAX`] after it began if that is earlier.
///
/// An unused token gets the successor `next`. A token used less than [`REFRESH_REPEATABLE_FOR`] ago
/// gets its successor again (`next` or one of `others`), if that is unused. Any other used token
/// revokes the session.
///
/// # Errors
/// [`RefreshError::Invalid`].
pub fn refresh_session(
    tx: &mut (impl Users + ?Sized),
    token: &SecretHash,
    next: &SecretHash,
    others: &[SecretHash],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<Refreshed, RefreshError> {
    let (RefreshToken { session_id, used_at, .. }, session) = lock_session(tx, token)?.ok_or(RefreshError::Invalid)?;
    if session.expires_at <= now {
        return Err(RefreshError::Invalid);
    }
    let Some(used_at) = used_at else {
        tx.use_refresh_token(token, now)?;
        tx.insert_refresh_token(session_id, next)?;
        tx.extend_session(session_id, expires_at.min(session.created_at + SESSION_LIFETIME_MAX))?;
        return Ok(Refreshed::Extended(session_id, session.user_id, *next));
    };
    if now < used_at + REFRESH_REPEATABLE_FOR {
        for successor in [next].into_iter().chain(others) {
            let found = tx.find_refresh_token(successor)?;
            if found.is_some_and(|it| it.session_id == session_id && it.used_at.is_none()) {
                return Ok(Refreshed::Extended(session_id, session.user_id, *successor));
            }
        }
    }
    tx.delete_session(session_id)?;
    Ok(Refreshed::Revoked(session_id, session.user_id))
}

/// Revokes the session of a refresh token, used or not. Returns the session, if it existed.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn revoke_session(tx: &mut (impl Users + ?Sized), token: &SecretHash) -> StorageResult<Option<Session>> {
    let Some((_, session)) = lock_session(tx, token)? else { return Ok(None) };
    tx.delete_session(session.id)?;
    Ok(Some(session))
}

/// Creates an API key for accounts that its user can access, unless they have [`API_KEYS_MAX`]
/// unexpired ones. Deletes expired keys above [`EXPIRED_API_KEYS_MAX`], those that expired first.
///
/// # Errors
/// [`ApiKeyError`].
pub fn create_api_key(
    tx: &mut (impl ReadAccounts + ReadMembers + Users + ?Sized),
    key: &ApiKey,
) -> Result<(), ApiKeyError> {
    if key.expires_at.is_some_and(|end| end <= key.created_at) {
        return Err(ApiKeyError::InThePast);
    }
    if let Some(account) = key.account_id {
        authorize(tx, &Actor::of_user(key.user_id), account, Role::Viewer).map_err(|error| match error {
            AccessError::Storage(error) => error.into(),
            AccessError::Unauthenticated | AccessError::NotFound | AccessError::Forbidden => {
                ApiKeyError::UnknownAccount
            }
        })?;
    }
    // Locked, so that concurrent creations count each other's keys.
    tx.lock_user(key.user_id)?;
    let keys = tx.list_api_keys(key.user_id, None, usize::MAX)?;
    let end = |key: &ApiKey| key.expires_at.unwrap_or(Timestamp::MAX);
    let (mut expired, good): (Vec<_>, Vec<_>) = keys.into_iter().partition(|it| end(it) <= key.created_at);
    if good.len() >= API_KEYS_MAX {
        return Err(ApiKeyError::TooMany);
    }
    expired.sort_by_key(end);
    let surplus = expired.len().saturating_sub(EXPIRED_API_KEYS_MAX);
    expired.iter().take(surplus).try_for_each(|oldest| tx.delete_api_key(oldest.id))?;
    Ok(tx.insert_api_key(key)?)
}

/// Revokes an API key of the user.
///
/// # Errors
/// [`FindError::NotFound`] if the key does not exist, or is another user's.
pub fn revoke_api_key(tx: &mut (impl Users + ?Sized), id: ApiKeyId, user: UserId) -> Result<(), FindError> {
    // Locked, so that only one of several concurrent revocations succeeds.
    tx.lock_user(user)?;
    find_api_key(tx, id, user)?;
    Ok(tx.delete_api_key(id)?)
}

/// A refresh token and its session, with the user locked.
fn lock_session(tx: &mut (impl Users + ?Sized), token: &SecretHash) -> StorageResult<Option<(RefreshToken, Session)>> {
    let Some(RefreshToken { session_id, .. }) = tx.find_refresh_token(token)? else { return Ok(None) };
    let Some(Session { user_id, .. }) = tx.find_session(session_id)? else { return Ok(None) };
    tx.lock_user(user_id)?;
    // Read again: before the user was locked, another unit of work may have used the token or ended
    // the session.
    Ok(tx.find_refresh_token(token)?.zip(tx.find_session(session_id)?))
}
