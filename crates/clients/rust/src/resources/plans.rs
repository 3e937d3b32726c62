//! The plans on offer.

use std::collections::BTreeMap;

use domain::{Feature, FeatureType, FeatureValue, Limit, Meter, Metric, PlanKey, Window};
use serde::{Deserialize, Serialize};

use crate::wire;

/// The plans, each an upgrade of those before it, with the metrics and features of the catalogue.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct PlanList {
    /// The plans.
    pub data: Vec<Plan>,
    /// The metrics. The service leaves them out if it has only the built-in ones.
    #[serde(default)]
    pub metrics: Vec<MetricDef>,
    /// The features.
    #[serde(default)]
    pub features: Vec<FeatureDef>,
}

/// A plan.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Plan {
    /// The key.
    pub key: PlanKey,
    /// The name to show.
    pub name: String,
    /// The description, perhaps empty.
    pub description: String,
    /// The limits, by metric.
    #[serde(with = "wire::limits")]
    pub limits: BTreeMap<Metric, Limit>,
    /// The values of features.
    #[serde(default)]
    pub features: BTreeMap<Feature, FeatureValue>,
    /// Whether a customer can choose it, and not only an operator.
    #[serde(default = "yes")]
    pub self_service: bool,
    /// Whether it is the default plan of the catalogue.
    #[serde(default)]
    pub default: bool,
}

const fn yes() -> bool {
    true
}

/// A metric of the catalogue.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct MetricDef {
    /// The key.
    pub key: Metric,
    /// What is counted.
    pub meter: Meter,
    /// `gauge` or `counter`.
    pub kind: String,
    /// The window of a counter.
    pub window: Option<Window>,
    /// Whether each use is recorded, or only counted.
    pub records: bool,
}

/// A feature of the catalogue.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FeatureDef {
    /// The key.
    pub key: Feature,
    /// The type of its values.
    #[serde(rename = "type")]
    pub feature_type: FeatureType,
}
