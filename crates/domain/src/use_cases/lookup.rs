//! Lookups that several use cases begin with.

use crate::error::{StorageError, StorageResult};
use crate::ports::{Accounts, ReadAccounts, ReadBookings, ReadStaff};
use crate::{Account, AccountId, Booking, BookingId, Plan, PlanCatalog, PlanKey, StaffId, StaffMember};

/// The account, locked, unless it was removed.
pub(super) fn lock(tx: &mut (impl Accounts + ?Sized), id: AccountId) -> StorageResult<Option<Account>> {
    Ok(tx.lock_account(id)?.filter(|account| account.deleted_at.is_none()))
}

/// The account, unless it was removed.
pub(super) fn existing_account(tx: &mut (impl ReadAccounts + ?Sized), id: AccountId) -> StorageResult<Option<Account>> {
    Ok(tx.find_account(id)?.filter(|account| account.deleted_at.is_none()))
}

/// The account's staff member, unless they were removed.
pub(super) fn existing_staff_member(
    tx: &mut (impl ReadStaff + ?Sized),
    account: AccountId,
    id: StaffId,
) -> StorageResult<Option<StaffMember>> {
    Ok(tx.find_staff_member(account, id)?.filter(|member| member.deleted_at.is_none()))
}

/// The account's booking, unless it was removed.
pub(super) fn existing_booking(
    tx: &mut (impl ReadBookings + ?Sized),
    account: AccountId,
    id: BookingId,
) -> StorageResult<Option<Booking>> {
    Ok(tx.find_booking(account, id)?.filter(|booking| booking.deleted_at.is_none()))
}

/// The plan of an account that chose `key`. If the catalogue does not have it, the stored data is
/// corrupt: no use case writes such a key.
pub(super) fn plan_of<'a>(catalog: &'a PlanCatalog, key: &PlanKey) -> StorageResult<&'a Plan> {
    catalog.resolve(key).ok_or_else(|| StorageError::Corrupt(format!("the catalogue has no plan {key}")))
}
