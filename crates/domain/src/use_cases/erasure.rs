//! Erasure of accounts and users: personal data is removed permanently.
//!
//! The first unit of work makes the account or the user unusable. The rest is erased in bounded
//! steps ([`Erasures::continue_erasure`]), which go on after a crash where they stopped.

use jiff::Timestamp;

use super::users::delete_user;
use crate::error::{FindError, UserError};
use crate::ports::{Accounts, Erasures, ReadAccounts, ReadErasures, ReadMembers, ReadUsers, Subscriptions, Users};
use crate::{Account, AccountId, Erasure, ErasureCounts, ErasureSubject, Metadata, Name, UserId};

/// Begins to erase an account, removed or not. From now on it is not found.
///
/// # Errors
/// [`FindError::NotFound`], also for an account that was erased before.
pub fn erase_account(
    tx: &mut (impl Accounts + Subscriptions + Erasures + ?Sized),
    id: AccountId,
    now: Timestamp,
) -> Result<(), FindError> {
    let account = tx.lock_account(id)?.filter(|account| account.erased_at.is_none()).ok_or(FindError::NotFound)?;
    if let Some(external_id) = &account.external_id {
        tx.release_external_id(id, external_id)?;
    }
    let erased = Account {
        name: Name::erased(),
        metadata: Metadata::default(),
        deleted_at: account.deleted_at.or(Some(now)),
        erased_at: Some(now),
        version: account.version.saturating_add(1),
        ..account
    };
    tx.update_account(&erased)?;
    // No plan has to stay in the catalogue for an account that no request finds.
    tx.put_subscription(id, None, erased.version)?;
    Ok(tx.insert_erasure(&Erasure { subject: ErasureSubject::Account(id), requested_at: now })?)
}

/// Deletes a user with their sessions, API keys and memberships, and begins to erase where they
/// acted from. Refused as [`delete_user`] is.
///
/// # Errors
/// [`UserError::NotFound`], [`UserError::LastOwner`] and [`UserError::LastOperator`].
pub fn erase_user(
    tx: &mut (impl Accounts + Users + ReadMembers + Erasures + ?Sized),
    id: UserId,
    now: Timestamp,
) -> Result<(), UserError> {
    tx.find_user(id)?.ok_or(UserError::NotFound)?;
    delete_user(tx, id)?;
    Ok(tx.insert_erasure(&Erasure { subject: ErasureSubject::User(id), requested_at: now })?)
}

/// What [`erase_account`] would erase.
///
/// # Errors
/// [`FindError::NotFound`].
pub fn count_account_erasure(
    tx: &mut (impl ReadAccounts + ReadErasures + ?Sized),
    id: AccountId,
) -> Result<ErasureCounts, FindError> {
    tx.find_account(id)?.filter(|account| account.erased_at.is_none()).ok_or(FindError::NotFound)?;
    Ok(tx.count_erasable(ErasureSubject::Account(id))?)
}

/// What [`erase_user`] would erase.
///
/// # Errors
/// [`FindError::NotFound`].
pub fn count_user_erasure(
    tx: &mut (impl ReadUsers + ReadErasures + ?Sized),
    id: UserId,
) -> Result<ErasureCounts, FindError> {
    tx.find_user(id)?.ok_or(FindError::NotFound)?;
    Ok(tx.count_erasable(ErasureSubject::User(id))?)
}
