//! Prints which requests each plan admits, with the rules alone: no store, no server.
//!
//! Run it with `cargo run -p domain --example limits`.

use domain::{Metric, Plan, PlanCatalog, rules};

fn main() {
    for plan in PlanCatalog::builtin().iter() {
        let [staff, bookings] = [Metric::STAFF, Metric::BOOKINGS_PER_DAY].map(|metric| plan.limit(&metric));
        println!("{} ({}): {staff} staff members, {bookings} bookings a day", plan.name, plan.key);
        try_until_refused("staff member", |used| rules::check_staff_limit(plan, used, 1));
        try_until_refused("booking", |used| rules::check_daily_booking_limit(plan, used, 1));
    }
}

/// Requests one more of `what` until the rule refuses, and prints each decision.
fn try_until_refused(what: &str, check: impl Fn(u64) -> Result<(), rules::LimitExceeded>) {
    let mut used = 0;
    loop {
        match check(used) {
            Ok(()) => println!("  {what} {:>2}: admitted", used + 1),
            Err(refusal) => {
                let catalog = PlanCatalog::builtin();
                let plans: Vec<&str> = rules::plans_that_allow(&catalog, &refusal.metric, refusal.total())
                    .map(|plan: &Plan| plan.key.as_str())
                    .collect();
                println!("  {what} {:>2}: refused, {} (plans that allow it: {plans:?})", used + 1, refusal);
                return;
            }
        }
        used += 1;
    }
}
