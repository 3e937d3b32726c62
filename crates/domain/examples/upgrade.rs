//! What a change of plan brings: the limits before and after it, and what would be over the limit.
//!
//! Run it with `cargo run -p domain --example upgrade -- pro basic 4 12`: from `pro` to `basic`,
//! with 4 staff members and 12 bookings on the busiest day.

use std::process::ExitCode;

use domain::{Metric, Plan, PlanCatalog, Usage, rules};

const USAGE: &str = "usage: upgrade <from> <to> <staff members> <bookings on the busiest day>";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match compare(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn compare(arguments: &[String]) -> Result<(), String> {
    let [from, to, staff, bookings] = arguments else { return Err(USAGE.to_owned()) };
    let catalog = PlanCatalog::builtin();
    let (from, to) = (find(&catalog, from)?, find(&catalog, to)?);
    let number = |text: &str| text.parse::<u64>().map_err(|_| format!("not a number: {text}\n{USAGE}"));
    let (staff, bookings) = (number(staff)?, number(bookings)?);

    println!("{} -> {}: {}", from.name, to.name, rules::direction(&catalog, Some(&from.key), &to.key));
    println!("{:<20}{:>8}{:>8}{:>8}  over the limit", "metric", "used", "before", "after");
    for (metric, used) in [(Metric::STAFF, staff), (Metric::BOOKINGS_PER_DAY, bookings)] {
        let after = Usage { used, limit: to.limit(&metric) };
        let over_by = if after.over_by() > 0 { format!("  by {}", after.over_by()) } else { String::new() };
        println!("{metric:<20}{used:>8}{:>8}{:>8}{over_by}", from.limit(&metric), after.limit);
    }
    Ok(())
}

fn find<'a>(catalog: &'a PlanCatalog, key: &str) -> Result<&'a Plan, String> {
    let known: Vec<&str> = catalog.iter().map(|plan| plan.key.as_str()).collect();
    catalog.find(key).ok_or_else(|| format!("no plan {key}: the catalogue has {}", known.join(", ")))
}
