//! Changes, removes and restores an account, and sets its overrides.

use jiff::Timestamp;

use super::lookup::lock;
use crate::error::ChangeError;
use crate::ports::{Accounts, Members};
use crate::{Account, AccountId, AccountPatch, Metric, NewOverride, Override, Role, UserId};

/// Changes an account's name or time zone, if `is_expected` accepts its current version. Bookings
/// keep their days. Also returns whether anything changed.
///
/// # Errors
/// [`ChangeError`].
pub fn change_account(
    tx: &mut (impl Accounts + ?Sized),
    id: AccountId,
    patch: &AccountPatch,
    is_expected: impl FnOnce(&Account) -> bool,
) -> Result<(Account, bool), ChangeError> {
    let account = lock(tx, id)?.ok_or(ChangeError::NotFound)?;
    if !is_expected(&account) {
        return Err(ChangeError::PreconditionFailed);
    }
    let AccountPatch { name, zone, metadata } = patch.clone();
    let changed = Account {
        name: name.unwrap_or_else(|| account.name.clone()),
        zone: zone.unwrap_or_else(|| account.zone.clone()),
        metadata: metadata.unwrap_or_else(|| account.metadata.clone()),
        ..account.clone()
    };
    if changed == account {
        return Ok((account, false));
    }
    let changed = Account { version: account.version + 1, ..changed };
    tx.update_account(&changed)?;
    Ok((changed, true))
}

/// Removes an account. It can only be restored from then on. Returns whether it existed.
///
/// # Errors
/// [`ChangeError`].
pub fn remove_account(
    tx: &mut (impl Accounts + ?Sized),
    id: AccountId,
    is_expected: impl FnOnce(&Account) -> bool,
    now: Timestamp,
) -> Result<bool, ChangeError> {
    let account = tx.lock_account(id)?.ok_or(ChangeError::NotFound)?;
    if account.deleted_at.is_some() {
        return Ok(false);
    }
    if !is_expected(&account) {
        return Err(ChangeError::PreconditionFailed);
    }
    tx.update_account(&Account { deleted_at: Some(now), version: account.version + 1, ..account })?;
    Ok(true)
}

/// Restores a removed account with all its data. An account that is not removed stays as it is.
/// Also returns whether it was removed. If all owners have left, the user who restores the account
/// becomes its owner.
///
/// # Errors
/// [`ChangeError`].
pub fn restore_account(
    tx: &mut (impl Accounts + Members + ?Sized),
    id: AccountId,
    restored_by: UserId,
    now: Timestamp,
) -> Result<(Account, bool), ChangeError> {
    let account = tx.lock_account(id)?.ok_or(ChangeError::NotFound)?;
    if account.deleted_at.is_none() {
        return Ok((account, false));
    }
    let account = Account { deleted_at: None, version: account.version + 1, ..account };
    tx.update_account(&account)?;
    if tx.count_owners(id)? == 0 {
        tx.put_member(id, restored_by, Role::Owner, now)?;
    }
    Ok((account, true))
}

/// Puts an override on the account, replacing one for the same metric.
///
/// # Errors
/// [`ChangeError`].
pub fn put_override(
    tx: &mut (impl Accounts + ?Sized),
    account: AccountId,
    metric: &Metric,
    new: &NewOverride,
    created_by: UserId,
    now: Timestamp,
) -> Result<Override, ChangeError> {
    lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    let NewOverride { limit, reason, expires_at } = new.clone();
    let given = Override { metric: metric.clone(), limit, reason, expires_at, created_by, created_at: now };
    tx.put_override(account, &given)?;
    Ok(given)
}

/// Removes an override from the account. Returns whether it existed.
///
/// # Errors
/// [`ChangeError`].
pub fn remove_override(
    tx: &mut (impl Accounts + ?Sized),
    account: AccountId,
    metric: &Metric,
) -> Result<bool, ChangeError> {
    let found = lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    tx.delete_override(account, metric)?;
    Ok(found.overrides.iter().any(|given| given.metric == *metric))
}
