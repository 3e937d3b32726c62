//! What is valid in a catalogue, but probably not intended.

use domain::{MetricDef, PlanCatalog};

/// A warning for each limit that a plan does not name. It is 0.
///
/// A catalogue with custom metrics may leave out a built-in one in every plan: such a product
/// has no bookings, for example.
pub(crate) fn warnings(catalog: &PlanCatalog) -> Vec<String> {
    let is_unused = |metric: &MetricDef| {
        metric.is_builtin()
            && catalog.is_extended()
            && catalog.iter().all(|plan| !plan.limits.contains_key(&metric.key))
    };
    let metrics: Vec<&MetricDef> = catalog.metrics().iter().filter(|metric| !is_unused(metric)).collect();
    let missing = catalog.iter().flat_map(|plan| {
        let missing = metrics.iter().filter(|metric| !plan.limits.contains_key(&metric.key));
        missing.map(|metric| format!("the plan {} has no limit of {}, so it is 0 there", plan.key, metric.key))
    });
    missing.collect()
}
