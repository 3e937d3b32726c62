//! `headroom erase`: erases accounts and users in the database, also while a server runs.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::{Args, Subcommand};
use domain::error::{FindError, StorageError, UserError};
use domain::ports::{Clock, IdGenerator, ReadTx, Store, WriteTx};
use domain::{AccountId, Action, ErasureCounts, ErasureSubject, Timestamp, Username, Uuid, use_cases};
use storage::{AnyStore, OpenError};
use thiserror::Error;

use super::output;
use super::stores::{open_for_command, open_to_read};
use super::users::ORIGIN;
use crate::access::AuditedEffect;
use crate::clock::{SystemClock, UuidV7Generator};
use crate::config::Config;
use crate::state::DISCARDED_ROWS_MAX;

/// What to erase.
#[derive(Subcommand)]
pub(crate) enum EraseCommand {
    /// Erase an account and everything that belongs to it, but its counters and the ids, actions and
    /// times of its audit log
    Account {
        /// The account's id
        id: String,
        #[command(flatten)]
        options: EraseOptions,
    },
    /// Delete a user with their sessions, API keys and memberships, and erase the addresses and
    /// request ids of what they did
    User {
        /// The user's id or username
        user: String,
        #[command(flatten)]
        options: EraseOptions,
    },
    /// Complete the erasures that were requested, such as by the API, and empty SQLite's write-ahead
    /// log
    Finish,
}

/// How to erase.
#[derive(Args)]
pub(crate) struct EraseOptions {
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    /// Show how many rows would be erased, and erase nothing
    #[arg(long)]
    dry_run: bool,
}

/// Why the command failed.
#[derive(Debug, Error)]
pub(crate) enum EraseError {
    #[error("there is no database at {0}")]
    NoDatabase(String),
    #[error("cannot open the database: {0}")]
    Database(#[from] OpenError),
    #[error("there is no {0}")]
    NotFound(String),
    #[error("there is no operator, who would be named in the audit log")]
    NoOperator,
    #[error("it is erased permanently: confirm on a terminal, or with --yes")]
    NotConfirmed,
    #[error("nothing was erased")]
    Declined,
    #[error("cannot read the answer: {0}")]
    Input(#[from] io::Error),
    #[error("the user is the only owner of {0}: transfer, remove or erase the account first")]
    LastOwner(AccountId),
    #[error(transparent)]
    User(UserError),
    #[error(transparent)]
    Storage(#[from] StorageError),
}

fn describe(subject: ErasureSubject) -> String {
    match subject {
        ErasureSubject::Account(id) => format!("account {id}"),
        ErasureSubject::User(id) => format!("user {id}"),
    }
}

/// Runs the command, and prints its result.
pub(crate) fn run(config: &Config, command: &EraseCommand) -> Result<(), EraseError> {
    if config.database.url.is_missing_file() {
        return Err(EraseError::NoDatabase(config.database.url.to_string()));
    }
    let (named, options) = match command {
        EraseCommand::Account { id, options } => (Named::Account(id), options),
        EraseCommand::User { user, options } => (Named::User(user), options),
        EraseCommand::Finish => {
            let store = open_for_command(config)?;
            actix_web::rt::System::new().block_on(finish(&store))?;
            store.close();
            output::print_line("all requested erasures are complete");
            return Ok(());
        }
    };
    let store = open_to_read(config)?;
    let (subject, counts) = actix_web::rt::System::new().block_on(count(&store, named))?;
    drop(store);
    if options.dry_run {
        output::print_line(format_args!("would erase {}", describe(subject)));
        output::print(lines(&counts));
        return Ok(());
    }
    if !options.yes {
        confirm(subject, &counts)?;
    }
    let store = open_for_command(config)?;
    actix_web::rt::System::new().block_on(erase(&store, subject, &config.operator.username))?;
    // Truncates SQLite's write-ahead log, which has the erased texts.
    store.close();
    output::print_line(format_args!("erased {}", describe(subject)));
    Ok(())
}

/// What the command line names.
#[derive(Clone, Copy)]
enum Named<'a> {
    Account(&'a str),
    User(&'a str),
}

async fn count(store: &AnyStore, named: Named<'_>) -> Result<(ErasureSubject, ErasureCounts), EraseError> {
    match named {
        Named::Account(text) => {
            let missing = || EraseError::NotFound(format!("account {text}"));
            let id: AccountId = text.parse().map_err(|_| missing())?;
            let counted = store.read(move |tx| use_cases::count_account_erasure(tx, id)).await;
            Ok((ErasureSubject::Account(id), counted.map_err(|error| unless_missing(error, missing))?))
        }
        Named::User(text) => {
            let missing = || EraseError::NotFound(format!("user {text}"));
            let name = text.to_owned();
            let count = move |tx: &mut dyn ReadTx| {
                let id = use_cases::find_user(tx, &name)?.ok_or(FindError::NotFound)?.id;
                Ok((ErasureSubject::User(id), use_cases::count_user_erasure(tx, id)?))
            };
            store.read(count).await.map_err(|error| unless_missing(error, missing))
        }
    }
}

fn unless_missing(error: FindError, missing: impl FnOnce() -> EraseError) -> EraseError {
    match error {
        FindError::NotFound => missing(),
        FindError::Storage(error) => error.into(),
    }
}

/// A line for each kind of rows that there are.
fn lines(counts: &ErasureCounts) -> String {
    let kinds = [
        ("members", counts.members),
        ("staff members", counts.staff_members),
        ("bookings", counts.bookings),
        ("usage records", counts.usage_records),
        ("allocations", counts.allocations),
        ("holds", counts.holds),
        ("audit entries", counts.audit_entries),
        ("sessions", counts.sessions),
        ("API keys", counts.api_keys),
    ];
    let present = kinds.iter().filter(|(_, count)| *count > 0);
    present.map(|(kind, count)| format!("{count:>12} {kind}\n")).collect::<Vec<_>>().concat()
}

fn confirm(subject: ErasureSubject, counts: &ErasureCounts) -> Result<(), EraseError> {
    let input = io::stdin();
    if !input.is_terminal() {
        return Err(EraseError::NotConfirmed);
    }
    eprint!("{}Erase {} permanently? [y/N] ", lines(counts), describe(subject));
    io::stderr().flush()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer)?;
    let is_confirmed = ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str());
    if is_confirmed { Ok(()) } else { Err(EraseError::Declined) }
}

async fn erase(store: &AnyStore, subject: ErasureSubject, operator: &Username) -> Result<(), EraseError> {
    let (now, entry_id, operator) = (SystemClock.now(), UuidV7Generator.next_uuid(), operator.clone());
    store.write(move |tx: &mut dyn WriteTx| begin(tx, subject, &operator, now, entry_id)).await?;
    Ok(finish(store).await?)
}

/// The first unit of work: the account or the user is gone, and the audit log says so.
fn begin(
    tx: &mut dyn WriteTx,
    subject: ErasureSubject,
    operator: &Username,
    now: Timestamp,
    entry_id: Uuid,
) -> Result<(), EraseError> {
    let named = tx.find_user_named(operator)?.filter(|user| user.is_operator);
    let actor = named.or(tx.list_operators()?.pop()).ok_or(EraseError::NoOperator)?.id;
    let effect = match subject {
        ErasureSubject::Account(id) => {
            let missing = || EraseError::NotFound(describe(subject));
            use_cases::erase_account(tx, id, now).map_err(|error| unless_missing(error, missing))?;
            AuditedEffect::on(id, Action::AccountErased, &id)
        }
        ErasureSubject::User(id) => {
            use_cases::erase_user(tx, id, now).map_err(|error| match error {
                UserError::NotFound => EraseError::NotFound(describe(subject)),
                UserError::LastOwner(account) => EraseError::LastOwner(account),
                UserError::Storage(error) => error.into(),
                other => EraseError::User(other),
            })?;
            AuditedEffect::of(Action::UserErased, &id)
        }
    };
    Ok(tx.append_audit(&effect.local_entry(entry_id, actor, ORIGIN, now))?)
}

/// Runs the steps of all erasures.
async fn finish(store: &AnyStore) -> Result<(), StorageError> {
    while store.write(|tx| tx.continue_erasure(DISCARDED_ROWS_MAX)).await? {}
    Ok(())
}
