//! The keys of the catalogue, by what a request names with them.

use crate::{KeyKind, Kind, MetricDef, PlanCatalog};

/// The keys of this kind, in the order of the catalogue.
///
/// ```
/// use domain::{KeyKind, PlanCatalog, keys_of_kind};
///
/// let catalog = PlanCatalog::builtin();
/// assert_eq!(keys_of_kind(&catalog, KeyKind::Metric), ["staff", "bookings_per_day"]);
/// assert_eq!(keys_of_kind(&catalog, KeyKind::Meter), ["staff", "bookings"]);
/// ```
#[must_use]
pub fn keys_of_kind(catalog: &PlanCatalog, kind: KeyKind) -> Vec<&str> {
    match kind {
        KeyKind::Metric => catalog.metrics().iter().map(|metric| metric.key.as_str()).collect(),
        KeyKind::Counter => {
            let counters = catalog.metrics().iter().filter(|metric| matches!(metric.kind, Kind::Counter(_)));
            counters.map(|metric| metric.key.as_str()).collect()
        }
        KeyKind::Meter => meters(catalog, |_| true),
        KeyKind::UsageMeter => meters(catalog, MetricDef::takes_usage),
        KeyKind::AllocatedMeter => meters(catalog, MetricDef::takes_allocations),
        KeyKind::Feature => catalog.features().iter().map(|feature| feature.key.as_str()).collect(),
        KeyKind::MetricOrFeature => {
            [KeyKind::Metric, KeyKind::Feature].map(|kind| keys_of_kind(catalog, kind)).concat()
        }
    }
}

/// The meters of the metrics that `is_kind` accepts, each once.
fn meters(catalog: &PlanCatalog, is_kind: impl Fn(&MetricDef) -> bool) -> Vec<&str> {
    let mut keys = Vec::new();
    for metric in catalog.metrics().iter().filter(|metric| is_kind(metric)) {
        if !keys.contains(&metric.meter.as_str()) {
            keys.push(metric.meter.as_str());
        }
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FeatureDef, FeatureType, Plan, Window};

    #[test]
    fn each_kind_has_the_keys_that_fit() {
        let def = |key: &str, meter: &str, kind| MetricDef {
            key: key.parse().unwrap(),
            meter: meter.parse().unwrap(),
            kind,
            has_records: true,
        };
        let metrics = vec![
            def("projects", "projects", Kind::Gauge),
            def("sms", "sms", Kind::Counter(Window::Month)),
            def("sms_per_day", "sms", Kind::Counter(Window::Day)),
        ];
        let features = vec![FeatureDef { key: "sso".parse().unwrap(), feature_type: FeatureType::Switch }];
        let plans = vec![Plan::new("pro".parse().unwrap(), "Pro")];
        let catalog = PlanCatalog::with_metrics(metrics, features, plans).unwrap();
        for (kind, keys) in [
            (KeyKind::Metric, &["staff", "bookings_per_day", "projects", "sms", "sms_per_day"][..]),
            (KeyKind::Counter, &["bookings_per_day", "sms", "sms_per_day"]),
            (KeyKind::Meter, &["staff", "bookings", "projects", "sms"]),
            (KeyKind::UsageMeter, &["sms"]),
            (KeyKind::AllocatedMeter, &["projects"]),
            (KeyKind::Feature, &["sso"]),
            (KeyKind::MetricOrFeature, &["staff", "bookings_per_day", "projects", "sms", "sms_per_day", "sso"]),
        ] {
            assert_eq!(keys_of_kind(&catalog, kind), keys, "{kind}");
        }
    }
}
