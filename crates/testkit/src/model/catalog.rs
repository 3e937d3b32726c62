//! The plans and metrics of the commands.

use domain::{Limit, MetricDef, PlanCatalog, Window};

use crate::fixtures::{counter, plan, plan_with};

/// The metric beside the built-in ones: bookings by month.
pub(super) fn monthly() -> MetricDef {
    counter("bookings_per_month", "bookings", Window::Month)
}

/// Plans with limits that a short sequence reaches, and an unlimited plan.
pub(super) fn catalog() -> PlanCatalog {
    let limited = [0, 2, 4].map(|limit| plan_with(limit).with_limit(monthly().key, Limit::AtMost(2 * limit)));
    let unlimited = plan("unlimited", Limit::Unlimited).with_limit(monthly().key, Limit::Unlimited);
    let plans = limited.into_iter().chain([unlimited]).collect();
    PlanCatalog::with_metrics(vec![monthly()], Vec::new(), plans).expect("the plans limit metrics of the catalogue")
}
