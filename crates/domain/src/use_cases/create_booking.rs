//! Creates or restores a booking.

use jiff::Timestamp;

use super::admission::{Demand, Place, admit};
use super::holds::{live_hold, use_place};
use super::lookup::{existing_staff_member, lock};
use crate::error::{AdmissionError, BookingError, StorageResult};
use crate::ports::{Accounts, Bookings, Charges, Holds, ReadHolds, ReadStaff, ReadUsage};
use crate::{Account, AccountId, Attribution, Booking, BookingId, Meter, NewBooking, PlanCatalog, StaffId, charges};

/// Creates a booking, if the account's limit permits one more on its business day.
///
/// The business day is that of `new.starts_at`, or of `now`, in the account's zone. A booking that
/// uses a hold has its place already in the windows of the hold.
///
/// # Errors
/// [`BookingError`].
pub fn create_booking(
    tx: &mut (impl Accounts + ReadStaff + Bookings + Charges + Holds + ?Sized),
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
    let hold = match new.hold_id {
        Some(id) => Some(live_hold(tx, account_id, &Meter::BOOKINGS, id, now)?.ok_or(BookingError::UnknownHold)?),
        None => None,
    };
    let starts_at = new.starts_at.unwrap_or(now);
    let occurrence = account.occurrence(starts_at);
    let booking = Booking {
        id,
        account_id,
        day: occurrence.day,
        period: occurrence.period,
        starts_at,
        customer_name: new.customer_name.clone(),
        staff_id: new.staff_id,
        notes: new.notes.clone(),
        created_at: now,
        deleted_at: None,
        version: 1,
        created_by: by.clone(),
    };
    let place = hold.as_ref().map(|hold| Place::of_hold(hold, 1));
    admit_booking(tx, catalog, &account, &booking, place.as_ref(), now)?;
    tx.insert_booking(&booking)?;
    charge_booking(tx, catalog, &booking)?;
    if let Some(hold) = hold {
        use_place(tx, hold, now)?;
    }
    Ok(booking)
}

/// Restores a removed booking. A booking that is not removed stays as it is. If the removed booking
/// did not count, the account's limit has to permit one more on its day. Also returns whether the
/// booking was removed.
///
/// # Errors
/// [`BookingError`].
pub fn restore_booking(
    tx: &mut (impl Accounts + Bookings + Charges + ReadHolds + ?Sized),
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
    let was_counted = booking.is_counted();
    let booking = Booking { deleted_at: None, version: booking.version + 1, ..booking };
    if !was_counted {
        admit_booking(tx, catalog, &account, &booking, None, now)?;
        charge_booking(tx, catalog, &booking)?;
    }
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

/// Checks that the booking is admitted. A booking that is moved has its place already.
pub(super) fn admit_booking(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    booking: &Booking,
    place: Option<&Place>,
    now: Timestamp,
) -> Result<(), AdmissionError> {
    let demand = Demand { meter: &Meter::BOOKINGS, occurrence: booking.occurrence(), quantity: 1 };
    admit(tx, catalog, account, &[demand], place, now)
}

/// Charges the booking to the metrics of its meter beside [`Metric::BOOKINGS_PER_DAY`], which the
/// store counts.
///
/// [`Metric::BOOKINGS_PER_DAY`]: crate::Metric::BOOKINGS_PER_DAY
pub(super) fn charge_booking(
    tx: &mut (impl Charges + ?Sized),
    catalog: &PlanCatalog,
    booking: &Booking,
) -> StorageResult<()> {
    let charges = charges(catalog, &Meter::BOOKINGS, &booking.occurrence(), 1);
    if charges.is_empty() { Ok(()) } else { tx.charge(booking.account_id, booking.id.uuid(), &charges, true) }
}
