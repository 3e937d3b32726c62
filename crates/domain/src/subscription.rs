//! Subscriptions: the plan of an account, changes of plan, and billing periods.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

use crate::words::words;
use crate::{
    FaultReason, Faults, Notes, Plan, PlanCatalog, PlanKey, Span, SubscriptionChangeId, SubscriptionId, UserId, Zone,
};

/// The subscription of an account to a plan, with its scheduled change, if any.
///
/// No job applies a scheduled change when it is due. The stored subscription stays as it is, and
/// [`Subscription::plan_at`] and [`Subscription::settle`] compute its state at an instant.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Subscription {
    /// The id. It stays the same when the plan changes.
    pub id: SubscriptionId,
    /// The plan.
    pub plan: PlanKey,
    /// When the account subscribed. Billing periods begin on this day of the month.
    pub created_at: Timestamp,
    /// When the account came to this plan.
    pub plan_since: Timestamp,
    /// The scheduled change, if any.
    pub scheduled: Option<ScheduledChange>,
}

/// A change that takes effect at a later instant.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct ScheduledChange {
    /// The id that the change gets in the history.
    pub id: SubscriptionChangeId,
    /// The new plan; `None` ends the subscription.
    pub to: Option<PlanKey>,
    /// When it takes effect.
    pub at: Timestamp,
    /// The request for it.
    pub requested: Requested,
}

/// The request for a change.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Requested {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// The reason, as given.
    pub reason: Option<Notes>,
}

/// An entry of a subscription's history: a change that has taken effect.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct SubscriptionChange {
    /// The id.
    pub id: SubscriptionChangeId,
    /// The plan before; `None` if the subscription started.
    pub from: Option<PlanKey>,
    /// The plan after; `None` if the subscription ended.
    pub to: Option<PlanKey>,
    /// When it took effect.
    pub at: Timestamp,
    /// The request for it.
    pub requested: Requested,
}

words!(
    /// When a change takes effect.
    Timing {
        /// Immediately.
        Immediate = "immediate",
        /// At the end of the current billing period.
        PeriodEnd = "period_end",
    }
);

words!(
    /// What to do if the account uses more than the new plan permits.
    OverLimit {
        /// Change the plan. What exists stays; creation is refused until usage is below the limit.
        Keep = "keep",
        /// Refuse the change.
        Reject = "reject",
    }
);

words!(
    /// The direction of a change of plan.
    Direction {
        /// The account had no plan.
        Start = "start",
        /// To a later plan of the catalogue.
        Upgrade = "upgrade",
        /// To an earlier plan of the catalogue.
        Downgrade = "downgrade",
        /// The account is on the plan already.
        Same = "same",
    }
);

/// A parsed request to subscribe to a plan. The plan has not been looked up in the catalogue yet.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlanChoice {
    /// The plan's key, in any letter case.
    pub plan: String,
    /// When.
    pub timing: Timing,
    /// What to do if usage is above its limits.
    pub over_limit: OverLimit,
    /// Why.
    pub reason: Option<Notes>,
}

impl PlanChoice {
    /// Parses a choice. The default timing is immediate, the default for usage above the limits is
    /// to keep it.
    ///
    /// # Errors
    /// All faults in the fields.
    pub fn parse(
        plan: Option<&str>,
        timing: Option<&str>,
        over_limit: Option<&str>,
        reason: Option<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let plan = faults.take("plan", plan.map(str::to_owned).ok_or(FaultReason::Required));
        let over_limit = over_limit.map(|word| word.parse().map_err(|_| one_of(OverLimit::WORDS)));
        let over_limit = faults.take_optional("over_limit", over_limit);
        let ending = faults.collect(Ending::parse(timing, reason));
        match (plan, over_limit, ending) {
            (Some(plan), Some(over_limit), Some(Ending { timing, reason })) => {
                Ok(Self { plan, timing, over_limit: over_limit.unwrap_or(OverLimit::Keep), reason })
            }
            _ => Err(faults),
        }
    }
}

/// A parsed request to end a subscription.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ending {
    /// When.
    pub timing: Timing,
    /// Why.
    pub reason: Option<Notes>,
}

impl Ending {
    /// Parses the timing, immediate by default, and the reason.
    ///
    /// # Errors
    /// All faults in the fields.
    pub fn parse(timing: Option<&str>, reason: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let timing = timing.map(|word| word.parse().map_err(|_| one_of(Timing::WORDS)));
        let timing = faults.take_optional("timing", timing);
        let reason = faults.take_optional("reason", reason.map(Notes::parse));
        match (timing, reason) {
            (Some(timing), Some(reason)) => Ok(Self { timing: timing.unwrap_or(Timing::Immediate), reason }),
            _ => Err(faults),
        }
    }
}

const fn one_of(words: &'static str) -> FaultReason {
    FaultReason::NotOneOf { words }
}

impl Subscription {
    /// The plan in force at `now`; `None` after the subscription has ended.
    #[must_use]
    pub fn plan_at(&self, now: Timestamp) -> Option<&PlanKey> {
        match &self.scheduled {
            Some(change) if change.at <= now => change.to.as_ref(),
            _ => Some(&self.plan),
        }
    }

    /// The subscription at `now`, and the scheduled change that has taken effect by then, if any.
    #[must_use]
    pub fn settle(self, now: Timestamp) -> (Option<Self>, Option<SubscriptionChange>) {
        let Some(due) = self.scheduled.as_ref().filter(|change| change.at <= now).cloned() else {
            return (Some(self), None);
        };
        let ScheduledChange { id, to, at, requested } = due;
        let change = SubscriptionChange { id, from: Some(self.plan.clone()), to: to.clone(), at, requested };
        (to.map(|plan| Self { plan, plan_since: at, scheduled: None, ..self }), Some(change))
    }

    /// The billing period at `now`, a month in the account's zone. It begins at midnight on the day
    /// of the month on which the account subscribed, or on the last day of a shorter month.
    ///
    /// ```
    /// use domain::{PlanKey, Subscription, SubscriptionId, Uuid, Zone};
    ///
    /// let created_at = "2026-01-31T12:00:00Z".parse().unwrap();
    /// let id = SubscriptionId::from_uuid(Uuid::nil());
    /// let plan: PlanKey = "basic".parse().unwrap();
    /// let subscription = Subscription { id, plan, created_at, plan_since: created_at, scheduled: None };
    /// let period = subscription.period_at(&Zone::UTC, "2026-03-01T00:00:00Z".parse().unwrap());
    /// assert_eq!(period.start.to_string(), "2026-02-28T00:00:00Z");
    /// assert_eq!(period.end.to_string(), "2026-03-31T00:00:00Z");
    /// ```
    #[must_use]
    pub fn period_at(&self, zone: &Zone, now: Timestamp) -> Span {
        let (anchor, months) = self.months_at(zone, now);
        let midnight = |months| zone.day(month_after(anchor, months)).start;
        Span { start: midnight(months), end: midnight(months + 1) }
    }

    /// The label of the billing period at `now`: the day on which it would begin in UTC. Unlike its
    /// [span](Self::period_at), it stays the same when the account's time zone changes.
    pub(crate) fn period_label_at(&self, zone: &Zone, now: Timestamp) -> Date {
        let (_, months) = self.months_at(zone, now);
        month_after(Offset::UTC.to_datetime(self.created_at).date(), months)
    }

    /// The day of subscribing, and the number of billing periods that have passed since then.
    fn months_at(&self, zone: &Zone, now: Timestamp) -> (Date, i32) {
        let anchor = zone.day_of(self.created_at).date;
        let today = zone.day_of(now.max(self.created_at)).date;
        let months = i32::from(today.year() - anchor.year()) * 12 + i32::from(today.month() - anchor.month());
        (anchor, if month_after(anchor, months) <= today { months } else { months - 1 })
    }
}

/// The same day of the month so many months later, or the last day of a shorter month.
fn month_after(date: Date, months: i32) -> Date {
    date.checked_add(months.months()).unwrap_or(Date::MAX)
}

/// The outcome of a request to subscribe to a plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PlanChange {
    /// The account had no subscription. This one has started.
    Started(Subscription),
    /// The plan has changed.
    Changed(Subscription),
    /// The plan will change later.
    Scheduled(Subscription),
    /// The account is on that plan already: nothing changes.
    Unchanged(Subscription),
}

impl PlanChange {
    /// The resulting subscription.
    #[must_use]
    pub const fn subscription(&self) -> &Subscription {
        match self {
            Self::Started(it) | Self::Changed(it) | Self::Scheduled(it) | Self::Unchanged(it) => it,
        }
    }

    /// The entry for the history, if the change has taken effect.
    #[must_use]
    pub fn effect(
        &self,
        from: Option<&PlanKey>,
        id: SubscriptionChangeId,
        requested: Requested,
    ) -> Option<SubscriptionChange> {
        match self {
            Self::Started(it) | Self::Changed(it) => {
                let (from, to, at) = (from.cloned(), Some(it.plan.clone()), it.plan_since);
                Some(SubscriptionChange { id, from, to, at, requested })
            }
            Self::Scheduled(_) | Self::Unchanged(_) => None,
        }
    }
}

/// The ids for a change of plan, and the request for it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewChange {
    /// The id for a subscription that starts.
    pub subscription_id: SubscriptionId,
    /// The id of the change in the history.
    pub id: SubscriptionChangeId,
    /// The request.
    pub requested: Requested,
}

/// When a change takes effect: at the end of the billing period, or immediately. Without a
/// subscription, it is always immediate.
#[must_use]
pub fn takes_effect_at(current: Option<&Subscription>, timing: Timing, zone: &Zone, now: Timestamp) -> Timestamp {
    match (current, timing) {
        (Some(current), Timing::PeriodEnd) => current.period_at(zone, now).end,
        (_, Timing::Immediate) | (None, _) => now,
    }
}

/// Decides how to change to `plan` at `at`, which is now or later. Existing staff and bookings are
/// never touched, even above the new limits: only creation is refused. The change replaces a
/// scheduled one.
///
/// ```
/// use domain::rules::change_plan;
/// use domain::{NewChange, PlanCatalog, PlanChange, Requested, SubscriptionChangeId, SubscriptionId, Timestamp, UserId, Uuid};
///
/// let (catalog, now) = (PlanCatalog::builtin(), Timestamp::UNIX_EPOCH);
/// let new = NewChange {
///     subscription_id: SubscriptionId::from_uuid(Uuid::nil()),
///     id: SubscriptionChangeId::from_uuid(Uuid::nil()),
///     requested: Requested { by: UserId::from_uuid(Uuid::nil()), at: now, reason: None },
/// };
/// let started = change_plan(None, catalog.find("basic").unwrap(), now, &new);
/// let PlanChange::Started(basic) = started else { panic!("the first plan starts a subscription") };
/// let again = change_plan(Some(&basic), catalog.find("basic").unwrap(), now, &new);
/// assert_eq!(again, PlanChange::Unchanged(basic));
/// ```
#[must_use]
pub fn change_plan(current: Option<&Subscription>, plan: &Plan, at: Timestamp, new: &NewChange) -> PlanChange {
    let (plan, requested) = (&plan.key, &new.requested);
    match current {
        None => PlanChange::Started(Subscription {
            id: new.subscription_id,
            plan: plan.clone(),
            created_at: at,
            plan_since: at,
            scheduled: None,
        }),
        Some(current) if current.plan == *plan => PlanChange::Unchanged(current.clone()),
        Some(current) if requested.at < at => {
            let scheduled = ScheduledChange { id: new.id, to: Some(plan.clone()), at, requested: requested.clone() };
            PlanChange::Scheduled(Subscription { scheduled: Some(scheduled), ..current.clone() })
        }
        Some(current) => {
            // If the clock was set back, the plan still does not begin before the last one.
            let plan_since = at.max(current.plan_since);
            PlanChange::Changed(Subscription { plan: plan.clone(), plan_since, scheduled: None, ..current.clone() })
        }
    }
}

/// The direction of a change from one plan to another.
#[must_use]
pub fn direction(catalog: &PlanCatalog, from: Option<&PlanKey>, to: &PlanKey) -> Direction {
    match from {
        None => Direction::Start,
        Some(from) if from == to => Direction::Same,
        Some(from) if catalog.rank(from) < catalog.rank(to) => Direction::Upgrade,
        Some(_) => Direction::Downgrade,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Uuid;

    fn instant(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn change(current: Option<&Subscription>, plan: &str, now: &str, at: &str) -> PlanChange {
        let new = NewChange {
            subscription_id: SubscriptionId::from_uuid(Uuid::nil()),
            id: SubscriptionChangeId::from_uuid(Uuid::nil()),
            requested: Requested { by: UserId::from_uuid(Uuid::nil()), at: instant(now), reason: None },
        };
        change_plan(current, PlanCatalog::builtin().find(plan).unwrap(), instant(at), &new)
    }

    fn changed(current: Option<&Subscription>, plan: &str, at: &str) -> Subscription {
        change(current, plan, at, at).subscription().clone()
    }

    #[test]
    fn a_plan_does_not_begin_before_the_one_it_follows() {
        let basic = changed(None, "basic", "2026-03-01T12:00:00Z");
        let pro = changed(Some(&basic), "pro", "2026-03-01T11:59:59Z");
        assert_eq!((pro.plan.as_str(), pro.plan_since, pro.created_at), ("pro", basic.plan_since, basic.created_at));
        let later = changed(Some(&pro), "basic", "2026-04-01T00:00:00Z");
        assert_eq!(later.plan_since.to_string(), "2026-04-01T00:00:00Z");
    }

    #[test]
    fn a_scheduled_change_takes_effect_at_its_instant_and_not_before() {
        let basic = changed(None, "basic", "2026-03-01T12:00:00Z");
        let scheduled = change(Some(&basic), "pro", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z");
        let PlanChange::Scheduled(scheduled) = scheduled else { panic!("{scheduled:?}") };
        let (before, at) = (instant("2026-03-31T23:59:59.999999Z"), instant("2026-04-01T00:00:00Z"));
        assert_eq!(scheduled.plan_at(before).unwrap().as_str(), "basic");
        assert_eq!(scheduled.clone().settle(before), (Some(scheduled.clone()), None));
        assert_eq!(scheduled.plan_at(at).unwrap().as_str(), "pro");
        let (settled, effect) = scheduled.clone().settle(instant("2027-01-01T00:00:00Z"));
        let (settled, effect) = (settled.unwrap(), effect.unwrap());
        assert_eq!((settled.plan.as_str(), settled.plan_since, settled.scheduled), ("pro", at, None));
        assert_eq!((effect.from, effect.to, effect.at), (Some(basic.plan), Some(settled.plan), at));
    }

    #[test]
    fn a_scheduled_end_leaves_no_plan() {
        let basic = changed(None, "basic", "2026-03-01T12:00:00Z");
        let at = instant("2026-04-01T00:00:00Z");
        let requested = Requested { by: UserId::from_uuid(Uuid::nil()), at: basic.created_at, reason: None };
        let scheduled = ScheduledChange { id: SubscriptionChangeId::from_uuid(Uuid::nil()), to: None, at, requested };
        let ending = Subscription { scheduled: Some(scheduled), ..basic };
        assert_eq!(ending.plan_at(at), None);
        assert!(matches!(ending.settle(at), (None, Some(SubscriptionChange { to: None, .. }))));
    }

    #[test]
    fn a_newer_change_takes_the_place_of_a_scheduled_one() {
        let basic = changed(None, "basic", "2026-03-01T12:00:00Z");
        let scheduled = change(Some(&basic), "pro", "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z");
        let pro = changed(Some(scheduled.subscription()), "pro", "2026-03-03T00:00:00Z");
        assert_eq!((pro.plan.as_str(), pro.scheduled), ("pro", None));
        let unchanged = change(Some(scheduled.subscription()), "basic", "2026-03-03T00:00:00Z", "2026-03-03T00:00:00Z");
        assert_eq!(&unchanged, &PlanChange::Unchanged(scheduled.subscription().clone()));
    }

    #[test]
    fn months_are_anchored_on_the_day_of_subscribing() {
        for (created_at, zone, now, start, end) in [
            ("2026-01-31T12:00:00Z", "UTC", "2026-01-31T12:00:00Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"),
            ("2026-01-31T12:00:00Z", "UTC", "2026-02-27T23:59:59Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"),
            ("2026-01-31T12:00:00Z", "UTC", "2026-02-28T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z"),
            ("2026-01-31T12:00:00Z", "UTC", "2028-02-29T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z"),
            ("2024-02-29T12:00:00Z", "UTC", "2025-02-28T00:00:00Z", "2025-02-28T00:00:00Z", "2025-03-29T00:00:00Z"),
            ("2026-12-15T12:00:00Z", "UTC", "2027-01-14T12:00:00Z", "2026-12-15T00:00:00Z", "2027-01-15T00:00:00Z"),
            // Already the 29th in Berlin, where clocks go forward on 29 March and back on 25
            // October.
            (
                "2026-03-28T23:00:00Z",
                "Europe/Berlin",
                "2026-10-28T22:59:59Z",
                "2026-09-28T22:00:00Z",
                "2026-10-28T23:00:00Z",
            ),
            // The clock was set back: the first month.
            ("2026-01-31T12:00:00Z", "UTC", "2025-06-01T00:00:00Z", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z"),
            // Apia had no 30 December 2011.
            (
                "2011-11-30T12:00:00Z",
                "Pacific/Apia",
                "2011-12-30T09:00:00Z",
                "2011-11-30T10:00:00Z",
                "2011-12-30T10:00:00Z",
            ),
        ] {
            let subscription = changed(None, "basic", created_at);
            let period = subscription.period_at(&Zone::parse(zone).unwrap(), instant(now));
            assert_eq!((period.start, period.end), (instant(start), instant(end)), "{created_at} {zone} {now}");
        }
    }

    #[test]
    fn a_change_of_plan_has_a_direction() {
        let (catalog, key) = (PlanCatalog::builtin(), |plan: &str| plan.parse::<PlanKey>().unwrap());
        for (from, to, expected) in [
            (None, "basic", Direction::Start),
            (Some("basic"), "basic", Direction::Same),
            (Some("pro"), "pro", Direction::Same),
            (Some("basic"), "pro", Direction::Upgrade),
            (Some("pro"), "basic", Direction::Downgrade),
            // A plan that is not offered any more ranks below all others.
            (Some("gone"), "basic", Direction::Upgrade),
            (Some("gone"), "also-gone", Direction::Downgrade),
        ] {
            assert_eq!(direction(&catalog, from.map(key).as_ref(), &key(to)), expected, "{from:?} to {to}");
        }
    }

    #[test]
    fn a_change_takes_effect_at_once_or_at_the_end_of_the_period() {
        let (now, zone) = (instant("2026-03-15T12:00:00Z"), Zone::UTC);
        let basic = changed(None, "basic", "2026-03-01T12:00:00Z");
        for (current, timing, expected) in [
            (None, Timing::Immediate, now),
            (None, Timing::PeriodEnd, now),
            (Some(&basic), Timing::Immediate, now),
            (Some(&basic), Timing::PeriodEnd, instant("2026-04-01T00:00:00Z")),
        ] {
            assert_eq!(takes_effect_at(current, timing, &zone, now), expected, "{timing:?}");
        }
    }

    #[test]
    fn the_history_has_changes_that_have_taken_effect() {
        let at = "2026-03-01T12:00:00Z";
        let requested = Requested { by: UserId::from_uuid(Uuid::nil()), at: instant(at), reason: None };
        let id = SubscriptionChangeId::from_uuid(Uuid::nil());
        let started = change(None, "basic", at, at);
        let effect = started.effect(None, id, requested.clone()).unwrap();
        assert_eq!((effect.from, effect.to.unwrap().as_str(), effect.at), (None, "basic", instant(at)));
        let unchanged = change(Some(started.subscription()), "basic", at, at);
        assert_eq!(unchanged.effect(None, id, requested), None);
    }
}
