//! Makes a booking with an account.

use jiff::Timestamp;

use super::subscribed_plan;
use crate::error::{CreateBookingError, LimitRefusal, StorageError};
use crate::ports::{Accounts, Bookings, ReadBookings, ReadStaff};
use crate::rules::LimitExceeded;
use crate::{AccountId, Booking, BookingId, BusinessDay, NewBooking, PlanCatalog, rules};

/// Makes a booking, if the account's plan permits one more on its business day.
///
/// The day is that of `new.starts_at`, or of `now`, in the account's zone.
///
/// # Errors
/// [`CreateBookingError`].
pub fn create_booking(
    tx: &mut (impl Accounts + ReadStaff + Bookings + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    new: &NewBooking,
    id: BookingId,
    now: Timestamp,
) -> Result<Booking, CreateBookingError> {
    let account = tx.lock_account(account_id)?.ok_or(CreateBookingError::AccountNotFound)?;
    if let Some(staff_id) = new.staff_id {
        tx.find_staff_member(account_id, staff_id)?.ok_or(CreateBookingError::UnknownStaffMember)?;
    }
    let plan = subscribed_plan(catalog, rules::check_subscription(&account)?)?;
    let starts_at = new.starts_at.unwrap_or(now);
    let day = account.zone.day_of(starts_at);
    let booked = tx.count_bookings_on(account_id, day.date)?;
    if let Err(exceeded) = rules::check_daily_booking_limit(plan, booked, 1) {
        let refusal = explain(tx, catalog, account_id, day, exceeded)?;
        return Err(CreateBookingError::LimitExceeded(Box::new(refusal)));
    }
    let booking = Booking {
        id,
        account_id,
        day: day.date,
        starts_at,
        customer_name: new.customer_name.clone(),
        staff_id: new.staff_id,
        notes: new.notes.clone(),
        created_at: now,
    };
    tx.insert_booking(&booking)?;
    Ok(booking)
}

/// Adds to a refusal what a client can do about it: another day, another plan.
fn explain(
    tx: &mut (impl ReadBookings + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    day: BusinessDay,
    exceeded: LimitExceeded,
) -> Result<LimitRefusal, StorageError> {
    let limit = exceeded.usage.limit;
    let next_allowed_day =
        rules::next_allowed_day(&day, limit, exceeded.requested, |day| tx.count_bookings_on(account_id, day))?;
    Ok(LimitRefusal::new(exceeded, catalog, Some(day), next_allowed_day))
}
