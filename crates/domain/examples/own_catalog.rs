//! A catalogue of your own: three plans, one of them unlimited, one in place of a plan that is no
//! longer sold.
//!
//! Run it with `cargo run -p domain --example own_catalog`.

use std::error::Error;

use domain::{Limit, Plan, PlanCatalog, PlanKey, rules};

fn main() -> Result<(), Box<dyn Error>> {
    let catalog = catalog()?;
    for plan in catalog.iter() {
        println!("{:<8} {:>9} staff members, {:>9} bookings a day", plan.key, plan.staff, plan.bookings_per_day);
    }

    // Accounts that chose `starter` before it was replaced have the limits of `solo` now.
    let sold_before: PlanKey = "starter".parse()?;
    let plan = catalog.resolve(&sold_before).ok_or("plan not found")?;
    println!("An account on {sold_before} is on {}.", plan.key);

    match rules::check_staff_limit(plan, 1, 1) {
        Ok(()) => println!("A second staff member is admitted."),
        Err(refusal) => {
            let larger = rules::plans_that_allow(&catalog, refusal.metric, refusal.total());
            let larger: Vec<&str> = larger.map(|plan| plan.key.as_str()).collect();
            println!("Refused: {refusal}. Plans that allow it: {}.", larger.join(", "));
        }
    }

    let twice: Vec<Plan> = catalog.iter().chain(catalog.iter()).cloned().collect();
    if let Err(error) = PlanCatalog::new(twice) {
        println!("A faulty catalogue is refused: {error}.");
    }
    Ok(())
}

/// The plans, each an upgrade of those before it.
fn catalog() -> Result<PlanCatalog, Box<dyn Error>> {
    let plan = |key: &str, name: &str, staff, bookings_per_day| -> Result<Plan, Box<dyn Error>> {
        let (key, name, description) = (key.parse()?, name.into(), "".into());
        Ok(Plan { key, name, description, replaces: Vec::new(), staff, bookings_per_day })
    };
    let solo =
        Plan { replaces: vec!["starter".parse()?], ..plan("solo", "Solo", Limit::AtMost(1), Limit::AtMost(10))? };
    let team = plan("team", "Team", Limit::AtMost(8), Limit::AtMost(40))?;
    let chain = plan("chain", "Chain", Limit::Unlimited, Limit::Unlimited)?;
    Ok(PlanCatalog::new(vec![solo, team, chain])?)
}
