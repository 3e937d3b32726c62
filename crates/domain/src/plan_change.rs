//! Changes of plan: how a subscription becomes one to another plan.

use jiff::Timestamp;

use crate::{
    Direction, Plan, PlanCatalog, PlanKey, Requested, ScheduledChange, Subscription, SubscriptionChange,
    SubscriptionChangeId, SubscriptionId, Timing, Zone,
};

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
    use crate::{UserId, Uuid};

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
