//! A catalogue with custom metrics: the built-in plans with more limits.

use domain::{Kind, Limit, Metric, MetricDef, Plan, PlanCatalog, Window};

/// A metric of a meter. `has_records` says whether usage of it is kept.
pub(crate) fn metric(key: &str, meter: &str, kind: Kind, has_records: bool) -> MetricDef {
    MetricDef { key: key.parse().expect("a key"), meter: meter.parse().expect("a key"), kind, has_records }
}

/// The built-in plans with these metrics, and the limits of `pro` for them.
pub(crate) fn catalog_with(metrics: Vec<(MetricDef, Limit)>) -> PlanCatalog {
    let (metrics, limits): (Vec<MetricDef>, Vec<(Metric, Limit)>) =
        metrics.into_iter().map(|(metric, limit)| (metric.clone(), (metric.key, limit))).unzip();
    let with_limits = |plan: &Plan| {
        let limits = limits.iter().filter(|_| plan.key.as_str() == "pro").cloned();
        limits.fold(plan.clone(), |plan, (metric, limit)| plan.with_limit(metric, limit))
    };
    let plans = PlanCatalog::builtin().iter().map(with_limits).collect();
    PlanCatalog::with_metrics(metrics, Vec::new(), plans).expect("a good catalogue")
}

/// The catalogue of tenants: enough of everything on `pro` for the examples of the document.
pub(crate) fn catalog() -> PlanCatalog {
    let most = Limit::AtMost(1000);
    catalog_with(vec![
        (metric("projects", "projects", Kind::Gauge, true), most),
        (metric("sms", "sms", Kind::Counter(Window::Period), true), most),
        (metric("api_calls_per_minute", "api_calls", Kind::Counter(Window::Minute), false), most),
    ])
}
