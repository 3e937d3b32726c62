//! A catalogue of your own: a metric beside the built-in ones, and three plans, one of them
//! unlimited, one that replaces a plan that is no longer sold.
//!
//! Run it with `cargo run -p domain --example own_catalog`.

use std::error::Error;

use domain::{EffectiveLimits, Kind, Limit, Metric, MetricDef, Plan, PlanCatalog, PlanKey, Window, rules};

fn main() -> Result<(), Box<dyn Error>> {
    let catalog = catalog()?;
    for plan in catalog.iter() {
        let limits: Vec<String> =
            catalog.metrics().iter().map(|MetricDef { key, .. }| format!("{key} {}", plan.limit(key))).collect();
        println!("{:<6} {}", plan.key, limits.join(", "));
    }

    // Accounts that chose `starter` before it was replaced have the limits of `solo` now.
    let sold_before: PlanKey = "starter".parse()?;
    let plan = catalog.resolve(&sold_before).ok_or("plan not found")?;
    println!("An account on {sold_before} is on {}.", plan.key);

    match rules::check_staff_limit(plan, 1, 1) {
        Ok(()) => println!("A second staff member is admitted."),
        Err(refusal) => {
            let larger = rules::plans_that_allow(&catalog, &refusal.metric, refusal.total());
            let larger: Vec<&str> = larger.map(|plan| plan.key.as_str()).collect();
            println!("Refused: {refusal}. Plans that allow it: {}.", larger.join(", "));
        }
    }

    // What your own storage counts: the messages that were sent this month.
    match EffectiveLimits::from(plan).check("sms_per_month", 98, 3) {
        Ok(()) => println!("Three more messages are admitted."),
        Err(refusal) => println!("Refused: {refusal}."),
    }

    let twice: Vec<Plan> = catalog.iter().chain(catalog.iter()).cloned().collect();
    let own = catalog.metrics().iter().filter(|metric| !metric.is_builtin()).cloned().collect();
    if let Err(error) = PlanCatalog::with_metrics(own, Vec::new(), twice) {
        println!("A faulty catalogue is refused: {error}.");
    }
    Ok(())
}

/// A metric of text messages, and the plans, each an upgrade of those before it.
fn catalog() -> Result<PlanCatalog, Box<dyn Error>> {
    let sms = MetricDef {
        key: "sms_per_month".parse()?,
        meter: "sms".parse()?,
        kind: Kind::Counter(Window::Month),
        has_records: true,
    };
    let plan = |key: &str, name: &str, [staff, bookings_per_day, messages]: [Limit; 3]| {
        let plan = Plan::new(key.parse()?, name)
            .with_limit(Metric::STAFF, staff)
            .with_limit(Metric::BOOKINGS_PER_DAY, bookings_per_day)
            .with_limit(sms.key.clone(), messages);
        Ok::<_, Box<dyn Error>>(plan)
    };
    let solo = plan("solo", "Solo", [1, 10, 100].map(Limit::AtMost))?;
    let solo = Plan { replaces: vec!["starter".parse()?], ..solo };
    let team = plan("team", "Team", [8, 40, 1000].map(Limit::AtMost))?;
    let chain = plan("chain", "Chain", [Limit::Unlimited; 3])?;
    Ok(PlanCatalog::with_metrics(vec![sms], Vec::new(), vec![solo, team, chain])?)
}
