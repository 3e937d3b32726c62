//! Looks single resources up. Each is found within its account only.

use crate::error::FindError;
use crate::ports::{ReadAccounts, ReadBookings, ReadStaff};
use crate::{Account, AccountId, Booking, BookingId, StaffId, StaffMember, Subscription};

/// The account and the plan it is on.
///
/// # Errors
/// [`FindError`].
pub fn find_account(tx: &mut (impl ReadAccounts + ?Sized), id: AccountId) -> Result<Account, FindError> {
    tx.find_account(id)?.ok_or(FindError::NotFound)
}

/// The account's subscription.
///
/// # Errors
/// [`FindError`].
pub fn find_subscription(tx: &mut (impl ReadAccounts + ?Sized), account: AccountId) -> Result<Subscription, FindError> {
    find_account(tx, account)?.subscription.ok_or(FindError::NotFound)
}

/// A staff member of the account.
///
/// # Errors
/// [`FindError`].
pub fn find_staff_member(
    tx: &mut (impl ReadStaff + ?Sized),
    account: AccountId,
    id: StaffId,
) -> Result<StaffMember, FindError> {
    tx.find_staff_member(account, id)?.ok_or(FindError::NotFound)
}

/// A booking of the account.
///
/// # Errors
/// [`FindError`].
pub fn find_booking(
    tx: &mut (impl ReadBookings + ?Sized),
    account: AccountId,
    id: BookingId,
) -> Result<Booking, FindError> {
    tx.find_booking(account, id)?.ok_or(FindError::NotFound)
}
