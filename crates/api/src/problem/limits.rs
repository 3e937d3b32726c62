//! A limit as clients see it: the same in a refusal, in a check and in a list of entitlements.

use domain::error::{AdmissionError, Excess, LimitRefusal};
use domain::use_cases::Check;
use domain::{LimitWindow, PlanKey, Span};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// The time that a window spans, from `start` up to and not including `end`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Window)]
pub(crate) struct WindowBody {
    /// The first instant of the window.
    #[schema(format = DateTime, example = "2026-03-28T23:00:00Z")]
    start: String,
    /// The first instant after it.
    #[schema(format = DateTime, example = "2026-03-29T22:00:00Z")]
    end: String,
    /// The account's time zone.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
}

impl From<&LimitWindow> for WindowBody {
    fn from(window: &LimitWindow) -> Self {
        let Span { start, end } = window.span;
        Self { start: start.to_string(), end: end.to_string(), time_zone: window.zone.to_string() }
    }
}

/// A limit and its usage, and the alternatives if it is exceeded.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LimitState)]
pub(crate) struct LimitBody {
    /// The plan in force, or null.
    #[schema(required, example = "basic")]
    plan: Option<String>,
    /// What is limited, such as `staff` or `bookings_per_day`.
    #[schema(example = "bookings_per_day")]
    metric: String,
    /// How many are permitted; null means unlimited.
    #[schema(required, format = Int64, example = 5)]
    limit: Option<u64>,
    /// How many there are.
    #[schema(example = 5)]
    used: u64,
    /// How many more fit; null means any number.
    #[schema(required, format = Int64, example = 0)]
    remaining: Option<u64>,
    /// The day the limit is about; null for a limit that is not about a day.
    #[schema(required)]
    window: Option<WindowBody>,
    /// The next day with room within 366 days, or null.
    #[schema(required, format = Date, example = "2026-03-30")]
    next_allowed_day: Option<String>,
    /// The plans that permit the request, the smallest first. Empty if the limit is overridden: no
    /// plan changes that.
    plans_that_allow: Vec<String>,
    /// What is counted, such as `bookings`. It and the members below are only there if the service
    /// has custom metrics or features.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "bookings")]
    meter: Option<String>,
    /// The next instant with room, as far as it is known, or null.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, required = false, format = DateTime, example = "2026-03-29T22:00:00Z")]
    next_allowed_at: Option<Value>,
    /// All limits that the request would exceed, beginning with `metric`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<ExceededBody>, required = false)]
    exceeded: Option<Vec<ExceededBody>>,
}

/// A limit that a request would exceed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ExceededLimit)]
pub(crate) struct ExceededBody {
    /// The limit, such as `bookings_per_day`.
    #[schema(example = "bookings_per_day")]
    metric: String,
    /// The limit; null means unlimited.
    #[schema(required, format = Int64, example = 5)]
    limit: Option<u64>,
    /// The usage.
    #[schema(example = 5)]
    used: u64,
    /// The number of units that the request would add.
    #[schema(example = 1)]
    requested: u64,
    /// The limit minus the usage, at least 0; null means unlimited.
    #[schema(required, format = Int64, example = 0)]
    remaining: Option<u64>,
    /// The window of a counter; null for other limits, and for one that never resets.
    #[schema(required)]
    window: Option<WindowBody>,
    /// The next instant with room, as far as it is known, or null.
    #[schema(required, format = DateTime, example = "2026-03-29T22:00:00Z")]
    next_allowed_at: Option<String>,
}

impl From<&LimitRefusal> for ExceededBody {
    fn from(refusal: &LimitRefusal) -> Self {
        let exceeded = &refusal.exceeded;
        Self {
            metric: exceeded.metric.to_string(),
            limit: exceeded.usage.limit.max(),
            used: exceeded.usage.used,
            requested: exceeded.requested,
            remaining: exceeded.usage.remaining(),
            window: refusal.window.as_ref().map(WindowBody::from),
            next_allowed_at: refusal.next_allowed_at.map(|at| at.to_string()),
        }
    }
}

impl From<&LimitRefusal> for LimitBody {
    fn from(refusal: &LimitRefusal) -> Self {
        let LimitRefusal { exceeded, window, next_allowed_day, plans_that_allow, is_extended, .. } = refusal;
        let all = || std::iter::once(refusal).chain(&refusal.others).map(ExceededBody::from).collect();
        Self {
            plan: Some(exceeded.plan.to_string()),
            metric: exceeded.metric.to_string(),
            limit: exceeded.usage.limit.max(),
            used: exceeded.usage.used,
            remaining: exceeded.usage.remaining(),
            window: window.as_ref().map(WindowBody::from),
            next_allowed_day: next_allowed_day.map(|day| day.to_string()),
            plans_that_allow: plans_that_allow.iter().map(PlanKey::to_string).collect(),
            meter: is_extended.then(|| refusal.meter.to_string()),
            next_allowed_at: is_extended.then(|| json!(refusal.next_allowed_at.map(|at| at.to_string()))),
            exceeded: is_extended.then(all),
        }
    }
}

impl From<&Check> for LimitBody {
    fn from(check: &Check) -> Self {
        if let Some(AdmissionError::LimitExceeded(refusal)) = &check.refusal {
            return Self::from(&**refusal);
        }
        let entitlement = &check.entitlement;
        Self {
            plan: entitlement.plan.as_ref().map(PlanKey::to_string),
            metric: entitlement.metric.to_string(),
            limit: entitlement.usage.limit.max(),
            used: entitlement.usage.used,
            remaining: entitlement.usage.remaining(),
            window: entitlement.window.as_ref().map(WindowBody::from),
            next_allowed_day: None,
            plans_that_allow: Vec::new(),
            meter: check.is_extended.then(|| entitlement.meter.to_string()),
            next_allowed_at: check.is_extended.then_some(Value::Null),
            exceeded: check.is_extended.then(Vec::new),
        }
    }
}

/// A limit that current usage exceeds.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = LimitExcess)]
pub(crate) struct ExcessBody {
    /// The exceeded limit, such as `bookings_per_day`.
    #[schema(example = "bookings_per_day")]
    metric: String,
    /// The day; null for a limit that is not about a day.
    #[schema(required, format = Date, example = "2026-03-29")]
    day: Option<String>,
    /// The window of a counter that is not about a day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(required = false)]
    window: Option<WindowBody>,
    /// The current usage.
    #[schema(example = 7)]
    used: u64,
    /// How many the plan permits.
    #[schema(example = 5)]
    new_limit: u64,
    /// By how much usage exceeds the limit.
    #[schema(example = 2)]
    excess: u64,
}

impl From<&Excess> for ExcessBody {
    fn from(it: &Excess) -> Self {
        let day = it.day.map(|day| day.to_string());
        let window = it.window.as_ref().map(WindowBody::from);
        Self { metric: it.metric.to_string(), day, window, used: it.used, new_limit: it.new_limit, excess: it.excess() }
    }
}
