//! `headroom erase`: erases accounts and users in the database, also while a server runs.

use std::io::{self, BufRead, IsTerminal, Write};

use clap::{Args, Subcommand};
use domain::error::{FindError, StorageError, UserError};
use domain::ports::{Clock, IdGenerator, ReadUsers, Store, WriteTx};
use domain::{AccountId, Action, ErasureCounts, Timestamp, UserId, Username, Uuid, use_cases};
use storage::{AnyStore, OpenError};
use thiserror::Error;

use super::output;
use super::stores::{open_for_command, open_to_read};
use super::users::ORIGIN;
use crate::access::AuditedEffect;
use crate::clock::{SystemClock, UuidV7Generator};
use crate::config::Config;

/// The maximum number of rows per step. A server's requests wait for it.
const ROWS_MAX: usize = 200;

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
    #[error("it is erased for good: confirm on a terminal, or with --yes")]
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

/// An account or a user that exists.
#[derive(Clone, Copy)]
enum Target {
    Account(AccountId),
    User(UserId),
}

impl Target {
    fn describe(self) -> String {
        match self {
            Self::Account(id) => format!("account {id}"),
            Self::User(id) => format!("user {id}"),
        }
    }
}

/// Runs the command, and prints its result.
pub(crate) fn run(config: &Config, command: &EraseCommand) -> Result<(), EraseError> {
    if config.database.url.is_missing_file() {
        return Err(EraseError::NoDatabase(config.database.url.to_string()));
    }
    let (subject, options) = match command {
        EraseCommand::Account { id, options } => (Subject::Account(id), options),
        EraseCommand::User { user, options } => (Subject::User(user), options),
        EraseCommand::Finish => {
            let store = open_for_command(config)?;
            actix_web::rt::System::new().block_on(finish(&store))?;
            store.close();
            output::print_line("all requested erasures are complete");
            return Ok(());
        }
    };
    let store = open_to_read(config)?;
    let (target, counts) = actix_web::rt::System::new().block_on(count(&store, subject))?;
    drop(store);
    if options.dry_run {
        output::print_line(format_args!("would erase {}", target.describe()));
        output::print(lines(&counts));
        return Ok(());
    }
    if !options.yes {
        confirm(target, &counts)?;
    }
    let store = open_for_command(config)?;
    actix_web::rt::System::new().block_on(erase(&store, target, &config.operator.username))?;
    // Truncates SQLite's write-ahead log, which has the erased texts.
    store.close();
    output::print_line(format_args!("erased {}", target.describe()));
    Ok(())
}

/// What the command line names.
#[derive(Clone, Copy)]
enum Subject<'a> {
    Account(&'a str),
    User(&'a str),
}

async fn count(store: &AnyStore, subject: Subject<'_>) -> Result<(Target, ErasureCounts), EraseError> {
    match subject {
        Subject::Account(text) => {
            let missing = || EraseError::NotFound(format!("account {text}"));
            let id: AccountId = text.parse().map_err(|_| missing())?;
            let counted = store.read(move |tx| use_cases::count_account_erasure(tx, id)).await;
            Ok((Target::Account(id), counted.map_err(|error| unless_missing(error, missing))?))
        }
        Subject::User(text) => {
            let missing = || EraseError::NotFound(format!("user {text}"));
            let name = text.to_owned();
            let count = move |tx: &mut dyn domain::ports::ReadTx| {
                let id = find_user(tx, &name)?.ok_or(FindError::NotFound)?;
                Ok((Target::User(id), use_cases::count_user_erasure(tx, id)?))
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

/// The user with this id or username.
fn find_user(tx: &mut (impl ReadUsers + ?Sized), id_or_name: &str) -> Result<Option<UserId>, StorageError> {
    let found = match (id_or_name.parse(), Username::parse(id_or_name)) {
        (Ok(id), _) => tx.find_user(id)?,
        (Err(_), Ok(name)) => tx.find_user_named(&name)?,
        (Err(_), Err(_)) => None,
    };
    Ok(found.map(|user| user.id))
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

fn confirm(target: Target, counts: &ErasureCounts) -> Result<(), EraseError> {
    let input = io::stdin();
    if !input.is_terminal() {
        return Err(EraseError::NotConfirmed);
    }
    eprint!("{}Erase {} for good? [y/N] ", lines(counts), target.describe());
    io::stderr().flush()?;
    let mut answer = String::new();
    input.lock().read_line(&mut answer)?;
    let is_confirmed = ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str());
    if is_confirmed { Ok(()) } else { Err(EraseError::Declined) }
}

async fn erase(store: &AnyStore, target: Target, operator: &Username) -> Result<(), EraseError> {
    let (now, entry_id, operator) = (SystemClock.now(), UuidV7Generator.next_uuid(), operator.clone());
    store.write(move |tx: &mut dyn WriteTx| begin(tx, target, &operator, now, entry_id)).await?;
    Ok(finish(store).await?)
}

/// The first unit of work: the account or the user is gone, and the audit log says so.
fn begin(
    tx: &mut dyn WriteTx,
    target: Target,
    operator: &Username,
    now: Timestamp,
    entry_id: Uuid,
) -> Result<(), EraseError> {
    let named = tx.find_user_named(operator)?.filter(|user| user.is_operator);
    let actor = named.or(tx.list_operators()?.pop()).ok_or(EraseError::NoOperator)?.id;
    let effect = match target {
        Target::Account(id) => {
            let missing = || EraseError::NotFound(target.describe());
            use_cases::erase_account(tx, id, now).map_err(|error| unless_missing(error, missing))?;
            AuditedEffect::on(id, Action::AccountErased, &id)
        }
        Target::User(id) => {
            use_cases::erase_user(tx, id, now).map_err(|error| match error {
                UserError::NotFound => EraseError::NotFound(target.describe()),
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
    while store.write(|tx| tx.continue_erasure(ROWS_MAX)).await? {}
    Ok(())
}
