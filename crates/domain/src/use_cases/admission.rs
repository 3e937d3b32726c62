//! Admission: the plan, the overrides and the usage decide whether a request is admitted.

use jiff::Timestamp;

use super::lookup::plan_of;
use crate::error::{AdmissionError, LimitRefusal};
use crate::ports::{ReadBookings, ReadStaff};
use crate::{Account, BusinessDay, EffectiveLimits, PlanCatalog, rules};

/// How many days the first search for a day with room looks ahead.
const NEAR_DAYS: usize = 7;

/// Checks that `requested` more staff members are admitted.
pub(super) fn admit_staff(
    tx: &mut (impl ReadStaff + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    requested: u32,
    now: Timestamp,
) -> Result<(), AdmissionError> {
    let limits = effective_limits(catalog, account, now)?;
    let active = tx.count_active_staff(account.id)?;
    let refused = |exceeded| Box::new(LimitRefusal::new(exceeded, catalog, None, None));
    rules::check_staff_limit(limits, active, requested).map_err(|it| AdmissionError::LimitExceeded(refused(it)))
}

/// Checks that `requested` more bookings are admitted on the day.
pub(super) fn admit_bookings(
    tx: &mut (impl ReadBookings + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    day: BusinessDay,
    requested: u32,
    now: Timestamp,
) -> Result<(), AdmissionError> {
    let limits = effective_limits(catalog, account, now)?;
    let booked = tx.count_bookings_on(account.id, day.date)?;
    let Err(exceeded) = rules::check_daily_booking_limit(limits, booked, requested) else { return Ok(()) };
    // The refusal suggests another day and another plan.
    let mut next_allowed_day = None;
    // A day with room is usually near, so a year of counters is seldom read.
    for days in [NEAR_DAYS, rules::LOOK_AHEAD_DAYS_MAX] {
        let last = rules::last_day_looked_at(day.date, days);
        let counted = tx.count_bookings_between(account.id, day.date, last)?;
        next_allowed_day = rules::next_allowed_day(&day, exceeded.usage.limit, requested, &counted, days);
        if next_allowed_day.is_some() {
            break;
        }
    }
    Err(AdmissionError::LimitExceeded(Box::new(LimitRefusal::new(exceeded, catalog, Some(day), next_allowed_day))))
}

fn effective_limits<'a>(
    catalog: &'a PlanCatalog,
    account: &'a Account,
    now: Timestamp,
) -> Result<EffectiveLimits<'a>, AdmissionError> {
    let plan = plan_of(catalog, rules::check_subscription(account, now)?)?;
    Ok(EffectiveLimits::new(plan, &account.overrides, now))
}
