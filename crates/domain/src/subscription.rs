//! A subscription: which plan an account is on, what changing it means, and the months it is counted in.

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};

use crate::words::words;
use crate::{
    FaultReason, Faults, Notes, Plan, PlanCatalog, PlanKey, SubscriptionChangeId, SubscriptionId, UserId, Zone,
};

/// The plan that an account is on, and the change that is to come, if any.
///
/// Nobody has to be there when the time of a scheduled change comes: what is stored stays as it is, and
/// [`Subscription::plan_at`] and [`Subscription::settle`] tell what it means at an instant.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Subscription {
    /// Its id, the same through every change of plan.
    pub id: SubscriptionId,
    /// The plan.
    pub plan: PlanKey,
    /// When the account subscribed. The months of the subscription begin on the day of this.
    pub created_at: Timestamp,
    /// Since when it is on this plan.
    pub plan_since: Timestamp,
    /// What is to happen to it.
    pub scheduled: Option<ScheduledChange>,
}

/// A change that is to take effect at an instant to come.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct ScheduledChange {
    /// The id that the change has in the subscription's history once it has taken effect.
    pub id: SubscriptionChangeId,
    /// The plan from then on; `None` ends the subscription.
    pub to: Option<PlanKey>,
    /// When it takes effect.
    pub at: Timestamp,
    /// Who requested it, when and why.
    pub requested: Requested,
}

/// Who requested a change, when and why.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Requested {
    /// Who.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Why, in their words.
    pub reason: Option<Notes>,
}

/// A change that has taken effect: an entry of a subscription's history.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct SubscriptionChange {
    /// Its id.
    pub id: SubscriptionChangeId,
    /// The plan before; `None` where there was none.
    pub from: Option<PlanKey>,
    /// The plan from then on; `None` where the subscription ended.
    pub to: Option<PlanKey>,
    /// When it took effect.
    pub at: Timestamp,
    /// Who requested it, when and why.
    pub requested: Requested,
}

words!(
    /// When a change is to take effect.
    Timing {
        /// At once.
        Immediate = "immediate",
        /// When the subscription's present month ends.
        PeriodEnd = "period_end",
    }
);

words!(
    /// What to do about a plan that permits less than there is.
    OverLimit {
        /// Change to it. What exists stays, and nothing is created until it fits again.
        Keep = "keep",
        /// Refuse.
        Reject = "reject",
    }
);

words!(
    /// What a change of plan is to whoever pays for it.
    Direction {
        /// The account was on no plan.
        Start = "start",
        /// To a plan that comes later in the catalogue.
        Upgrade = "upgrade",
        /// To a plan that comes earlier.
        Downgrade = "downgrade",
        /// The account is on that plan already.
        Same = "same",
    }
);

/// A request to be on a plan, as it was parsed. Whether there is such a plan is for the catalogue to say.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlanChoice {
    /// The plan's key, in any letter case.
    pub plan: String,
    /// When.
    pub timing: Timing,
    /// What if there is more than it permits.
    pub over_limit: OverLimit,
    /// Why.
    pub reason: Option<Notes>,
}

impl PlanChoice {
    /// Reads a choice; what is left out is at once, and keeps what exists.
    ///
    /// # Errors
    /// Every fault in the fields.
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

/// A request to end a subscription, as it was parsed.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ending {
    /// When.
    pub timing: Timing,
    /// Why.
    pub reason: Option<Notes>,
}

impl Ending {
    /// Reads when and why; at once, if left out.
    ///
    /// # Errors
    /// Every fault in the fields.
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
    /// The plan that is in force at `now`; `None` once a change has ended the subscription.
    #[must_use]
    pub fn plan_at(&self, now: Timestamp) -> Option<&PlanKey> {
        match &self.scheduled {
            Some(change) if change.at <= now => change.to.as_ref(),
            _ => Some(&self.plan),
        }
    }

    /// What has become of the subscription by `now`, and the scheduled change that made it so, if one has taken effect.
    #[must_use]
    pub fn settle(self, now: Timestamp) -> (Option<Self>, Option<SubscriptionChange>) {
        let Some(due) = self.scheduled.as_ref().filter(|change| change.at <= now).cloned() else {
            return (Some(self), None);
        };
        let ScheduledChange { id, to, at, requested } = due;
        let change = SubscriptionChange { id, from: Some(self.plan.clone()), to: to.clone(), at, requested };
        (to.map(|plan| Self { plan, plan_since: at, scheduled: None, ..self }), Some(change))
    }

    /// The month of the subscription that `now` lies in: from the midnight that begins the day of the month on which the
    /// account subscribed, in its zone, up to the next. A month without that day has its last one in its place.
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
    pub fn period_at(&self, zone: &Zone, now: Timestamp) -> Period {
        let anchor = zone.day_of(self.created_at).date;
        let today = zone.day_of(now.max(self.created_at)).date;
        let months = i32::from(today.year() - anchor.year()) * 12 + i32::from(today.month() - anchor.month());
        let months = if month_after(anchor, months) <= today { months } else { months - 1 };
        let midnight = |months| zone.day(month_after(anchor, months)).start;
        Period { start: midnight(months), end: midnight(months + 1) }
    }
}

/// A span of time, from `start` up to and not including `end`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Period {
    /// Its first instant.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

/// The same day so many months later, or the last of that month where it has no such day.
fn month_after(date: Date, months: i32) -> Date {
    date.checked_add(months.months()).unwrap_or(Date::MAX)
}

/// What became of a request to be on a plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PlanChange {
    /// The account had no subscription and has this one now.
    Started(Subscription),
    /// The account was on another plan.
    Changed(Subscription),
    /// The account will be on that plan later.
    Scheduled(Subscription),
    /// The account is on that plan already: nothing changes.
    Unchanged(Subscription),
}

impl PlanChange {
    /// The subscription as it is afterwards.
    #[must_use]
    pub const fn subscription(&self) -> &Subscription {
        match self {
            Self::Started(it) | Self::Changed(it) | Self::Scheduled(it) | Self::Unchanged(it) => it,
        }
    }

    /// What the subscription's history says of it, if it has taken effect.
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

/// The ids that a change of plan needs, and who requests it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewChange {
    /// Names the subscription, if there is none yet.
    pub subscription_id: SubscriptionId,
    /// Names the change in the history.
    pub id: SubscriptionChangeId,
    /// Who requests it, when and why.
    pub requested: Requested,
}

/// When a change of this timing takes effect: at the end of the present period, or at once, as it does where there is no
/// subscription whose period could end.
#[must_use]
pub fn takes_effect_at(current: Option<&Subscription>, timing: Timing, zone: &Zone, now: Timestamp) -> Timestamp {
    match (current, timing) {
        (Some(current), Timing::PeriodEnd) => current.period_at(zone, now).end,
        (_, Timing::Immediate) | (None, _) => now,
    }
}

/// Decides what it takes to be on `plan` from `at` on, which is now or to come. Staff and bookings that exist are never
/// touched, even where the plan permits fewer: creation alone is refused then. Any other change that was scheduled is
/// off.
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
            // A clock that was set back makes no plan begin before the one it follows.
            let plan_since = at.max(current.plan_since);
            PlanChange::Changed(Subscription { plan: plan.clone(), plan_since, scheduled: None, ..current.clone() })
        }
    }
}

/// What a change from one plan to another is.
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
            // The 29th in Berlin already; its clocks go forward on 29 March and back on 25 October.
            (
                "2026-03-28T23:00:00Z",
                "Europe/Berlin",
                "2026-10-28T22:59:59Z",
                "2026-09-28T22:00:00Z",
                "2026-10-28T23:00:00Z",
            ),
            // Whoever's clock was set back is in the first month.
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
}
