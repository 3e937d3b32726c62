//! `headroom plans check`: what a file of plans would change, before it is used.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use domain::PlanCatalog;
use domain::ports::Clock;
use serde::Serialize;

use super::accounts::{self, AccountsReport};
use crate::cli::output;
use crate::cli::stores::open_to_read;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::plans::{self, Differences, PlansSource};

/// The file, and what to do with the result.
#[derive(Args)]
pub(in crate::cli) struct Check {
    /// The file to check. It is compared with the plans in force, those of --plans
    file: PathBuf,
    /// As one JSON object
    #[arg(long)]
    json: bool,
    /// Fail if more accounts than this would be over a limit
    #[arg(long, value_name = "ACCOUNTS")]
    max_over: Option<u64>,
}

/// Everything that the check found.
#[derive(Default, Serialize)]
struct CheckReport {
    file: String,
    faults: Vec<String>,
    warnings: Vec<String>,
    /// `None` if the file has faults.
    differences: Option<Differences>,
    /// `None` if there is no database, or the file has faults.
    accounts: Option<AccountsReport>,
}

impl Check {
    /// Checks the file, and prints the result. Fails if it has faults, lacks plans of accounts, or
    /// puts too many accounts over a limit.
    pub(in crate::cli) fn run(self, config: &Config, present: PlanCatalog) -> ExitCode {
        let report = match self.check(config, present) {
            Ok(report) => report,
            Err(error) => return crate::cli::report(Err(error)),
        };
        if self.json {
            output::print_line(serde_json::to_string(&report).expect("no map has other keys than strings"));
        } else {
            report.print();
        }
        let is_too_many = |accounts: &AccountsReport| self.max_over.is_some_and(|max| accounts.over_total > max);
        let is_refused = |accounts: &AccountsReport| !accounts.vanished_plans.is_empty() || is_too_many(accounts);
        let fails = !report.faults.is_empty() || report.accounts.as_ref().is_some_and(is_refused);
        if fails { ExitCode::FAILURE } else { ExitCode::SUCCESS }
    }

    fn check(&self, config: &Config, present: PlanCatalog) -> Result<CheckReport, String> {
        let file = self.file.display().to_string();
        let source = PlansSource { file: Some(self.file.clone()), ..config.plans.clone() };
        let new = match source.read() {
            Ok(new) => new,
            Err(faults) => return Ok(CheckReport { file, faults, ..CheckReport::default() }),
        };
        let warnings = plans::warnings(&new);
        let differences = Some(Differences::between(&present, &new));
        let accounts = if config.database.url.is_missing_file() {
            None
        } else {
            let store = open_to_read(config).map_err(|error| error.to_string())?;
            let compared = accounts::compare(&store, present, new, SystemClock.now());
            let compared = actix_web::rt::System::new().block_on(compared);
            Some(compared.map_err(|error| error.to_string())?)
        };
        Ok(CheckReport { file, faults: Vec::new(), warnings, differences, accounts })
    }
}

impl CheckReport {
    fn print(&self) {
        for message in self.faults.iter().chain(&self.warnings) {
            eprintln!("headroom: {message}");
        }
        if let Some(differences) = &self.differences {
            let lines = differences.lines();
            lines.iter().for_each(output::print_line);
            if lines.is_empty() {
                output::print_line("the plans are the same as those in force");
            }
        }
        match &self.accounts {
            Some(accounts) => print_accounts(accounts),
            None if self.faults.is_empty() => output::print_line("there is no database, so no account was compared"),
            None => {}
        }
    }
}

fn print_accounts(report: &AccountsReport) {
    for metric in &report.uncounted_metrics {
        output::print_line(format_args!("{metric} is counted in the database, and no metric would limit it"));
    }
    for vanished in &report.vanished_plans {
        let at_least = if vanished.or_more { "at least " } else { "" };
        let (plan, accounts) = (&vanished.plan, vanished.accounts);
        let are = if accounts == 1 { "account is" } else { "accounts are" };
        output::print_line(format_args!("plan {plan}: gone, and {at_least}{accounts} {are} on it"));
    }
    for account in &report.over {
        for over in &account.limits {
            output::print_line(format_args!(
                "{} on {}: {} {} of {}, over by {}",
                account.account_id, account.plan, over.used, over.metric, over.limit, over.over
            ));
        }
    }
    let more = report.over_total.saturating_sub(report.over.len() as u64);
    if more > 0 {
        output::print_line(format_args!("and {more} more accounts"));
    }
    let (compared, over) = (report.compared, report.over_total);
    output::print_line(format_args!("{over} of {compared} accounts would be over a limit"));
}
