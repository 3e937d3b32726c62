//! Creates or restores a booking.

use jiff::Timestamp;

use super::admission::admit_bookings;
use super::lookup::{existing_staff_member, lock};
use crate::error::BookingError;
use crate::ports::{Accounts, Bookings, ReadStaff};
use crate::{AccountId, Attribution, Booking, BookingId, NewBooking, PlanCatalog, StaffId};

/// Creates a booking, if the account's limit permits one more on its business day.
///
/// The business day is that of `new.starts_at`, or of `now`, in the account's zone.
///
/// # Errors
/// [`BookingError`].
pub fn create_booking(
    tx: &mut (impl Accounts + ReadStaff + Bookings + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    new: &NewBooking,
    id: BookingId,
    by: &Attribution,
    now: Timestamp,
) -> Result<Booking, BookingError> {
    let account = lock(tx, account_id)?.ok_or(BookingError::NotFound)?;
    if let Some(staff_id) = new.staff_id {
        check_staff_member(tx, account_id, staff_id)?;
    }
    let starts_at = new.starts_at.unwrap_or(now);
    let day = account.zone.day_of(starts_at);
    let booking = Booking {
        id,
        account_id,
        day: day.date,
        starts_at,
        customer_name: new.customer_name.clone(),
        staff_id: new.staff_id,
        notes: new.notes.clone(),
        created_at: now,
        deleted_at: None,
        version: 1,
        created_by: by.clone(),
    };
    admit_bookings(tx, catalog, &account, day, 1, now)?;
    tx.insert_booking(&booking)?;
    Ok(booking)
}

/// Restores a removed booking. A booking that is not removed stays as it is. If the removed booking
/// did not count, the account's limit has to permit one more on its day. Also returns whether the
/// booking was removed.
///
/// # Errors
/// [`BookingError`].
pub fn restore_booking(
    tx: &mut (impl Accounts + Bookings + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    id: BookingId,
    now: Timestamp,
) -> Result<(Booking, bool), BookingError> {
    let account = lock(tx, account_id)?.ok_or(BookingError::NotFound)?;
    let booking = tx.find_booking(account_id, id)?.ok_or(BookingError::NotFound)?;
    if booking.deleted_at.is_none() {
        return Ok((booking, false));
    }
    if !booking.is_counted() {
        admit_bookings(tx, catalog, &account, account.zone.day(booking.day), 1, now)?;
    }
    let booking = Booking { deleted_at: None, version: booking.version + 1, ..booking };
    tx.update_booking(&booking)?;
    Ok((booking, true))
}

/// Checks that the staff member exists and is active.
pub(super) fn check_staff_member(
    tx: &mut (impl ReadStaff + ?Sized),
    account_id: AccountId,
    id: StaffId,
) -> Result<(), BookingError> {
    existing_staff_member(tx, account_id, id)?.map(drop).ok_or(BookingError::UnknownStaffMember)
}
