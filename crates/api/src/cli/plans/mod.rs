//! `headroom plans`: prints the catalogue, or compares another one with it before it is used.

mod accounts;
mod check;

use std::process::ExitCode;

use clap::Subcommand;
use domain::PlanCatalog;

use super::{output, report};
use crate::config::Config;
use crate::plans;
use check::Check;

/// What to do with the plans.
#[derive(Subcommand)]
pub(super) enum PlansCommand {
    /// Check a file of plans before it is used: its faults, what it changes, and which accounts of
    /// the database would be over its limits. The database is only read
    Check(Check),
}

/// Runs the command. Without one, prints the catalogue as TOML.
pub(super) fn run(config: &Config, catalog: PlanCatalog, command: Option<PlansCommand>) -> ExitCode {
    match command {
        None => {
            for warning in plans::warnings(&catalog) {
                eprintln!("headroom: {warning}");
            }
            report(plans::to_toml(&catalog).map(output::print))
        }
        Some(PlansCommand::Check(check)) => check.run(config, catalog),
    }
}
