//! Prints the catalogue in the format of its file.

use std::collections::BTreeMap;

use domain::{FeatureDef, FeatureType, FeatureValue, Limit, MetricDef, Plan, PlanCatalog, PlanKey, Window};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use toml::ser::Error;

/// Says how to change the catalogue.
const HEADER: &str = "# The plans in force. To offer others, change a copy of this and name it in HEADROOM_PLANS.\n\n";

#[derive(Serialize)]
struct CatalogDocument<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metric: Vec<MetricTable<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    feature: Vec<FeatureTable<'a>>,
    plan: Vec<PlanTable<'a>>,
}

#[derive(Serialize)]
struct MetricTable<'a> {
    key: &'a str,
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    meter: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    window: Option<&'static str>,
    #[serde(skip_serializing_if = "is_true")]
    records: bool,
}

impl<'a> From<&'a MetricDef> for MetricTable<'a> {
    fn from(metric: &'a MetricDef) -> Self {
        let MetricDef { key, meter, kind, has_records } = metric;
        Self {
            key: key.as_str(),
            kind: kind.as_str(),
            meter: Some(meter.as_str()).filter(|meter| *meter != key.as_str()),
            window: kind.window().map(Window::as_str),
            records: *has_records,
        }
    }
}

#[derive(Serialize)]
struct FeatureTable<'a> {
    key: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    r#type: Option<&'static str>,
}

impl<'a> From<&'a FeatureDef> for FeatureTable<'a> {
    fn from(feature: &'a FeatureDef) -> Self {
        let FeatureDef { key, feature_type } = feature;
        let r#type = Some(*feature_type).filter(|it| *it != FeatureType::Switch).map(FeatureType::as_str);
        Self { key: key.as_str(), r#type }
    }
}

#[derive(Serialize)]
struct PlanTable<'a> {
    key: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    position: usize,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    replaces: Vec<&'a str>,
    #[serde(skip_serializing_if = "is_false")]
    default: bool,
    #[serde(skip_serializing_if = "is_true")]
    self_service: bool,
    limits: Limits<'a>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    features: BTreeMap<&'a str, Written<'a>>,
}

impl<'a> PlanTable<'a> {
    fn new(position: usize, plan: &'a Plan, catalog: &'a PlanCatalog) -> Self {
        let Plan { key, name, description, replaces, is_self_service, limits: _, features } = plan;
        Self {
            key: key.as_str(),
            name,
            description,
            position,
            replaces: replaces.iter().map(PlanKey::as_str).collect(),
            default: catalog.default_plan().is_some_and(|default| default.key == *key),
            self_service: *is_self_service,
            limits: Limits { plan, catalog },
            features: features.iter().map(|(feature, value)| (feature.as_str(), value.into())).collect(),
        }
    }
}

/// The limits that a plan names, in the order of the metrics.
struct Limits<'a> {
    plan: &'a Plan,
    catalog: &'a PlanCatalog,
}

impl Serialize for Limits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut limits = serializer.serialize_map(None)?;
        for metric in self.catalog.metrics() {
            if let Some(limit) = self.plan.limits.get(&metric.key) {
                limits.serialize_entry(metric.key.as_str(), &Written::from(*limit))?;
            }
        }
        limits.end()
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Written<'a> {
    Flag(bool),
    Number(u64),
    Text(&'a str),
}

impl From<Limit> for Written<'_> {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::AtMost(max) => Self::Number(max),
            Limit::Unlimited => Self::Text("unlimited"),
        }
    }
}

impl<'a> From<&'a FeatureValue> for Written<'a> {
    fn from(value: &'a FeatureValue) -> Self {
        match value {
            FeatureValue::Switch(is_on) => Self::Flag(*is_on),
            FeatureValue::Number(number) => Self::Number(*number),
            FeatureValue::Text(text) => Self::Text(text),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_true(flag: &bool) -> bool {
    *flag
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

/// The catalogue as TOML.
///
/// # Errors
/// Those of the serializer. None is possible for a catalogue.
pub(crate) fn to_toml(catalog: &PlanCatalog) -> Result<String, Error> {
    let plan = (1..).zip(catalog.iter()).map(|(position, plan)| PlanTable::new(position, plan, catalog)).collect();
    let metric = catalog.metrics().iter().filter(|metric| !metric.is_builtin()).map(MetricTable::from).collect();
    let feature = catalog.features().iter().map(FeatureTable::from).collect();
    Ok(HEADER.to_owned() + &toml::to_string(&CatalogDocument { metric, feature, plan })?)
}
