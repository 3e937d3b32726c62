//! Subscriptions: the plan of an account, and changes of plan.

use domain::{
    AccountId, Direction, Feature, FeatureValue, Limit, Metric, OverLimit, PlanKey, SubscriptionChangeId,
    SubscriptionId, Timestamp, Timing, UserId,
};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::limits::LimitExcess;
use crate::pages::List;
use crate::request::Request;
use crate::wire;

/// The subscription of an account to a plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Subscription {
    /// The id. It stays the same when the plan changes.
    pub id: SubscriptionId,
    /// The account.
    pub account_id: AccountId,
    /// The plan.
    pub plan: PlanKey,
    /// When the account came to this plan.
    pub plan_since: Timestamp,
    /// The current billing period.
    pub current_period: Period,
    /// The scheduled change, if any.
    pub scheduled_change: Option<ScheduledChange>,
    /// When the account subscribed.
    pub created_at: Timestamp,
    /// When the subscription ended.
    pub ended_at: Option<Timestamp>,
}

/// A billing period, from `start` up to and not including `end`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Period {
    /// The first instant of the period.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
}

/// A change of plan that takes effect later.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ScheduledChange {
    /// The new plan; `None` ends the subscription.
    pub plan: Option<PlanKey>,
    /// When it takes effect.
    pub effective_at: Timestamp,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// The user who requested it.
    pub requested_by: UserId,
    /// The reason.
    pub reason: Option<String>,
}

/// A change of plan that took effect.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SubscriptionChange {
    /// The id.
    pub id: SubscriptionChangeId,
    /// The plan before.
    pub from: Option<PlanKey>,
    /// The plan afterwards.
    pub to: Option<PlanKey>,
    /// When it took effect.
    pub effective_at: Timestamp,
    /// When it was requested.
    pub requested_at: Timestamp,
    /// The user who requested it.
    pub requested_by: UserId,
    /// The reason.
    pub reason: Option<String>,
}

/// What a change of plan would change.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PlanChangePreview {
    /// The present plan.
    pub from: Option<PlanKey>,
    /// The new plan.
    pub to: PlanKey,
    /// Whether it is an upgrade or a downgrade.
    pub direction: Direction,
    /// When it would take effect.
    pub effective_at: Timestamp,
    /// The limits of both plans.
    pub limits: Vec<LimitChange>,
    /// The values of features in both plans.
    #[serde(default)]
    pub features: Vec<FeatureChange>,
    /// What would exceed the new limits.
    pub exceeded: Vec<LimitExcess>,
}

/// A limit in two plans.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LimitChange {
    /// The metric.
    pub metric: Metric,
    /// The present limit.
    #[serde(with = "wire::limit")]
    pub from: Limit,
    /// The new limit.
    #[serde(with = "wire::limit")]
    pub to: Limit,
}

/// The value of a feature in two plans.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FeatureChange {
    /// The feature.
    pub feature: Feature,
    /// The present value.
    pub from: FeatureValue,
    /// The new value.
    pub to: FeatureValue,
}

/// The plan to change to, and how.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct PlanChoice {
    /// The plan, in any letter case.
    pub plan: String,
    /// When it takes effect; immediately by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    /// What to do about usage over the new limits; keep it by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over_limit: Option<OverLimit>,
    /// The reason, for the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl PlanChoice {
    /// At the end of the current period instead of immediately.
    #[must_use]
    pub fn at_period_end(self) -> Self {
        Self { timing: Some(Timing::PeriodEnd), ..self }
    }

    /// Only if the account fits the plan.
    #[must_use]
    pub fn if_it_fits(self) -> Self {
        Self { over_limit: Some(OverLimit::Reject), ..self }
    }
}

impl From<&str> for PlanChoice {
    fn from(plan: &str) -> Self {
        Self { plan: plan.to_owned(), ..Self::default() }
    }
}

impl From<&PlanKey> for PlanChoice {
    fn from(plan: &PlanKey) -> Self {
        plan.as_str().into()
    }
}

/// How a subscription ends.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct Ending {
    /// When; immediately by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timing: Option<Timing>,
    /// The reason, for the history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl AccountClient {
    /// Puts the account on a plan.
    pub fn subscribe(&self, choice: impl Into<PlanChoice>) -> Request<Subscription> {
        Request::with_json(&self.transport, Call::post(account_path!(self, "subscribe")), &choice.into())
    }

    /// What that change of plan would change. It writes nothing.
    pub fn preview(&self, choice: impl Into<PlanChoice>) -> Request<PlanChangePreview> {
        let call = Call::post_without_key(account_path!(self, "subscribe", "preview"));
        Request::with_json(&self.transport, call, &choice.into())
    }

    /// Ends the subscription.
    pub fn unsubscribe(&self, ending: &Ending) -> Request<Subscription> {
        Request::with_json(&self.transport, Call::post(account_path!(self, "unsubscribe")), ending)
    }

    /// The subscription.
    pub fn subscription(&self) -> Request<Subscription> {
        Request::new(&self.transport, Call::get(account_path!(self, "subscription")))
    }

    /// Cancels the scheduled change of plan.
    pub fn cancel_scheduled_change(&self) -> Request<()> {
        Request::new(&self.transport, Call::delete(account_path!(self, "subscription", "scheduled-change")))
    }

    /// The changes of plan that took effect, the newest first.
    pub fn subscription_history(&self) -> List<SubscriptionChange> {
        List::new(&self.transport, Call::get(account_path!(self, "subscription", "history")))
    }
}
