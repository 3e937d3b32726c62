//! What the API says of a limit: in a refusal, in a check and in a list of entitlements.

use domain::{Date, Limit, Meter, Metric, PlanKey, Timestamp};
use serde::{Deserialize, Serialize};

use crate::wire;

/// The time that a window spans, from `start` up to and not including `end`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct TimeWindow {
    /// The first instant of the window.
    pub start: Timestamp,
    /// The first instant after it.
    pub end: Timestamp,
    /// The account's time zone.
    pub time_zone: String,
}

/// A limit and its usage, and the alternatives if it is exceeded.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LimitState {
    /// The plan in force.
    pub plan: Option<PlanKey>,
    /// What is limited.
    pub metric: Metric,
    /// What is counted. The service leaves it out if it has only the built-in metrics.
    #[serde(default)]
    pub meter: Option<Meter>,
    /// How many are permitted.
    #[serde(with = "wire::limit")]
    pub limit: Limit,
    /// How many there are, with those that are held.
    pub used: u64,
    /// How many more fit; `None` if unlimited.
    pub remaining: Option<u64>,
    /// The window of a counter; `None` for a gauge, and for a counter that never resets.
    pub window: Option<TimeWindow>,
    /// The next day with room, as far as it is known, of a limit per day.
    pub next_allowed_day: Option<Date>,
    /// The next instant with room, as far as it is known.
    #[serde(default)]
    pub next_allowed_at: Option<Timestamp>,
    /// The plans that permit the request, the smallest first. Empty if the limit is overridden.
    pub plans_that_allow: Vec<PlanKey>,
    /// All limits that the request would exceed. The service leaves it out if it has only the
    /// built-in metrics.
    #[serde(default)]
    pub exceeded: Vec<ExceededLimit>,
}

/// A limit that a request would exceed.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ExceededLimit {
    /// The limit.
    pub metric: Metric,
    /// How many are permitted.
    #[serde(with = "wire::limit")]
    pub limit: Limit,
    /// How many there are.
    pub used: u64,
    /// How many more were requested.
    pub requested: u64,
    /// How many more fit; `None` if unlimited.
    pub remaining: Option<u64>,
    /// The window of a counter.
    pub window: Option<TimeWindow>,
    /// The next instant with room, as far as it is known.
    pub next_allowed_at: Option<Timestamp>,
}

/// Usage that exceeds the limit of another plan.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LimitExcess {
    /// The limit.
    pub metric: Metric,
    /// The day, of a limit per day.
    pub day: Option<Date>,
    /// The window of a counter that is not about a day.
    #[serde(default)]
    pub window: Option<TimeWindow>,
    /// How many there are.
    pub used: u64,
    /// How many the other plan permits.
    pub new_limit: u64,
    /// By how much that is exceeded.
    pub excess: u64,
}
