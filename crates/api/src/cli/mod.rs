//! The command line: commands, settings and exit codes.

mod api_keys;
mod backup;
mod config;
mod copy;
mod erase;
mod health;
mod help;
mod keys;
mod mcp;
mod output;
mod plans;
mod stores;
mod users;
mod verify;

use std::fmt::Display;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use domain::PlanCatalog;

use crate::config::{Config, ConfigError, Settings};
use crate::endpoints::document_json;
use crate::logging::{LogFilter, LogFormat};
use crate::{logging, server, version};
use backup::{BackupCommand, RestoreCommand};
use copy::CopyCommand;
use erase::EraseCommand;
use keys::KeyCommand;
use mcp::McpCommand;
use plans::PlansCommand;
use users::UserCommand;

/// The exit code for an invalid configuration.
const MISCONFIGURED: u8 = 2;

/// Headroom stores accounts and their plans, and enforces plan limits exactly.
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
    /// Check whether the server at the configured address is healthy
    Health,
    /// Compare the database's usage counters with its rows, also while a server runs
    Verify {
        /// Check the whole SQLite file as well. During the check, a server's write-ahead log cannot
        /// be truncated
        #[arg(long)]
        full: bool,
    },
    /// Back up the SQLite database and its key file, also while a server runs
    Backup(BackupCommand),
    /// Put a backup in the place of the SQLite database
    Restore(RestoreCommand),
    /// List or change the signing keys of access tokens in the key file, or create an API key
    #[command(subcommand, visible_alias = "key")]
    Keys(KeyCommand),
    /// Administer the users in the database, also while a server runs
    #[command(subcommand)]
    User(UserCommand),
    /// Erase the personal data of an account or a user permanently, also while a server runs
    #[command(subcommand)]
    Erase(EraseCommand),
    /// Copy a database into an empty one, from SQLite to PostgreSQL or back
    Copy(CopyCommand),
    /// Print the plans on offer, as --plans takes them, or check another file of plans
    Plans {
        #[command(subcommand)]
        command: Option<PlansCommand>,
    },
    /// Print the effective configuration, and where each value came from; secrets are masked
    Config {
        /// As a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Serve tools for assistants over standard input and output, from a running server
    Mcp(McpCommand),
    /// Print the OpenAPI document
    Openapi,
}

/// Runs the command of the command line.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::try_parse().unwrap_or_else(|error| help::show(&error));
    let command = cli.command.unwrap_or(Command::Serve);
    let settings = cli.settings;
    match command {
        Command::Serve => configured(Config::parse_with_plans(settings), |(config, catalog)| serve(&config, catalog)),
        Command::Health => configured(Config::parse(settings), |config| report(health::run(config.listen))),
        Command::Verify { full } => configured(Config::parse(settings), |config| verify::run(&config, full)),
        Command::Backup(command) => {
            configured(Config::parse(settings), |config| report(backup::backup(&config, &command)))
        }
        Command::Restore(command) => configured(Config::parse(settings), |config| {
            log_warnings();
            report(backup::restore(&config, &command))
        }),
        Command::Keys(command) => configured(Config::parse(settings), |config| {
            log_warnings();
            report(keys::run(&config, &command))
        }),
        Command::User(command) => configured(Config::parse(settings), |config| {
            log_warnings();
            report(users::run(&config, &command))
        }),
        Command::Erase(command) => configured(Config::parse(settings), |config| {
            log_warnings();
            report(erase::run(&config, &command))
        }),
        Command::Copy(command) => copy(&command),
        Command::Plans { command } => {
            configured(Config::parse_with_plans(settings), |(config, catalog)| plans::run(&config, catalog, command))
        }
        Command::Config { json } => {
            let given = settings.given();
            configured(Config::parse(settings), |config| {
                config::run(&config, &given, json);
                ExitCode::SUCCESS
            })
        }
        Command::Mcp(command) => serve_tools(&command),
        Command::Openapi => {
            output::print(document_json());
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
            report(copy::run(&from, &to))
        }
        Err(fault) => {
            eprintln!("headroom: {fault}");
            ExitCode::from(MISCONFIGURED)
        }
    }
}

fn serve_tools(command: &McpCommand) -> ExitCode {
    match command.parse() {
        // The standard output is the protocol's, and the log goes to the standard error.
        Ok((client, options)) => {
            log_warnings();
            report(mcp::run(client, options))
        }
        Err(fault) => {
            eprintln!("headroom: {fault}");
            ExitCode::from(MISCONFIGURED)
        }
    }
}

/// Logs warnings, for a command that writes to the database.
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
        log::warn!("the environment variable {name} is not a setting and has no effect");
    }
    for warning in config.tracing.iter().flat_map(|tracing| &tracing.warnings) {
        log::warn!("{warning}");
    }
    report(server::run(config, catalog))
}
