//! Changes, moves or removes a booking.

use jiff::Timestamp;

use super::admission::Place;
use super::create_booking::{admit_booking, charge_booking, check_staff_member};
use super::lookup::{existing_booking, lock};
use crate::error::{BookingError, ChangeError};
use crate::ports::{Accounts, Bookings, Charges, ReadHolds, ReadStaff};
use crate::{AccountId, Booking, BookingId, BookingPatch, Occurrence, PlanCatalog};

/// Changes a booking, if `is_expected` accepts its current version. A booking that has not begun
/// can be moved. In another window, the limits have to permit one more; within its windows, such as
/// its day, the booking does not count against itself. Also returns whether anything changed.
///
/// # Errors
/// [`BookingError`].
pub fn change_booking(
    tx: &mut (impl Accounts + ReadStaff + Bookings + Charges + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    id: BookingId,
    patch: &BookingPatch,
    is_expected: impl FnOnce(&Booking) -> bool,
    now: Timestamp,
) -> Result<(Booking, bool), BookingError> {
    let account = lock(tx, account_id)?.ok_or(BookingError::NotFound)?;
    let booking = existing_booking(tx, account_id, id)?.ok_or(BookingError::NotFound)?;
    if !is_expected(&booking) {
        return Err(BookingError::PreconditionFailed);
    }
    let BookingPatch { starts_at, customer_name, staff_id, notes } = patch.clone();
    let starts_at = starts_at.filter(|starts_at| *starts_at != booking.starts_at);
    let occurrence = starts_at.map(|at| account.occurrence(at));
    let Occurrence { at, day, period } = occurrence.unwrap_or_else(|| booking.occurrence());
    let changed = Booking {
        day,
        period,
        starts_at: at,
        customer_name: customer_name.apply(booking.customer_name.clone()),
        staff_id: staff_id.apply(booking.staff_id),
        notes: notes.apply(booking.notes.clone()),
        ..booking.clone()
    };
    if changed == booking {
        return Ok((booking, false));
    }
    if let Some(staff_id) = changed.staff_id.filter(|_| changed.staff_id != booking.staff_id) {
        check_staff_member(tx, account_id, staff_id)?;
    }
    if starts_at.is_some() {
        if booking.has_begun(now) {
            return Err(BookingError::HasBegun);
        }
        let place = Place { occurrence: booking.occurrence(), quantity: 1, hold: None };
        admit_booking(tx, catalog, &account, &changed, Some(&place), now)?;
        tx.refund(account_id, id.uuid())?;
        charge_booking(tx, catalog, &changed)?;
    }
    let changed = Booking { version: booking.version + 1, ..changed };
    tx.update_booking(&changed)?;
    Ok((changed, true))
}

/// Removes a booking. A booking that has begun keeps counting towards the limit of its day. Returns
/// whether it existed.
///
/// # Errors
/// [`ChangeError`].
pub fn remove_booking(
    tx: &mut (impl Accounts + Bookings + Charges + ?Sized),
    account: AccountId,
    id: BookingId,
    is_expected: impl FnOnce(&Booking) -> bool,
    now: Timestamp,
) -> Result<bool, ChangeError> {
    lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    let booking = tx.find_booking(account, id)?.ok_or(ChangeError::NotFound)?;
    if booking.deleted_at.is_some() {
        return Ok(false);
    }
    if !is_expected(&booking) {
        return Err(ChangeError::PreconditionFailed);
    }
    let removed = Booking { deleted_at: Some(now), version: booking.version + 1, ..booking };
    tx.update_booking(&removed)?;
    if !removed.is_counted() {
        tx.refund(account, id.uuid())?;
    }
    Ok(true)
}
