//! Entitlements and checks: what an account may do.
//!
//! They fail closed: without an answer of the service there is an error. A client that
//! [fails open](crate::ClientBuilder::fail_open) assumes a permission instead.

use domain::{AccountId, Date, Feature, FeatureValue, Limit, Meter, Metric, PlanKey, Timestamp};
use serde::{Deserialize, Serialize};

use super::overrides::{FeatureOverride, LimitOverride};
use super::{AccountClient, account_path};
use crate::call::Call;
use crate::error::Error;
use crate::limits::{LimitState, TimeWindow};
use crate::request::Request;
use crate::wire;

/// The limits and the features of an account, with what is used.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Entitlements {
    /// The account.
    pub account_id: AccountId,
    /// The plan in force.
    pub plan: Option<PlanKey>,
    /// The day whose usage is listed; `None` if it is assumed.
    pub on: Option<Date>,
    /// The limits.
    pub entitlements: Vec<Entitlement>,
    /// The features.
    #[serde(default)]
    pub features: Vec<FeatureEntitlement>,
    /// Whether the service gave no answer, and everything is permitted, because the client fails
    /// open. Then there are no limits and features here.
    #[serde(default)]
    pub is_assumed: bool,
}

impl Entitlements {
    /// The limit of a metric, by its key.
    #[must_use]
    pub fn metric(&self, key: &str) -> Option<&Entitlement> {
        self.entitlements.iter().find(|it| it.metric.as_str() == key)
    }

    /// The feature with this key.
    #[must_use]
    pub fn feature(&self, key: &str) -> Option<&FeatureEntitlement> {
        self.features.iter().find(|it| it.feature.as_str() == key)
    }

    /// Whether a metric has room for this much more.
    #[must_use]
    pub fn allows(&self, metric: &str, quantity: u64) -> bool {
        let has_room = |it: &Entitlement| it.remaining.is_none_or(|remaining| quantity <= remaining);
        self.is_assumed || self.plan.is_some() && self.metric(metric).is_some_and(has_room)
    }

    /// Whether the account has a feature: the switch is on, the number more than 0, the text not
    /// empty.
    #[must_use]
    pub fn has(&self, feature: &str) -> bool {
        self.is_assumed || self.feature(feature).is_some_and(|it| it.value.is_present())
    }
}

/// A limit of an account.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Entitlement {
    /// The metric.
    pub metric: Metric,
    /// What is counted. The service leaves it and the next three out if it has only the built-in
    /// metrics.
    #[serde(default)]
    pub meter: Option<Meter>,
    /// `gauge` or `counter`.
    #[serde(default)]
    pub kind: Option<String>,
    /// How many of the used ones are held.
    #[serde(default)]
    pub held: Option<u64>,
    /// How many grants add to the limit.
    #[serde(default)]
    pub granted: Option<u64>,
    /// How many are permitted.
    #[serde(with = "wire::limit")]
    pub limit: Limit,
    /// How many there are.
    pub used: u64,
    /// How many more fit; `None` if unlimited.
    pub remaining: Option<u64>,
    /// How many exceed the limit.
    pub over_by: u64,
    /// The window of a counter.
    pub window: Option<TimeWindow>,
    /// The plan that the limit is of.
    pub plan: Option<PlanKey>,
    /// The override of the plan's limit.
    #[serde(rename = "override")]
    pub overridden: Option<LimitOverride>,
}

/// A feature of an account.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FeatureEntitlement {
    /// The feature.
    pub feature: Feature,
    /// The value in force.
    pub value: FeatureValue,
    /// The plan's value.
    pub plan_value: FeatureValue,
    /// The plan.
    pub plan: Option<PlanKey>,
    /// The override of the plan's value.
    #[serde(rename = "override")]
    pub overridden: Option<FeatureOverride>,
}

/// A question of a check. Create it with [`metric`](Self::metric), [`meter`](Self::meter) or
/// [`feature`](Self::feature).
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct CheckQuestion {
    #[serde(skip_serializing_if = "Option::is_none")]
    metric: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    feature: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quantity: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    on: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at: Option<Timestamp>,
}

impl CheckQuestion {
    /// Whether a metric has room.
    #[must_use]
    pub fn metric(metric: impl ToString) -> Self {
        Self { metric: Some(metric.to_string()), ..Self::default() }
    }

    /// Whether every metric of a meter has room.
    #[must_use]
    pub fn meter(meter: impl ToString) -> Self {
        Self { meter: Some(meter.to_string()), ..Self::default() }
    }

    /// Whether the account has a feature.
    #[must_use]
    pub fn feature(feature: impl ToString) -> Self {
        Self { feature: Some(feature.to_string()), ..Self::default() }
    }

    /// For this much more instead of 1.
    #[must_use]
    pub fn quantity(self, quantity: u64) -> Self {
        Self { quantity: Some(quantity), ..self }
    }

    /// On this day instead of today, of metrics that are limited by day.
    #[must_use]
    pub fn on(self, day: Date) -> Self {
        Self { on: Some(day), ..self }
    }

    /// At this instant instead of now.
    #[must_use]
    pub fn at(self, at: Timestamp) -> Self {
        Self { at: Some(at), ..self }
    }
}

/// The result of a check.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum Check {
    /// Of a feature.
    Feature(Box<FeatureCheck>),
    /// Of a limit.
    Limit(Box<LimitCheck>),
    /// The service gave no answer, and the client fails open.
    #[serde(skip_deserializing)]
    Assumed {
        /// What went wrong.
        reason: String,
    },
}

/// The result of a check of a limit.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LimitCheck {
    /// Whether it is permitted.
    pub allowed: bool,
    /// The code of the refusal.
    pub code: Option<String>,
    /// How many more were asked about.
    pub quantity: u64,
    /// The limit, and what would help.
    #[serde(flatten)]
    pub state: LimitState,
}

/// The result of a check of a feature.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FeatureCheck {
    /// Whether the account has the feature.
    pub allowed: bool,
    /// `subscription_required` without a plan.
    pub code: Option<String>,
    /// The plan in force.
    pub plan: Option<PlanKey>,
    /// The feature.
    pub feature: Feature,
    /// The value in force.
    pub value: FeatureValue,
    /// The override of the plan's value.
    #[serde(rename = "override")]
    pub overridden: Option<FeatureOverride>,
    /// The plans with the feature, the smallest first.
    pub plans_that_allow: Vec<PlanKey>,
}

impl Check {
    /// Whether it is permitted.
    #[must_use]
    pub fn is_allowed(&self) -> bool {
        match self {
            Self::Limit(check) => check.allowed,
            Self::Feature(check) => check.allowed,
            Self::Assumed { .. } => true,
        }
    }

    /// Whether the service gave no answer, and the client fails open.
    #[must_use]
    pub fn is_assumed(&self) -> bool {
        matches!(self, Self::Assumed { .. })
    }

    /// The plans that would permit it, the smallest first.
    #[must_use]
    pub fn plans_that_allow(&self) -> &[PlanKey] {
        match self {
            Self::Limit(check) => &check.state.plans_that_allow,
            Self::Feature(check) => &check.plans_that_allow,
            Self::Assumed { .. } => &[],
        }
    }
}

#[derive(Deserialize)]
struct Checks {
    checks: Vec<Check>,
}

impl AccountClient {
    /// The limits and features of today.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn entitlements(&self) -> Result<Entitlements, Error> {
        self.find_entitlements(Call::get(account_path!(self, "entitlements"))).await
    }

    /// The limits and features of another day.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn entitlements_on(&self, day: Date) -> Result<Entitlements, Error> {
        self.find_entitlements(Call::get(account_path!(self, "entitlements")).with_query("on", day)).await
    }

    async fn find_entitlements(&self, call: Call) -> Result<Entitlements, Error> {
        match Request::new(&self.transport, call).await {
            Err(error) if self.assumes(&error) => Ok(Entitlements {
                account_id: self.id,
                plan: None,
                on: None,
                entitlements: Vec::new(),
                features: Vec::new(),
                is_assumed: true,
            }),
            answer => answer,
        }
    }

    /// Whether more is permitted. It reserves nothing: to be sure, create it, or hold a place.
    ///
    /// # Errors
    /// [`Error`]. A refusal is an answer, not an error.
    pub async fn check(&self, question: &CheckQuestion) -> Result<Check, Error> {
        let call = Call::post_without_key(account_path!(self, "check"));
        match Request::with_json(&self.transport, call, question).await {
            Err(error) if self.assumes(&error) => Ok(Check::Assumed { reason: error.to_string() }),
            answer => answer,
        }
    }

    /// Up to 100 checks in one request. The answers are in the order of the questions.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn check_all(&self, questions: &[CheckQuestion]) -> Result<Vec<Check>, Error> {
        let call = Call::post_without_key(account_path!(self, "check"));
        let body = serde_json::json!({ "checks": questions });
        match Request::<Checks>::with_json(&self.transport, call, &body).await {
            Ok(Checks { checks }) => Ok(checks),
            Err(error) if self.assumes(&error) => {
                Ok(vec![Check::Assumed { reason: error.to_string() }; questions.len()])
            }
            Err(error) => Err(error),
        }
    }

    fn assumes(&self, error: &Error) -> bool {
        self.transport.fails_open() && error.is_outage()
    }
}
