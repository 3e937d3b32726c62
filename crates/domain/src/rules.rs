//! The rules: pure, total functions of values. This is the only code that compares usage with a
//! limit.

use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

pub use crate::plan_change::{change_plan, direction, takes_effect_at};
use crate::{Account, BusinessDay, EffectiveLimits, Limit, Metric, Plan, PlanCatalog, PlanKey, Usage};

/// The most days that [`next_allowed_day`] looks ahead.
pub const LOOK_AHEAD_DAYS_MAX: usize = 366;

/// The account has no plan. Creation requires one.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the account has no plan")]
pub struct SubscriptionRequired;

/// The limit, of the plan or of an override, would be exceeded.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
#[error("{}plan {plan} permits {} {}, {} are used, {requested} more were requested", if *.is_overridden { "an override of " } else { "" }, .usage.limit, .metric, .usage.used)]
pub struct LimitExceeded {
    /// The plan in force.
    pub plan: PlanKey,
    /// Whether the limit is an override, not the plan's.
    pub is_overridden: bool,
    /// The metric.
    pub metric: Metric,
    /// Used and permitted.
    pub usage: Usage,
    /// How much of the limit was granted beside the plan or the override.
    pub granted: u64,
    /// How many more were requested.
    pub requested: u64,
}

impl LimitExceeded {
    /// The sum of used and requested.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.usage.used.saturating_add(self.requested)
    }
}

/// Returns the plan of the account at `now`.
///
/// ```
/// use domain::{Account, AccountId, NewAccount, Timestamp, Uuid, rules};
///
/// let (id, now) = (AccountId::from_uuid(Uuid::nil()), Timestamp::UNIX_EPOCH);
/// let account = Account::new(id, NewAccount::parse(Some("My Salon"), None).unwrap(), now);
/// assert_eq!(rules::check_subscription(&account, now), Err(rules::SubscriptionRequired));
/// ```
///
/// # Errors
/// [`SubscriptionRequired`].
pub fn check_subscription(account: &Account, now: Timestamp) -> Result<&PlanKey, SubscriptionRequired> {
    account.subscription.as_ref().and_then(|subscription| subscription.plan_at(now)).ok_or(SubscriptionRequired)
}

/// Checks that a plan, or the [`EffectiveLimits`] of an account, permit `requested` more staff
/// members beside the `active` ones.
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
/// [`LimitExceeded`], if `active + requested` is greater than the limit.
pub fn check_staff_limit<'a>(
    limits: impl Into<EffectiveLimits<'a>>,
    active: u64,
    requested: u64,
) -> Result<(), LimitExceeded> {
    check_limit(limits.into(), &Metric::STAFF, active, requested)
}

/// Checks that a plan, or the [`EffectiveLimits`] of an account, permit `requested` more bookings
/// on a day that has `booked`.
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
/// [`LimitExceeded`], if `booked + requested` is greater than the limit.
pub fn check_daily_booking_limit<'a>(
    limits: impl Into<EffectiveLimits<'a>>,
    booked: u64,
    requested: u64,
) -> Result<(), LimitExceeded> {
    check_limit(limits.into(), &Metric::BOOKINGS_PER_DAY, booked, requested)
}

/// Checks that the effective limit of `metric` permits `requested` more beside the `used` ones.
///
/// # Errors
/// [`LimitExceeded`], if `used + requested` is greater than the limit.
pub fn check_limit(
    limits: EffectiveLimits<'_>,
    metric: &Metric,
    used: u64,
    requested: u64,
) -> Result<(), LimitExceeded> {
    let usage = Usage { used, limit: limits.limit(metric) };
    if usage.admits(requested) {
        Ok(())
    } else {
        let is_overridden = limits.override_of(metric).is_some();
        let (plan, granted) = (limits.plan.key.clone(), limits.granted(metric));
        Err(LimitExceeded { plan, is_overridden, metric: metric.clone(), usage, granted, requested })
    }
}

impl EffectiveLimits<'_> {
    /// Checks that `requested` more of the metric with the key `metric` are permitted beside the
    /// `used` ones. A metric that the plan does not name is limited to 0.
    ///
    /// ```
    /// use domain::{EffectiveLimits, PlanCatalog};
    ///
    /// let catalog = PlanCatalog::builtin();
    /// let limits = EffectiveLimits::from(catalog.find("basic").unwrap());
    /// assert!(limits.check("staff", 1, 1).is_ok());
    /// let refusal = limits.check("staff", 2, 1).unwrap_err();
    /// assert_eq!(refusal.usage.remaining(), Some(0));
    /// ```
    ///
    /// # Errors
    /// [`LimitExceeded`].
    ///
    /// # Panics
    /// If `metric` is not the text of a key: 1 to 64 of `a-z`, `0-9` and `_`.
    pub fn check(&self, metric: &str, used: u64, requested: u64) -> Result<(), LimitExceeded> {
        check_limit(*self, &metric.parse().expect("a metric's key is 1 to 64 of a-z, 0-9 and _"), used, requested)
    }
}

/// The plans that permit `total` of `metric`, the smallest first.
///
/// ```
/// use domain::{Metric, PlanCatalog, rules::plans_that_allow};
///
/// let catalog = PlanCatalog::builtin();
/// let plans: Vec<_> = plans_that_allow(&catalog, &Metric::STAFF, 3).map(|plan| plan.key.as_str()).collect();
/// assert_eq!(plans, ["pro"]);
/// ```
pub fn plans_that_allow<'a>(
    catalog: &'a PlanCatalog,
    metric: &'a Metric,
    total: u64,
) -> impl Iterator<Item = &'a Plan> {
    catalog.iter().filter(move |plan| plan.limit(metric).admits(total))
}

/// The first day after `day` on which `limit` permits `requested` more, within `days` days and
/// [`LOOK_AHEAD_DAYS_MAX`] at most. `counted` has the usage of these days, in ascending order; days
/// without bookings may be left out.
///
/// ```
/// use domain::{Limit, Zone, rules::next_allowed_day};
///
/// let today = Zone::UTC.day_of("2026-02-28T12:00:00Z".parse().unwrap());
/// let full_until_march_2 = [("2026-03-01".parse().unwrap(), 5), ("2026-03-02".parse().unwrap(), 5)];
/// let next = next_allowed_day(&today, Limit::AtMost(5), 1, &full_until_march_2, 366);
/// assert_eq!(next.unwrap().to_string(), "2026-03-03");
/// ```
#[must_use]
pub fn next_allowed_day(
    day: &BusinessDay,
    limit: Limit,
    requested: u64,
    counted: &[(Date, u64)],
    days: usize,
) -> Option<Date> {
    // If an empty day has no room, no day has.
    if !(Usage { used: 0, limit }).admits(requested) {
        return None;
    }
    let used = |date: Date| match counted.binary_search_by_key(&date, |(date, _)| *date) {
        Ok(index) => counted.get(index).map_or(0, |(_, used)| *used),
        Err(_) => 0,
    };
    days_after(day).take(days).find(|date| (Usage { used: used(*date), limit }).admits(requested))
}

/// The [`LOOK_AHEAD_DAYS_MAX`] days after `day` in its zone.
fn days_after(day: &BusinessDay) -> impl Iterator<Item = Date> {
    let days = std::iter::successors(Some(day.next()), |day| Some(day.next()));
    days.take(LOOK_AHEAD_DAYS_MAX).map(|day| day.date)
}

/// The last day that [`next_allowed_day`] may look at. It is a few days further than `days`,
/// because a zone may skip dates.
#[must_use]
pub fn last_day_looked_at(day: Date, days: usize) -> Date {
    let days = i64::try_from(days.min(LOOK_AHEAD_DAYS_MAX) + 3).unwrap_or(i64::MAX);
    day.saturating_add(jiff::Span::new().days(days))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{QUANTITY_MAX, Zone};
    use proptest::prelude::*;

    fn plan(staff: Limit, bookings_per_day: Limit) -> Plan {
        let basic = PlanCatalog::builtin().find("basic").unwrap().clone();
        basic.with_limit(Metric::STAFF, staff).with_limit(Metric::BOOKINGS_PER_DAY, bookings_per_day)
    }

    #[test]
    fn usage_below_at_and_above_a_limit() {
        for (limit, used, requested, permitted) in [
            (Limit::AtMost(0), 0, 0, true),
            (Limit::AtMost(0), 0, 1, false),
            (Limit::AtMost(5), 3, 1, true),
            (Limit::AtMost(5), 4, 1, true),
            (Limit::AtMost(5), 5, 1, false),
            (Limit::AtMost(5), 6, 1, false),
            (Limit::AtMost(5), 4, 2, false),
            (Limit::AtMost(5), 6, 0, false),
            (Limit::AtMost(QUANTITY_MAX), QUANTITY_MAX - 1, 1, true),
            (Limit::AtMost(u64::MAX), QUANTITY_MAX, 1, false),
            (Limit::Unlimited, QUANTITY_MAX - 1, 1, true),
            (Limit::Unlimited, QUANTITY_MAX, 1, false),
        ] {
            let staff = check_staff_limit(&plan(limit, Limit::AtMost(0)), used, requested);
            let bookings = check_daily_booking_limit(&plan(Limit::AtMost(0), limit), used, requested);
            assert_eq!((staff.is_ok(), bookings.is_ok()), (permitted, permitted), "{limit} {used} {requested}");
        }
    }

    #[test]
    fn a_refusal_names_the_limit() {
        let refusal = check_daily_booking_limit(&plan(Limit::Unlimited, Limit::AtMost(5)), 5, 1).unwrap_err();
        assert_eq!(refusal.to_string(), "plan basic permits 5 bookings_per_day, 5 are used, 1 more were requested");
        assert_eq!(refusal.total(), 6);
    }

    #[test]
    fn no_day_has_room_under_a_limit_of_zero() {
        let today = Zone::UTC.day_of("2026-01-01T00:00:00Z".parse().unwrap());
        assert_eq!(next_allowed_day(&today, Limit::AtMost(0), 1, &[], 366), None);
    }

    #[test]
    fn the_search_for_a_free_day_ends_after_366_days() {
        let today = Zone::UTC.day_of("2026-01-01T00:00:00Z".parse().unwrap());
        let full = |days| -> Vec<(Date, u64)> {
            std::iter::successors(Some(today.next().date), |day| day.tomorrow().ok())
                .take(days)
                .map(|day| (day, 1))
                .collect()
        };
        assert_eq!(next_allowed_day(&today, Limit::AtMost(1), 1, &full(366), 366), None);
        let last = "2027-01-02".parse().unwrap();
        assert_eq!(next_allowed_day(&today, Limit::AtMost(1), 1, &full(365), 366), Some(last));
        assert_eq!(next_allowed_day(&today, Limit::AtMost(1), 1, &full(365), 365), None);
        assert!(last_day_looked_at(today.date, 366) >= last);
    }

    proptest! {
        #[test]
        fn a_request_is_permitted_if_and_only_if_it_fits(
            used in 0..=QUANTITY_MAX,
            requested in 0..=QUANTITY_MAX,
            max in 0..=QUANTITY_MAX,
        ) {
            let permitted = check_staff_limit(&plan(Limit::AtMost(max), Limit::Unlimited), used, requested).is_ok();
            prop_assert_eq!(permitted, u128::from(used) + u128::from(requested) <= u128::from(max));
        }
    }

    #[test]
    fn plans_that_allow_a_total_come_smallest_first() {
        let catalog = PlanCatalog::builtin();
        for (total, expected) in [(2, &["basic", "pro"][..]), (3, &["pro"]), (5, &["pro"]), (6, &[])] {
            let plans = plans_that_allow(&catalog, &Metric::STAFF, total);
            assert_eq!(plans.map(|plan| plan.key.as_str()).collect::<Vec<_>>(), expected, "{total}");
        }
    }

    #[test]
    fn the_days_looked_at_end_three_days_after_those_asked_for() {
        let day = jiff::civil::date(2026, 1, 1);
        assert_eq!(last_day_looked_at(day, 0).to_string(), "2026-01-04");
        assert_eq!(last_day_looked_at(day, 10).to_string(), "2026-01-14");
        let furthest = last_day_looked_at(day, usize::MAX);
        assert_eq!(furthest, last_day_looked_at(day, LOOK_AHEAD_DAYS_MAX));
    }
}
