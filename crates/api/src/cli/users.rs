//! `headroom user …`: administers users in the database, also while a server runs.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal};
use std::num::NonZeroUsize;

use clap::Subcommand;
use domain::error::{StorageError, UserError};
use domain::ports::{Clock, IdGenerator, Store, WriteTx};
use domain::{Action, AuditEntry, FaultReason, Password, PasswordHash, User, UserId, Username, Uuid, use_cases};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use storage::{AnyStore, OpenError};
use thiserror::Error;

use super::output;
use super::stores::{open_for_command, open_to_read};
use crate::access::AuditedEffect;
use crate::clock::{SystemClock, UuidV7Generator};
use crate::config::Config;
use crate::passwords::{Passwords, PasswordsConfig, PasswordsError, Queue};

/// The request id in audit entries of commands.
pub(super) const ORIGIN: &str = "cli";
/// The number of users per read.
const STEP: usize = 100;
/// The maximum length of the input line, in bytes: longer than any password.
const LINE_BYTES_MAX: u64 = 4096;

/// What to do with users. A password is prompted for on a terminal, and otherwise read from the
/// first line of the input.
#[derive(Subcommand)]
pub(crate) enum UserCommand {
    /// Add a user; prompts for the password, or reads it from a line of the input
    Create {
        /// The username
        name: String,
        /// Make the user an operator, who may act on every account
        #[arg(long)]
        operator: bool,
    },
    /// List the users, the newest first: name, id, status and creation time
    List {
        /// As a JSON array
        #[arg(long)]
        json: bool,
    },
    /// Disable a user: their requests and logins are refused from now on
    Disable {
        /// The username
        name: String,
    },
    /// Enable a disabled user
    Enable {
        /// The username
        name: String,
    },
    /// Set a user's password and end their sessions; prompts for it, or reads it from a line of the
    /// input
    ResetPassword {
        /// The username
        name: String,
    },
}

/// Why the command failed.
#[derive(Debug, Error)]
pub(crate) enum UserCommandError {
    #[error("there is no database at {0}")]
    NoDatabase(String),
    #[error("cannot open the database: {0}")]
    Database(#[from] OpenError),
    #[error("{field}: {reason}")]
    Faulty { field: &'static str, reason: FaultReason },
    #[error("there is a user {0} already")]
    NameTaken(Username),
    #[error("{0} is the operator's name: add an operator with --operator, or choose another name")]
    Reserved(Username),
    #[error("there is no user {0}")]
    UnknownUser(Username),
    #[error("cannot read the password: {0}")]
    Input(#[from] io::Error),
    #[error("the passwords differ")]
    PasswordsDiffer,
    #[error("cannot hash the password: {0}")]
    Passwords(#[from] PasswordsError),
    #[error(transparent)]
    Storage(#[from] StorageError),
    #[error(transparent)]
    User(#[from] UserError),
}

/// Runs the command, and prints its result.
pub(crate) fn run(config: &Config, command: &UserCommand) -> Result<(), UserCommandError> {
    let parse = |name| Username::parse(name).map_err(|reason| UserCommandError::Faulty { field: "name", reason });
    match command {
        UserCommand::Create { name, operator } => {
            let username = parse(name)?;
            if !operator && username == config.operator.username {
                return Err(UserCommandError::Reserved(username));
            }
            let password = new_password(&username)?;
            // Only this command creates a database: it may add the first operator.
            with_store(config, async |store| create(config, store, username, password, *operator).await)
        }
        UserCommand::List { json } => {
            check_database_exists(config)?;
            let store = open_to_read(config)?;
            actix_web::rt::System::new().block_on(list(&store, *json))
        }
        UserCommand::Disable { name } => {
            let username = parse(name)?;
            with_database(config, async |store| disable(store, username, true).await)
        }
        UserCommand::Enable { name } => {
            let username = parse(name)?;
            with_database(config, async |store| disable(store, username, false).await)
        }
        UserCommand::ResetPassword { name } => {
            let username = parse(name)?;
            with_database(config, async |store| reset_password(config, store, username).await)
        }
    }
}

/// Runs `work` on an existing database.
fn with_database(
    config: &Config,
    work: impl AsyncFnOnce(&AnyStore) -> Result<(), UserCommandError>,
) -> Result<(), UserCommandError> {
    check_database_exists(config)?;
    with_store(config, work)
}

fn check_database_exists(config: &Config) -> Result<(), UserCommandError> {
    if config.database.url.is_missing_file() {
        return Err(UserCommandError::NoDatabase(config.database.url.to_string()));
    }
    Ok(())
}

/// Runs `work` on the database, which is opened and closed outside of the runtime: both block.
fn with_store(
    config: &Config,
    work: impl AsyncFnOnce(&AnyStore) -> Result<(), UserCommandError>,
) -> Result<(), UserCommandError> {
    let store = open_for_command(config)?;
    actix_web::rt::System::new().block_on(work(&store))
}

async fn create(
    config: &Config,
    store: &AnyStore,
    username: Username,
    password: Password,
    is_operator: bool,
) -> Result<(), UserCommandError> {
    let password = hash(password, config).await?;
    let (id, created_at) = (UserId::from_uuid(UuidV7Generator.next_uuid()), SystemClock.now());
    let user = User { id, username: username.clone(), password, is_operator, is_disabled: false, created_at };
    let entry = user_entry(Action::UserCreated, id);
    let register = move |tx: &mut dyn WriteTx| {
        use_cases::register_user(tx, &user, None)?;
        Ok::<_, UserError>(tx.append_audit(&entry)?)
    };
    store.write(register).await.map_err(|error| match error {
        UserError::NameTaken => UserCommandError::NameTaken(username.clone()),
        other => other.into(),
    })?;
    output::print_line(format_args!("created {username} {id}"));
    Ok(())
}

async fn list(store: &AnyStore, as_json: bool) -> Result<(), UserCommandError> {
    let mut after = None;
    let mut objects = Vec::new();
    loop {
        let users = store.read(move |tx| tx.list_users(after, STEP)).await?;
        for user in &users {
            if as_json {
                objects.push(object(user));
            } else {
                output::print_line(line(user));
            }
        }
        after = users.last().map(|user| user.id);
        if users.len() < STEP {
            break;
        }
    }
    if as_json {
        output::print_line(format_args!("{:#}", Value::from(objects)));
    }
    Ok(())
}

/// A user as JSON.
fn object(user: &User) -> Value {
    json!({
        "id": user.id.to_string(),
        "username": user.username.as_str(),
        "is_operator": user.is_operator,
        "is_disabled": user.is_disabled,
        "created_at": user.created_at.to_string(),
    })
}

fn line(user: &User) -> String {
    let status = match (user.is_operator, user.is_disabled) {
        (false, false) => "-",
        (true, false) => "operator",
        (false, true) => "disabled",
        (true, true) => "operator,disabled",
    };
    format!("{:<20} {} {status:<17} {}", user.username.as_str(), user.id, user.created_at)
}

async fn disable(store: &AnyStore, username: Username, is_disabled: bool) -> Result<(), UserCommandError> {
    let id = find(store, &username).await?.id;
    let entry = user_entry(Action::UserDisabled, id);
    let disable = move |tx: &mut dyn WriteTx| {
        use_cases::disable_user(tx, id, is_disabled)?;
        Ok::<_, UserError>(tx.append_audit(&entry)?)
    };
    store.write(disable).await.map_err(|error| unknown(error, &username))?;
    output::print_line(format_args!("{} {username} {id}", if is_disabled { "disabled" } else { "enabled" }));
    Ok(())
}

async fn reset_password(config: &Config, store: &AnyStore, username: Username) -> Result<(), UserCommandError> {
    let id = find(store, &username).await?.id;
    let hash = hash(new_password(&username)?, config).await?;
    let entry = user_entry(Action::PasswordChanged, id);
    let change = move |tx: &mut dyn WriteTx| {
        use_cases::change_password(tx, id, &hash)?;
        Ok::<_, UserError>(tx.append_audit(&entry)?)
    };
    store.write(change).await.map_err(|error| unknown(error, &username))?;
    output::print_line(format_args!("reset the password of {username} {id}"));
    Ok(())
}

async fn find(store: &AnyStore, username: &Username) -> Result<User, UserCommandError> {
    let name = username.clone();
    let found = store.read(move |tx| tx.find_user_named(&name)).await?;
    found.ok_or_else(|| UserCommandError::UnknownUser(username.clone()))
}

/// The user may have been removed since they were found.
fn unknown(error: UserError, username: &Username) -> UserCommandError {
    match error {
        UserError::NotFound => UserCommandError::UnknownUser(username.clone()),
        other => other.into(),
    }
}

fn user_entry(action: Action, user: UserId) -> AuditEntry {
    entry(UuidV7Generator.next_uuid(), action, &user, user)
}

/// The audit entry of a command that acts for a user.
pub(super) fn entry(id: Uuid, action: Action, resource: &dyn Display, user: UserId) -> AuditEntry {
    AuditedEffect::of(action, resource).local_entry(id, user, ORIGIN, SystemClock.now())
}

async fn hash(password: Password, config: &Config) -> Result<PasswordHash, PasswordsError> {
    let config = PasswordsConfig { workers: NonZeroUsize::MIN, ..config.hashing.clone() };
    Passwords::start(config)?.hash(password, Queue::Logins).await
}

/// Reads and checks a new password of the user.
fn new_password(username: &Username) -> Result<Password, UserCommandError> {
    let text = read_password()?;
    Password::parse(text.expose_secret(), Some(username))
        .map_err(|reason| UserCommandError::Faulty { field: "password", reason })
}

/// Reads a password from the terminal, twice and without echo, or from a line of the input.
fn read_password() -> Result<SecretString, UserCommandError> {
    let input = io::stdin();
    if !input.is_terminal() {
        return Ok(read_line(input.lock())?);
    }
    let first = SecretString::from(rpassword::prompt_password("Password: ")?);
    let second = SecretString::from(rpassword::prompt_password("Again: ")?);
    if first.expose_secret() == second.expose_secret() { Ok(first) } else { Err(UserCommandError::PasswordsDiffer) }
}

/// The first line, without its line break.
fn read_line(input: impl BufRead) -> io::Result<SecretString> {
    let mut line = String::new();
    input.take(LINE_BYTES_MAX).read_line(&mut line)?;
    if line.is_empty() {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the input is empty"));
    }
    let text = line.strip_suffix('\n').map_or(line.as_str(), |text| text.strip_suffix('\r').unwrap_or(text));
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_whole_first_line_of_the_input() {
        for (input, password) in [(" a b \nmore\n", " a b "), ("a\r\n", "a"), ("a", "a"), ("\n", "")] {
            assert_eq!(read_line(input.as_bytes()).unwrap().expose_secret(), password, "{input:?}");
        }
        assert!(read_line(&b""[..]).is_err() && read_line(&b"\xff\n"[..]).is_err());
    }
}
