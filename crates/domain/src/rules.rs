//! The rules: pure, total functions of values. No adapter and no SQL ever compares usage with a limit; this does.

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

pub use crate::subscription::{change_plan, direction, takes_effect_at};
use crate::{Account, BusinessDay, Limit, Metric, Plan, PlanCatalog, PlanKey, Terms, Usage};

/// How far ahead [`next_allowed_day`] looks, in days.
pub const LOOK_AHEAD_DAYS_MAX: usize = 366;

/// The account is on no plan, and nothing can be created without one.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the account is on no plan")]
pub struct SubscriptionRequired;

/// The plan, or what takes the place of its limit, permits no more.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[error("{}plan {plan} permits {} {}, {} are used, {requested} more were requested", if *.is_overridden { "an override of " } else { "" }, .usage.limit, .metric.as_str(), .usage.used)]
pub struct LimitExceeded {
    /// The plan in force.
    pub plan: PlanKey,
    /// Whether the limit is one of the account's own, and not the plan's.
    pub is_overridden: bool,
    /// What is limited.
    pub metric: Metric,
    /// How much of it is used of how much.
    pub usage: Usage,
    /// How many more were requested.
    pub requested: u32,
}

impl LimitExceeded {
    /// How many there would have been.
    #[must_use]
    pub fn total(&self) -> u64 {
        u64::from(self.usage.used) + u64::from(self.requested)
    }
}

/// Whether the account is on a plan at `now`, and which.
///
/// ```
/// use domain::{Account, AccountId, NewAccount, Timestamp, Uuid, rules};
///
/// let NewAccount { name, zone } = NewAccount::parse(Some("My Salon"), None).unwrap();
/// let (id, now) = (AccountId::from_uuid(Uuid::nil()), Timestamp::UNIX_EPOCH);
/// let account =
///     Account { id, name, zone, subscription: None, overrides: Vec::new(), created_at: now, deleted_at: None };
/// assert_eq!(rules::check_subscription(&account, now), Err(rules::SubscriptionRequired));
/// ```
///
/// # Errors
/// [`SubscriptionRequired`].
pub fn check_subscription(account: &Account, now: Timestamp) -> Result<&PlanKey, SubscriptionRequired> {
    account.subscription.as_ref().and_then(|subscription| subscription.plan_at(now)).ok_or(SubscriptionRequired)
}

/// Whether a plan, or the [`Terms`] of an account, permit `requested` more staff members beside the `active` ones.
///
/// ```
/// use domain::{PlanCatalog, rules::check_staff_limit};
///
/// let catalog = PlanCatalog::builtin();
/// let basic = catalog.find("basic").unwrap();
/// assert!(check_staff_limit(basic, 1, 1).is_ok());
/// let refusal = check_staff_limit(basic, 2, 1).unwrap_err();
/// assert_eq!(refusal.usage.remaining(), Some(0));
/// ```
///
/// # Errors
/// [`LimitExceeded`], when they would be more than the plan's staff limit together.
pub fn check_staff_limit<'a>(terms: impl Into<Terms<'a>>, active: u32, requested: u32) -> Result<(), LimitExceeded> {
    check_limit(terms.into(), Metric::Staff, active, requested)
}

/// Whether a plan, or the [`Terms`] of an account, permit `requested` more bookings on a day that has `booked` of them.
///
/// ```
/// use domain::{PlanCatalog, rules::check_daily_booking_limit};
///
/// let catalog = PlanCatalog::builtin();
/// assert!(check_daily_booking_limit(catalog.find("basic").unwrap(), 5, 1).is_err());
/// assert!(check_daily_booking_limit(catalog.find("pro").unwrap(), 5, 1).is_ok());
/// ```
///
/// # Errors
/// [`LimitExceeded`], when they would be more than the plan's bookings a day together.
pub fn check_daily_booking_limit<'a>(
    terms: impl Into<Terms<'a>>,
    booked: u32,
    requested: u32,
) -> Result<(), LimitExceeded> {
    check_limit(terms.into(), Metric::BookingsPerDay, booked, requested)
}

fn check_limit(terms: Terms<'_>, metric: Metric, used: u32, requested: u32) -> Result<(), LimitExceeded> {
    let usage = Usage { used, limit: terms.limit(metric) };
    if usage.admits(requested) {
        Ok(())
    } else {
        let is_overridden = terms.override_of(metric).is_some();
        Err(LimitExceeded { plan: terms.plan.key.clone(), is_overridden, metric, usage, requested })
    }
}

/// The plans that permit `total` of `metric`, the smallest first.
///
/// ```
/// use domain::{Metric, PlanCatalog, rules::plans_that_allow};
///
/// let catalog = PlanCatalog::builtin();
/// let plans: Vec<_> = plans_that_allow(&catalog, Metric::Staff, 3).map(|plan| plan.key.as_str()).collect();
/// assert_eq!(plans, ["pro"]);
/// ```
pub fn plans_that_allow(catalog: &PlanCatalog, metric: Metric, total: u64) -> impl Iterator<Item = &Plan> {
    catalog.iter().filter(move |plan| plan.limit(metric).admits(total))
}

/// The first day after `day` on which `requested` more fit under `limit`, looked up to [`LOOK_AHEAD_DAYS_MAX`] days
/// ahead; `None` when there is none. `count` tells how many a day has.
///
/// ```
/// use domain::{Limit, Zone, rules::next_allowed_day};
///
/// let today = Zone::UTC.day_of("2026-02-28T12:00:00Z".parse().unwrap());
/// let full_until_march_2 = |day: domain::Date| Ok::<_, ()>(if day.day() <= 2 { 5 } else { 0 });
/// let next = next_allowed_day(&today, Limit::AtMost(5), 1, full_until_march_2).unwrap();
/// assert_eq!(next.unwrap().to_string(), "2026-03-03");
/// ```
///
/// # Errors
/// The first error of `count`.
pub fn next_allowed_day<E>(
    day: &BusinessDay,
    limit: Limit,
    requested: u32,
    mut count: impl FnMut(Date) -> Result<u32, E>,
) -> Result<Option<Date>, E> {
    // An empty day has no room: no day has.
    if !(Usage { used: 0, limit }).admits(requested) {
        return Ok(None);
    }
    for day in std::iter::successors(Some(day.next()), |day| Some(day.next())).take(LOOK_AHEAD_DAYS_MAX) {
        if (Usage { used: count(day.date)?, limit }).admits(requested) {
            return Ok(Some(day.date));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Zone;
    use proptest::prelude::*;

    fn plan(staff: Limit, bookings_per_day: Limit) -> Plan {
        Plan { staff, bookings_per_day, ..PlanCatalog::builtin().find("basic").unwrap().clone() }
    }

    #[test]
    fn one_below_at_and_above_a_limit() {
        for (limit, used, requested, permitted) in [
            (Limit::AtMost(0), 0, 0, true),
            (Limit::AtMost(0), 0, 1, false),
            (Limit::AtMost(5), 3, 1, true),
            (Limit::AtMost(5), 4, 1, true),
            (Limit::AtMost(5), 5, 1, false),
            (Limit::AtMost(5), 6, 1, false),
            (Limit::AtMost(5), 4, 2, false),
            (Limit::AtMost(5), 6, 0, false),
            (Limit::AtMost(u32::MAX), u32::MAX, 1, false),
            (Limit::Unlimited, u32::MAX, u32::MAX, true),
        ] {
            let staff = check_staff_limit(&plan(limit, Limit::AtMost(0)), used, requested);
            let bookings = check_daily_booking_limit(&plan(Limit::AtMost(0), limit), used, requested);
            assert_eq!((staff.is_ok(), bookings.is_ok()), (permitted, permitted), "{limit} {used} {requested}");
        }
    }

    #[test]
    fn a_refusal_says_which_limit_it_met() {
        let refusal = check_daily_booking_limit(&plan(Limit::Unlimited, Limit::AtMost(5)), 5, 1).unwrap_err();
        assert_eq!(refusal.to_string(), "plan basic permits 5 bookings_per_day, 5 are used, 1 more were requested");
        assert_eq!(refusal.total(), 6);
    }

    #[test]
    fn no_day_has_room_under_a_limit_of_zero_and_none_is_asked() {
        let today = Zone::UTC.day_of("2026-01-01T00:00:00Z".parse().unwrap());
        let next = next_allowed_day(&today, Limit::AtMost(0), 1, |_| Err::<u32, _>("asked"));
        assert_eq!(next, Ok(None));
    }

    #[test]
    fn the_search_for_a_free_day_ends_after_366_days() {
        let today = Zone::UTC.day_of("2026-01-01T00:00:00Z".parse().unwrap());
        let mut asked = 0;
        let next = next_allowed_day(&today, Limit::AtMost(1), 1, |_| {
            asked += 1;
            Ok::<_, ()>(1)
        });
        assert_eq!((next, asked), (Ok(None), 366));
    }

    proptest! {
        #[test]
        fn what_is_permitted_fits_and_what_is_refused_does_not(used: u32, requested: u32, max: u32) {
            let permitted = check_staff_limit(&plan(Limit::AtMost(max), Limit::Unlimited), used, requested).is_ok();
            prop_assert_eq!(permitted, u64::from(used) + u64::from(requested) <= u64::from(max));
        }
    }
}
