//! What one catalogue changes about another.

use domain::{FeatureDef, FeatureValue, Limit, Metric, MetricDef, Plan, PlanCatalog};
use serde::Serialize;
use serde_json::{Value, json};

/// What a catalogue changes, in the order of the catalogues.
#[derive(Debug, Eq, PartialEq, Serialize)]
pub(crate) struct Differences {
    metrics: KeyDifferences,
    features: KeyDifferences,
    plans: PlanDifferences,
}

/// Definitions that differ, by key.
#[derive(Debug, Eq, PartialEq, Serialize)]
struct KeyDifferences {
    added: Vec<String>,
    removed: Vec<String>,
    changed: Vec<Change>,
}

#[derive(Debug, Eq, PartialEq, Serialize)]
struct PlanDifferences {
    added: Vec<String>,
    removed: Vec<RemovedPlan>,
    changed: Vec<ChangedPlan>,
}

#[derive(Debug, Eq, PartialEq, Serialize)]
struct RemovedPlan {
    plan: String,
    /// The plan that its accounts are on from then on.
    replaced_by: Option<String>,
}

/// What changes for the accounts of a plan.
#[derive(Debug, Eq, PartialEq, Serialize)]
struct ChangedPlan {
    plan: String,
    limits: Vec<Change>,
    features: Vec<Change>,
    settings: Vec<Change>,
}

/// A value that changes. It is null where its metric or feature does not exist.
#[derive(Debug, Eq, PartialEq, Serialize)]
struct Change {
    key: String,
    from: Value,
    to: Value,
}

impl Change {
    /// The change of `key`, unless both values are the same.
    fn between(key: &str, from: Value, to: Value) -> Option<Self> {
        (from != to).then(|| Self { key: key.to_owned(), from, to })
    }

    fn line(&self) -> String {
        let shown = |value: &Value| match value {
            Value::Null => "nothing".to_owned(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        format!("{} {} -> {}", self.key, shown(&self.from), shown(&self.to))
    }
}

impl Differences {
    /// What `new` changes about `old`.
    pub(crate) fn between(old: &PlanCatalog, new: &PlanCatalog) -> Self {
        let metrics = |catalog: &PlanCatalog| -> Vec<(String, String)> {
            catalog.metrics().iter().map(|metric| (metric.key.to_string(), definition(metric))).collect()
        };
        let features = |catalog: &PlanCatalog| -> Vec<(String, String)> {
            let features = catalog.features().iter();
            features.map(|it| (it.key.to_string(), it.feature_type.as_str().to_owned())).collect()
        };
        Self {
            metrics: KeyDifferences::between(&metrics(old), &metrics(new)),
            features: KeyDifferences::between(&features(old), &features(new)),
            plans: PlanDifferences::between(old, new),
        }
    }

    /// A line for each difference.
    pub(crate) fn lines(&self) -> Vec<String> {
        let PlanDifferences { added, removed, changed } = &self.plans;
        let of_metrics = self.metrics.lines("metric");
        let of_features = self.features.lines("feature");
        let added = added.iter().map(|plan| format!("plan {plan}: added"));
        let removed = removed.iter().map(|RemovedPlan { plan, replaced_by }| match replaced_by {
            Some(new) => format!("plan {plan}: removed, replaced by {new}"),
            None => format!("plan {plan}: removed"),
        });
        let changed = changed.iter().flat_map(|ChangedPlan { plan, limits, features, settings }| {
            let limits = limits.iter().map(|change| format!("limit of {}", change.line()));
            let features = features.iter().map(|change| format!("feature {}", change.line()));
            let settings = settings.iter().map(Change::line);
            limits.chain(features).chain(settings).map(move |line| format!("plan {plan}: {line}"))
        });
        of_metrics.chain(of_features).chain(added).chain(removed).chain(changed).collect()
    }
}

impl KeyDifferences {
    /// Compares keys with their definitions.
    fn between(old: &[(String, String)], new: &[(String, String)]) -> Self {
        let without = |all: &[(String, String)], others: &[(String, String)]| {
            let missing = all.iter().filter(|(key, _)| others.iter().all(|(other, _)| other != key));
            missing.map(|(key, _)| key.clone()).collect()
        };
        let changed = old.iter().filter_map(|(key, from)| {
            let (_, to) = new.iter().find(|(other, _)| other == key)?;
            Change::between(key, from.as_str().into(), to.as_str().into())
        });
        Self { added: without(new, old), removed: without(old, new), changed: changed.collect() }
    }

    fn lines(&self, kind: &'static str) -> impl Iterator<Item = String> {
        let added = self.added.iter().map(move |key| format!("{kind} {key}: added"));
        let removed = self.removed.iter().map(move |key| format!("{kind} {key}: removed"));
        let changed = self.changed.iter().map(move |change| format!("{kind} {}", change.line()));
        added.chain(removed).chain(changed)
    }
}

impl PlanDifferences {
    fn between(old: &PlanCatalog, new: &PlanCatalog) -> Self {
        let added = new.iter().filter(|plan| old.rank(&plan.key).is_none()).map(|plan| plan.key.to_string());
        let removed = old.iter().filter(|plan| new.rank(&plan.key).is_none()).map(|plan| RemovedPlan {
            plan: plan.key.to_string(),
            replaced_by: new.resolve(&plan.key).map(|successor| successor.key.to_string()),
        });
        let changed = old.iter().filter_map(|plan| ChangedPlan::between((old, plan), (new, new.resolve(&plan.key)?)));
        Self { added: added.collect(), removed: removed.collect(), changed: changed.collect() }
    }
}

impl ChangedPlan {
    /// What changes for the accounts of a plan, if anything does.
    fn between((old, from): (&PlanCatalog, &Plan), (new, to): (&PlanCatalog, &Plan)) -> Option<Self> {
        let limits = union(metric_keys(old), metric_keys(new)).into_iter();
        let limits = limits.filter_map(|key| Change::between(key, limit(old, from, key), limit(new, to, key)));
        let features = union(feature_keys(old), feature_keys(new)).into_iter();
        let features = features.filter_map(|key| Change::between(key, value(old, from, key), value(new, to, key)));
        let is_default = |catalog: &PlanCatalog, plan: &Plan| catalog.default_plan() == Some(plan);
        let settings = [
            Change::between("self_service", from.is_self_service.into(), to.is_self_service.into()),
            Change::between("default", is_default(old, from).into(), is_default(new, to).into()),
        ];
        let (limits, features): (Vec<_>, Vec<_>) = (limits.collect(), features.collect());
        let settings: Vec<_> = settings.into_iter().flatten().collect();
        let is_changed = !limits.is_empty() || !features.is_empty() || !settings.is_empty();
        is_changed.then(|| Self { plan: from.key.to_string(), limits, features, settings })
    }
}

fn metric_keys(catalog: &PlanCatalog) -> impl Iterator<Item = &str> {
    catalog.metrics().iter().map(|metric| metric.key.as_str())
}

fn feature_keys(catalog: &PlanCatalog) -> impl Iterator<Item = &str> {
    catalog.features().iter().map(|feature| feature.key.as_str())
}

/// The keys of both, each once.
fn union<'a>(old: impl Iterator<Item = &'a str>, new: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut keys: Vec<&str> = old.collect();
    for key in new {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn definition(metric: &MetricDef) -> String {
    let MetricDef { meter, kind, has_records, .. } = metric;
    let window = kind.window().map(|window| format!(" per {window}")).unwrap_or_default();
    let records = if *has_records { "" } else { ", without records" };
    format!("{} of {meter}{window}{records}", kind.as_str())
}

/// The limit as in the file; null if there is no such metric.
fn limit(catalog: &PlanCatalog, plan: &Plan, key: &str) -> Value {
    let metric: Option<&Metric> = catalog.metric(key).map(|metric| &metric.key);
    metric.map_or(Value::Null, |metric| written_limit(plan.limit(metric)))
}

/// The limit as in the file: a number, or `"unlimited"`.
pub(crate) fn written_limit(limit: Limit) -> Value {
    limit.max().map_or_else(|| json!("unlimited"), Value::from)
}

/// The value as in the file; null if there is no such feature.
fn value(catalog: &PlanCatalog, plan: &Plan, key: &str) -> Value {
    let feature: Option<&FeatureDef> = catalog.feature(key);
    feature.map_or(Value::Null, |feature| written_value(plan.feature(feature)))
}

/// The value of a feature as in the file.
pub(crate) fn written_value(value: FeatureValue) -> Value {
    match value {
        FeatureValue::Switch(is_on) => is_on.into(),
        FeatureValue::Number(number) => number.into(),
        FeatureValue::Text(text) => String::from(text).into(),
    }
}
