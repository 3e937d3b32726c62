//! The endpoints of the plans, and the response body that they share.

mod list;
mod reload;

use domain::{FeatureDef, Metric, MetricDef, Plan, PlanCatalog, Window};
use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::openapi;
use crate::plans::written_value;

endpoints! {
    list::list_plans,
    reload::reload_plans,
}

/// The available plans.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanList)]
pub(crate) struct PlanListBody {
    /// The plans, each an upgrade of those before it.
    data: Vec<PlanBody>,
    /// Always null: the plans fit on one page.
    #[schema(required)]
    next_cursor: Option<String>,
    /// The metrics that the plans limit. Left out if the catalogue has the built-in ones alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    metrics: Option<Vec<MetricBody>>,
    /// The features that the plans have. Left out with `metrics`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    features: Option<Vec<FeatureBody>>,
}

/// A plan, its limits and its features.
#[derive(Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanBody {
    /// The key of the plan in requests.
    #[schema(example = "basic")]
    key: String,
    /// The display name of the plan.
    #[schema(example = "Basic")]
    name: String,
    /// The description of the plan; may be empty.
    #[schema(example = "For a small team.")]
    description: String,
    /// The limit of each metric. null means unlimited.
    #[schema(value_type = BTreeMap<String, Option<u64>>)]
    limits: Map<String, Value>,
    /// The value of each feature: true or false, a number, or a text. Left out, with the two
    /// fields below, if the catalogue has nothing but the built-in metrics.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<BTreeMap<String, Value>>, nullable = false)]
    features: Option<Map<String, Value>>,
    /// Whether members of an account may choose the plan. Otherwise only an operator may.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = true)]
    self_service: Option<bool>,
    /// Whether new accounts may be put on the plan if they name none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = false)]
    default: Option<bool>,
}

/// A metric: what it counts, and how.
#[derive(Serialize, ToSchema)]
#[schema(as = Metric)]
pub(crate) struct MetricBody {
    /// The key of the metric, as in the limits of a plan.
    #[schema(example = "sms_per_month")]
    key: String,
    /// What is counted. Several metrics may limit one meter.
    #[schema(example = "sms")]
    meter: String,
    /// `gauge`: how many exist at once. `counter`: how many in a window.
    #[schema(example = "counter")]
    kind: &'static str,
    /// The window of a counter: `minute`, `hour`, `day`, `week`, `month`, `year`, `period` or
    /// `lifetime`. null for a gauge.
    #[schema(required, example = "month")]
    window: Option<&'static str>,
    /// Whether what is counted has records. Otherwise there is only the counter.
    #[schema(example = true)]
    records: bool,
}

impl From<&MetricDef> for MetricBody {
    fn from(metric: &MetricDef) -> Self {
        Self {
            key: metric.key.to_string(),
            meter: metric.meter.to_string(),
            kind: metric.kind.as_str(),
            window: metric.kind.window().map(Window::as_str),
            records: metric.has_records,
        }
    }
}

/// A feature: a value that each plan has.
#[derive(Serialize, ToSchema)]
#[schema(as = Feature)]
pub(crate) struct FeatureBody {
    /// The key of the feature, as in the features of a plan.
    #[schema(example = "sso")]
    key: String,
    /// The type of its values.
    #[schema(value_type = openapi::FeatureType)]
    r#type: &'static str,
}

impl From<&FeatureDef> for FeatureBody {
    fn from(feature: &FeatureDef) -> Self {
        Self { key: feature.key.to_string(), r#type: feature.feature_type.as_str() }
    }
}

impl PlanListBody {
    fn new(catalog: &PlanCatalog) -> Self {
        let has_more = catalog.is_extended()
            || catalog.default_plan().is_some()
            || catalog.iter().any(|plan| !plan.is_self_service);
        Self {
            data: catalog.iter().map(|plan| PlanBody::new(plan, catalog, has_more)).collect(),
            next_cursor: None,
            metrics: has_more.then(|| catalog.metrics().iter().map(MetricBody::from).collect()),
            features: has_more.then(|| catalog.features().iter().map(FeatureBody::from).collect()),
        }
    }
}

impl PlanBody {
    fn new(plan: &Plan, catalog: &PlanCatalog, has_more: bool) -> Self {
        let limit = |key: &Metric| (key.to_string(), plan.limit(key).max().into());
        let limits = catalog.metrics().iter().map(|metric| limit(&metric.key)).collect();
        let Plan { key, name, description, .. } = plan;
        let value = |feature: &FeatureDef| (feature.key.to_string(), written_value(plan.feature(feature)));
        let features = || catalog.features().iter().map(value).collect();
        let is_default = || catalog.default_plan().is_some_and(|default| default.key == *key);
        Self {
            key: key.to_string(),
            name: name.to_string(),
            description: description.to_string(),
            limits,
            features: has_more.then(features),
            self_service: has_more.then_some(plan.is_self_service),
            default: has_more.then(is_default),
        }
    }
}

/// The example of the built-in plans for the document.
fn example() -> Value {
    json!({
        "data": [
            {"key": "basic", "name": "Basic", "description": "For a small team.",
                "limits": {"staff": 2, "bookings_per_day": 5, "sms_per_month": 100},
                "features": {"sso": false}, "self_service": true, "default": true},
            {"key": "pro", "name": "Pro", "description": "For a growing team.",
                "limits": {"staff": 5, "bookings_per_day": 20, "sms_per_month": null},
                "features": {"sso": true}, "self_service": true, "default": false}],
        "next_cursor": null,
        "metrics": [
            {"key": "staff", "meter": "staff", "kind": "gauge", "window": null, "records": true},
            {"key": "bookings_per_day", "meter": "bookings", "kind": "counter", "window": "day", "records": true},
            {"key": "sms_per_month", "meter": "sms", "kind": "counter", "window": "month", "records": true}],
        "features": [{"key": "sso", "type": "switch"}],
    })
}
