//! `headroom verify`: compares the counters with the rows that they count.

use std::process::ExitCode;

use domain::Timestamp;
use domain::ports::Clock;
use storage::verify::Verification;

use super::stores::open_to_read;
use super::{output, report};
use crate::clock::SystemClock;
use crate::config::Config;

/// Prints what was compared and all differences; fails if there are any.
pub(super) fn run(config: &Config, is_full: bool) -> ExitCode {
    if config.database.url.is_missing_file() {
        return report(Err(format!("there is no database at {}", config.database.url)));
    }
    let store = match open_to_read(config) {
        Ok(store) => store,
        Err(error) => return report(Err(error)),
    };
    let as_of = SystemClock.now();
    match actix_web::rt::System::new().block_on(store.verify_in_chunks(is_full)) {
        Ok(verification) => report_verification(&verification, as_of),
        Err(error) => report(Err(error)),
    }
}

fn report_verification(verification: &Verification, as_of: Timestamp) -> ExitCode {
    for finding in &verification.findings {
        output::print_line(finding);
    }
    let more = verification.findings_total.saturating_sub(verification.findings.len() as u64);
    if more > 0 {
        output::print_line(format_args!("and {more} more findings"));
    }
    let Verification { accounts, staff_members, bookings, allocations, charges, .. } = verification;
    let Verification { usage_counters, unrecorded_counters, audit_entries, findings_total, .. } = verification;
    let outcome = if *findings_total == 0 { "ok".to_owned() } else { format!("{findings_total} findings") };
    // Only custom metrics have allocations and charges.
    let own = if allocations + charges > 0 {
        format!("{allocations} allocations, {charges} charges, ")
    } else {
        String::new()
    };
    output::print_line(format_args!(
        "{outcome}: compared {accounts} accounts, {staff_members} active staff members, {bookings} bookings that count, \
         {own}{usage_counters} usage counters and {audit_entries} audit entries, with everything committed by {as_of}"
    ));
    if *unrecorded_counters > 0 {
        output::print_line(format_args!(
            "{unrecorded_counters} of the usage counters were compared with nothing: they are of metrics without records, or \
             erasure or retention removed rows that they count"
        ));
    }
    if *findings_total == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
