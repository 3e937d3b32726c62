//! The command line: which part of the program to run, and what its exit code tells.

mod help;

use std::fmt::Display;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use domain::ports::Clock;
use domain::{PlanCatalog, Timestamp};
use storage::verify::Verification;
use storage::{AnyStore, OpenError, StoreOptions};

use crate::clock::SystemClock;
use crate::config::{Config, ConfigError, Settings};
use crate::copy_command::{self, CopyCommand};
use crate::key_commands::{self, KeyCommand};
use crate::logging::{LogFilter, LogFormat};
use crate::user_commands::{self, UserCommand};
use crate::{health_check, logging, openapi, output, plans, server, version};

/// What a start that failed for its configuration exits with.
const MISCONFIGURED: u8 = 2;

/// One to read and one to write.
const COMMAND_CONNECTIONS: u32 = 2;

/// Headroom keeps accounts, the plans they are on, and limits that hold exactly.
#[derive(Parser)]
#[command(name = "headroom", version = version::version())]
struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server; the same as no command
    Serve,
    /// Ask the server at the configured address whether it runs
    Health,
    /// Compare the database's usage counters with its rows, beside a running server too
    Verify {
        /// Check the whole SQLite file as well. While that reads it, a server's write-ahead log cannot be emptied
        #[arg(long)]
        full: bool,
    },
    /// Change or list the keys in the key file that access tokens are signed with
    #[command(subcommand)]
    Keys(KeyCommand),
    /// See to the users in the database, beside a running server too
    #[command(subcommand)]
    User(UserCommand),
    /// Copy a database into an empty one, from SQLite to PostgreSQL or back
    Copy(CopyCommand),
    /// Print the plans on offer, as --plans takes them
    Plans,
    /// Print the OpenAPI document
    Openapi,
}

/// Runs what the command line asks for.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| help::show(&error));
    let command = cli.command.unwrap_or(Command::Serve);
    let settings = cli.settings;
    match command {
        Command::Serve => configured(Config::parse_with_plans(settings), |(config, catalog)| serve(&config, catalog)),
        Command::Health => configured(Config::parse(settings), |config| report(health_check::run(config.listen))),
        Command::Verify { full } => configured(Config::parse(settings), |config| verify(&config, full)),
        Command::Keys(command) => {
            configured(Config::parse(settings), |config| report(key_commands::run(&config, &command)))
        }
        Command::User(command) => configured(Config::parse(settings), |config| {
            log_warnings();
            report(user_commands::run(&config, &command))
        }),
        Command::Copy(command) => copy(&command),
        Command::Plans => configured(Config::parse_with_plans(settings), |(_, catalog)| {
            report(plans::to_toml(&catalog).map(output::print))
        }),
        Command::Openapi => {
            output::print(openapi::document_json());
            ExitCode::SUCCESS
        }
    }
}

fn configured<C>(parsed: Result<C, ConfigError>, run: impl FnOnce(C) -> ExitCode) -> ExitCode {
    match parsed {
        Ok(config) => run(config),
        Err(faults) => {
            eprintln!("{faults}");
            ExitCode::from(MISCONFIGURED)
        }
    }
}

fn report<E: Display>(result: Result<(), E>) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("headroom: {error}");
            ExitCode::FAILURE
        }
    }
}

fn copy(command: &CopyCommand) -> ExitCode {
    match command.parse() {
        Ok((from, to)) => {
            log_warnings();
            report(copy_command::run(&from, &to))
        }
        Err(fault) => {
            eprintln!("headroom: {fault}");
            ExitCode::from(MISCONFIGURED)
        }
    }
}

/// Lets a command that opens a database to write say what is wrong with it.
fn log_warnings() {
    logging::init(&LogFilter::warnings(), LogFormat::Human);
}

fn serve(config: &Config, catalog: PlanCatalog) -> ExitCode {
    if let Err(faults) = config.check_exposure() {
        eprintln!("{faults}");
        return ExitCode::from(MISCONFIGURED);
    }
    logging::init(&config.log_filter, config.log_format);
    for name in &config.unknown_variables {
        log::warn!("the environment variable {name} is none of Headroom's and has no effect");
    }
    report(server::run(config, catalog))
}

/// Opens the database for a command that only reads, beside servers that use it.
pub(crate) fn open_to_read(config: &Config) -> Result<AnyStore, OpenError> {
    let options = StoreOptions { connections: COMMAND_CONNECTIONS, ..config.database.options };
    AnyStore::open_read_only(&config.database.url, options)
}

/// Opens the database for a command, which asks for one thing after the other: beside servers, whose connections it
/// leaves to them.
pub(crate) fn open_for_command(config: &Config) -> Result<AnyStore, OpenError> {
    AnyStore::open(&config.database.url, StoreOptions { connections: COMMAND_CONNECTIONS, ..config.database.options })
}

/// Prints what was compared and what is wrong with the database; fails if anything is.
fn verify(config: &Config, is_full: bool) -> ExitCode {
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
    let Verification { accounts, staff_members, bookings, usage_counters, audit_entries, findings_total, .. } =
        verification;
    let outcome = if *findings_total == 0 { "ok".to_owned() } else { format!("{findings_total} findings") };
    output::print_line(format_args!(
        "{outcome}: compared {accounts} accounts, {staff_members} active staff members, {bookings} bookings that count, \
         {usage_counters} usage counters and {audit_entries} audit entries, with everything committed by {as_of}"
    ));
    if *findings_total == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
