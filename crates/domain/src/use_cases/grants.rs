//! Makes, finds and removes grants.

use jiff::Timestamp;

use super::lookup::{existing_account, lock};
use crate::error::{ChangeError, FindError, GrantError};
use crate::ports::{Accounts, ReadAccounts};
use crate::{AccountId, GRANTS_MAX, Grant, GrantId, NewGrant, UserId};

/// Makes a grant, which raises a limit of the account at once.
///
/// # Errors
/// [`GrantError`].
pub fn create_grant(
    tx: &mut (impl Accounts + ?Sized),
    account: AccountId,
    new: &NewGrant,
    id: GrantId,
    created_by: UserId,
    now: Timestamp,
) -> Result<Grant, GrantError> {
    let found = lock(tx, account)?.ok_or(GrantError::AccountNotFound)?;
    let NewGrant { metric, quantity, reason, reference, expires_at } = new.clone();
    let grant = Grant { id, metric, quantity, reason, reference, expires_at, created_by, created_at: now };
    if !grant.is_in_force(now) {
        return Err(GrantError::InThePast);
    }
    if found.grants.iter().filter(|grant| grant.is_in_force(now)).count() >= GRANTS_MAX {
        return Err(GrantError::TooMany);
    }
    tx.insert_grant(account, &grant)?;
    Ok(grant)
}

/// A grant of the account. Expired ones are found until they are removed.
///
/// # Errors
/// [`FindError`].
pub fn find_grant(tx: &mut (impl ReadAccounts + ?Sized), account: AccountId, id: GrantId) -> Result<Grant, FindError> {
    let found = existing_account(tx, account)?.ok_or(FindError::NotFound)?;
    found.grants.into_iter().find(|grant| grant.id == id).ok_or(FindError::NotFound)
}

/// Up to `max` grants of the account after `after`, newest first. Expired ones are among them.
///
/// # Errors
/// [`FindError`].
pub fn list_grants(
    tx: &mut (impl ReadAccounts + ?Sized),
    account: AccountId,
    after: Option<GrantId>,
    max: usize,
) -> Result<Vec<Grant>, FindError> {
    let mut grants = existing_account(tx, account)?.ok_or(FindError::NotFound)?.grants;
    grants.retain(|grant| after.is_none_or(|after| grant.id < after));
    grants.sort_unstable_by_key(|grant| std::cmp::Reverse(grant.id));
    grants.truncate(max);
    Ok(grants)
}

/// Removes a grant. What exists stays, even above the limit. Returns whether it existed.
///
/// # Errors
/// [`ChangeError`].
pub fn remove_grant(tx: &mut (impl Accounts + ?Sized), account: AccountId, id: GrantId) -> Result<bool, ChangeError> {
    let found = lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    tx.delete_grant(account, id)?;
    Ok(found.grants.iter().any(|grant| grant.id == id))
}
