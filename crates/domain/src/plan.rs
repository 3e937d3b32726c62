//! Plans as data: keys, names, limits and features.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use thiserror::Error;

use crate::metric::{InvalidMetric, MetricDef};
use crate::{Feature, FeatureDef, FeatureValue, Meter, Metric, PlanKey, QUANTITY_MAX};

/// A limit of a plan.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Limit {
    /// At most this many, up to [`QUANTITY_MAX`](crate::QUANTITY_MAX); `AtMost(0)` permits none.
    AtMost(u64),
    /// Any number up to [`QUANTITY_MAX`](crate::QUANTITY_MAX), which stores and JSON can represent.
    Unlimited,
}

impl Limit {
    /// Whether the limit permits `total`, which is [`QUANTITY_MAX`](crate::QUANTITY_MAX) at most.
    #[must_use]
    pub fn admits(self, total: u64) -> bool {
        total <= self.max().unwrap_or(QUANTITY_MAX).min(QUANTITY_MAX)
    }

    /// The number; `None` if unlimited.
    #[must_use]
    pub const fn max(self) -> Option<u64> {
        match self {
            Self::AtMost(max) => Some(max),
            Self::Unlimited => None,
        }
    }

    /// The limit with `quantity` more, up to [`QUANTITY_MAX`](crate::QUANTITY_MAX).
    #[must_use]
    pub const fn plus(self, quantity: u64) -> Self {
        match self {
            Self::AtMost(max) => {
                let sum = max.saturating_add(quantity);
                Self::AtMost(if sum > QUANTITY_MAX { QUANTITY_MAX } else { sum })
            }
            Self::Unlimited => Self::Unlimited,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(max) => fmt::Display::fmt(max, f),
            Self::Unlimited => f.pad("unlimited"),
        }
    }
}

/// A plan: its limits and its features.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Plan {
    /// The key.
    pub key: PlanKey,
    /// The display name.
    pub name: Box<str>,
    /// A sentence about the plan; may be empty.
    pub description: Box<str>,
    /// Retired plans: their accounts are on this plan now.
    #[cfg_attr(feature = "serde", serde(default))]
    pub replaces: Vec<PlanKey>,
    /// Whether members of an account may choose the plan. Otherwise only operators may.
    #[cfg_attr(feature = "serde", serde(default = "yes"))]
    pub is_self_service: bool,
    /// The limits. A metric without one is limited to 0.
    pub limits: BTreeMap<Metric, Limit>,
    /// The features. A feature without a value is [absent](FeatureValue::absent).
    #[cfg_attr(feature = "serde", serde(default))]
    pub features: BTreeMap<Feature, FeatureValue>,
}

#[cfg(feature = "serde")]
const fn yes() -> bool {
    true
}

impl Plan {
    /// A plan without limits and features that members may choose.
    ///
    /// ```
    /// use domain::{Limit, Metric, Plan};
    ///
    /// let plan = Plan::new("solo".parse().unwrap(), "Solo").with_limit(Metric::STAFF, Limit::AtMost(1));
    /// assert_eq!(plan.limit(&Metric::STAFF), Limit::AtMost(1));
    /// assert_eq!(plan.limit(&Metric::BOOKINGS_PER_DAY), Limit::AtMost(0));
    /// ```
    #[must_use]
    pub fn new(key: PlanKey, name: &str) -> Self {
        Self {
            key,
            name: name.into(),
            description: "".into(),
            replaces: Vec::new(),
            is_self_service: true,
            limits: BTreeMap::new(),
            features: BTreeMap::new(),
        }
    }

    /// The plan with a limit of `metric`.
    #[must_use]
    pub fn with_limit(mut self, metric: Metric, limit: Limit) -> Self {
        self.limits.insert(metric, limit);
        self
    }

    /// The limit of `metric`: 0 if the plan does not name it.
    #[must_use]
    pub fn limit(&self, metric: &Metric) -> Limit {
        self.limits.get(metric).copied().unwrap_or(Limit::AtMost(0))
    }

    /// The value of `feature`.
    #[must_use]
    pub fn feature(&self, feature: &FeatureDef) -> FeatureValue {
        self.features.get(&feature.key).cloned().unwrap_or_else(|| FeatureValue::absent(feature.feature_type))
    }
}

/// Why plans, metrics and features are not a catalogue.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidCatalog {
    /// There is no plan.
    #[error("there is no plan")]
    Empty,
    /// A key is used twice, as a plan's own or as a replaced one.
    #[error("the key {0} is used twice")]
    KeyUsedTwice(PlanKey),
    /// A metric does not fit with the others.
    #[error(transparent)]
    Metric(#[from] InvalidMetric),
    /// A feature has the key of another feature or of a metric.
    #[error("the key {0} is that of another feature or of a metric")]
    FeatureDefinedTwice(Feature),
    /// A plan limits a metric that is not in the catalogue.
    #[error("the plan {0} limits {1}, which is not a metric of the catalogue")]
    UnknownMetric(PlanKey, Metric),
    /// A plan has a feature that is not in the catalogue.
    #[error("the plan {0} has {1}, which is not a feature of the catalogue")]
    UnknownFeature(PlanKey, Feature),
    /// A plan gives a feature a value of another type.
    #[error("the plan {0} gives {1} a value of another type")]
    FeatureOfAnotherType(PlanKey, Feature),
}

/// The metrics, the features, and the plans on offer, in order: each plan is an upgrade of those
/// before it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlanCatalog {
    metrics: Vec<MetricDef>,
    features: Vec<FeatureDef>,
    plans: Vec<Plan>,
    default_plan: Option<PlanKey>,
}

impl PlanCatalog {
    /// The built-in plans: `basic` (2 staff members, 5 bookings a day) and `pro` (5 and 20).
    ///
    /// # Panics
    /// Never: the built-in keys are plan keys.
    #[must_use]
    pub fn builtin() -> Self {
        let plan = |key: &str, name: &str, description: &str, staff, bookings_per_day| Plan {
            description: description.into(),
            ..Plan::new(key.parse().expect("a built-in key is a plan key"), name)
                .with_limit(Metric::STAFF, Limit::AtMost(staff))
                .with_limit(Metric::BOOKINGS_PER_DAY, Limit::AtMost(bookings_per_day))
        };
        let plans =
            vec![plan("basic", "Basic", "For a small team.", 2, 5), plan("pro", "Pro", "For a growing team.", 5, 20)];
        Self { metrics: MetricDef::builtin().into(), features: Vec::new(), plans, default_plan: None }
    }

    /// A catalogue of `plans`, each an upgrade of those before it, with the built-in metrics alone.
    ///
    /// # Errors
    /// [`InvalidCatalog`].
    pub fn new(plans: Vec<Plan>) -> Result<Self, InvalidCatalog> {
        Self::with_metrics(Vec::new(), Vec::new(), plans)
    }

    /// A catalogue of `plans`, each an upgrade of those before it, with custom metrics beside
    /// the built-in ones, and features.
    ///
    /// ```
    /// use domain::{EffectiveLimits, Kind, Limit, MetricDef, Plan, PlanCatalog, Window};
    ///
    /// let sms = MetricDef {
    ///     key: "sms".parse().unwrap(),
    ///     meter: "sms".parse().unwrap(),
    ///     kind: Kind::Counter(Window::Period),
    ///     has_records: true,
    /// };
    /// let plan = Plan::new("pro".parse().unwrap(), "Pro").with_limit(sms.key.clone(), Limit::AtMost(1000));
    /// let catalog = PlanCatalog::with_metrics(vec![sms], Vec::new(), vec![plan]).unwrap();
    /// let limits = EffectiveLimits::from(catalog.find("pro").unwrap());
    /// assert!(limits.check("sms", 997, 3).is_ok());
    /// assert!(limits.check("sms", 998, 3).is_err());
    /// ```
    ///
    /// # Errors
    /// [`InvalidCatalog`].
    pub fn with_metrics(
        metrics: Vec<MetricDef>,
        features: Vec<FeatureDef>,
        plans: Vec<Plan>,
    ) -> Result<Self, InvalidCatalog> {
        let mut all = MetricDef::builtin().to_vec();
        for metric in metrics {
            metric.check(&all)?;
            all.push(metric);
        }
        let mut keys: BTreeSet<&str> = all.iter().map(|metric| metric.key.as_str()).collect();
        if let Some(twice) = features.iter().find(|feature| !keys.insert(feature.key.as_str())) {
            return Err(InvalidCatalog::FeatureDefinedTwice(twice.key.clone()));
        }
        let mut known = BTreeSet::new();
        for key in plans.iter().flat_map(|plan| std::iter::once(&plan.key).chain(&plan.replaces)) {
            if !known.insert(key) {
                return Err(InvalidCatalog::KeyUsedTwice(key.clone()));
            }
        }
        if plans.is_empty() {
            return Err(InvalidCatalog::Empty);
        }
        let catalog = Self { metrics: all, features, plans, default_plan: None };
        catalog.plans.iter().try_for_each(|plan| catalog.check_plan(plan))?;
        Ok(catalog)
    }

    /// Checks that the plan's metrics and features are in the catalogue.
    fn check_plan(&self, plan: &Plan) -> Result<(), InvalidCatalog> {
        let key = || plan.key.clone();
        if let Some(unknown) = plan.limits.keys().find(|metric| self.metric(metric.as_str()).is_none()) {
            return Err(InvalidCatalog::UnknownMetric(key(), unknown.clone()));
        }
        for (feature, value) in &plan.features {
            match self.feature(feature.as_str()) {
                None => return Err(InvalidCatalog::UnknownFeature(key(), feature.clone())),
                Some(def) if def.feature_type != value.feature_type() => {
                    return Err(InvalidCatalog::FeatureOfAnotherType(key(), feature.clone()));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// The catalogue with the plan of new accounts that name none. `None` is no plan.
    #[must_use]
    pub fn with_default(self, default_plan: Option<PlanKey>) -> Self {
        Self { default_plan, ..self }
    }

    /// The plan that a new account may be given if it names none.
    #[must_use]
    pub fn default_plan(&self) -> Option<&Plan> {
        self.default_plan.as_ref().and_then(|key| self.resolve(key))
    }

    /// The metrics: the built-in ones first.
    #[must_use]
    pub fn metrics(&self) -> &[MetricDef] {
        &self.metrics
    }

    /// The metric with this key.
    #[must_use]
    pub fn metric(&self, key: &str) -> Option<&MetricDef> {
        self.metrics.iter().find(|metric| metric.key.as_str() == key)
    }

    /// The metrics that limit `meter`. They are all gauges, or all counters.
    pub fn metrics_of<'a>(&'a self, meter: &'a Meter) -> impl Iterator<Item = &'a MetricDef> {
        self.metrics.iter().filter(move |metric| metric.meter == *meter)
    }

    /// The features.
    #[must_use]
    pub fn features(&self) -> &[FeatureDef] {
        &self.features
    }

    /// The feature with this key.
    #[must_use]
    pub fn feature(&self, key: &str) -> Option<&FeatureDef> {
        self.features.iter().find(|feature| feature.key.as_str() == key)
    }

    /// Whether it has custom metrics, or features.
    #[must_use]
    pub fn is_extended(&self) -> bool {
        !self.features.is_empty() || self.metrics.iter().any(|metric| !metric.is_builtin())
    }

    /// The plan with this key, in any letter case. White space around it is ignored.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Plan> {
        let key = key.trim();
        self.plans.iter().find(|plan| plan.key.as_str().eq_ignore_ascii_case(key))
    }

    /// The plan of an account that chose `key`: the plan with this key, or the one that replaces
    /// it.
    ///
    /// ```
    /// use domain::{Plan, PlanCatalog};
    ///
    /// let basic = PlanCatalog::builtin().find("basic").unwrap().clone();
    /// let starter = Plan { key: "starter".parse().unwrap(), replaces: vec![basic.key.clone()], ..basic.clone() };
    /// let catalog = PlanCatalog::new(vec![starter.clone()]).unwrap();
    /// assert_eq!(catalog.resolve(&basic.key), Some(&starter));
    /// assert_eq!(catalog.find("basic"), None);
    /// ```
    #[must_use]
    pub fn resolve(&self, key: &PlanKey) -> Option<&Plan> {
        let replaces = |plan: &&Plan| plan.replaces.contains(key);
        self.plans.iter().find(|plan| plan.key == *key).or_else(|| self.plans.iter().find(replaces))
    }

    /// The position of a plan in the order of upgrades, from 0; `None` if it is not on offer.
    #[must_use]
    pub fn rank(&self, key: &PlanKey) -> Option<usize> {
        self.plans.iter().position(|plan| plan.key == *key)
    }

    /// The plans, in order: each is an upgrade of those before it.
    pub fn iter(&self) -> impl Iterator<Item = &Plan> {
        self.plans.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_found_in_any_letter_case() {
        let catalog = PlanCatalog::builtin();
        for text in ["basic", "BASIC", " Basic "] {
            assert_eq!(catalog.find(text).unwrap().key.as_str(), "basic", "{text:?}");
        }
        for text in ["", "gold", "bas ic", "basic\0"] {
            assert_eq!(catalog.find(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_used_once_in_a_catalogue() {
        let plan = |key: &str, replaces: &[&str]| Plan {
            key: key.parse().unwrap(),
            replaces: replaces.iter().map(|key| key.parse().unwrap()).collect(),
            ..PlanCatalog::builtin().plans[0].clone()
        };
        let twice = Err(InvalidCatalog::KeyUsedTwice("a".parse().unwrap()));
        assert_eq!(PlanCatalog::new(vec![plan("a", &[]), plan("a", &[])]), twice);
        assert_eq!(PlanCatalog::new(vec![plan("a", &[]), plan("b", &["a"])]), twice);
        assert_eq!(PlanCatalog::new(vec![plan("b", &["a"]), plan("c", &["a"])]), twice);
        assert_eq!(PlanCatalog::new(vec![plan("a", &["a"])]), twice);
        assert_eq!(PlanCatalog::new(Vec::new()), Err(InvalidCatalog::Empty));
        let catalog = PlanCatalog::new(vec![plan("b", &["a"]), plan("c", &[])]).unwrap();
        let rank = |key: &str| catalog.rank(&key.parse().unwrap());
        assert_eq!((rank("a"), rank("b"), rank("c")), (None, Some(0), Some(1)));
    }

    #[test]
    fn the_plans_of_a_catalogue_are_in_order_and_resolved_by_what_they_replace() {
        let builtin = PlanCatalog::builtin();
        let keys: Vec<_> = builtin.iter().map(|plan| plan.key.as_str()).collect();
        assert_eq!(keys, ["basic", "pro"]);
        let starter = Plan {
            key: "starter".parse().unwrap(),
            replaces: vec!["basic".parse().unwrap()],
            ..builtin.find("basic").unwrap().clone()
        };
        let catalog = PlanCatalog::new(vec![starter.clone()]).unwrap();
        for (key, found) in [("starter", Some(&starter)), ("basic", Some(&starter)), ("pro", None)] {
            assert_eq!(catalog.resolve(&key.parse().unwrap()), found, "{key}");
        }
    }
}
