//! Subscriptions: the plan of an account, changes of plan, and billing periods.

use jiff::civil::Date;
use jiff::tz::Offset;
use jiff::{Timestamp, ToSpan};

use crate::words::words;
use crate::{FaultReason, Faults, Notes, PlanKey, Span, SubscriptionChangeId, SubscriptionId, UserId, Zone};

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
