//! The operator of the configuration: added at the first start, with the configured password.

use actix_web::web::Data;
use domain::error::{StorageError, UserError};
use domain::ports::{ReadTx, Store, WriteTx};
use domain::{Action, AuditEntry, Password, User, UserId, Username, use_cases};
use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

use crate::AppState;
use crate::access::AuditedEffect;
use crate::config::{DEFAULT_USER, Operator};
use crate::passwords::{PasswordsError, Queue, Verified};

/// The request id in audit entries of the start.
const ORIGIN: &str = "start";

/// Why the operator could not be ensured.
#[derive(Debug, Error)]
pub enum OperatorError {
    /// The store failed.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// The password could not be hashed or verified.
    #[error("cannot check the operator's password: {0}")]
    Passwords(#[from] PasswordsError),
    /// The name belongs to a user who is not an operator, and no operator exists.
    #[error("{0} is a user, not an operator: choose another HEADROOM_OPERATOR_USERNAME")]
    NameTaken(Username),
    /// No operator exists, and one with the default password would be exposed.
    #[error(
        "there is no operator, and others can reach this address: add one with headroom user create <name> --operator, \
         or set HEADROOM_OPERATOR_PASSWORD"
    )]
    Missing,
    /// An operator with the default password would be exposed.
    #[error(
        "the operator {0} still has the default password, and others can reach this address: \
         disable them with headroom user disable {0}, or set another password with headroom user reset-password {0}"
    )]
    Exposed(Username),
}

impl From<UserError> for OperatorError {
    fn from(error: UserError) -> Self {
        match error {
            UserError::Storage(error) => Self::Storage(error),
            other => Self::Storage(StorageError::Backend(other.to_string())),
        }
    }
}

/// Adds the operator if the name is free. A password in the configuration replaces the operator's
/// own. The default password is used only if no operator exists: it is not restored after a change,
/// nor added beside operators from the command line. If another operator exists, a user of that
/// name who is not an operator does not prevent the start.
///
/// # Errors
/// [`OperatorError`].
pub async fn ensure(state: &AppState, operator: &Operator) -> Result<(), OperatorError> {
    let Operator { username, password } = operator;
    match find(state, username).await? {
        Some(user) if !user.is_operator && operators(state).await?.is_empty() => {
            Err(OperatorError::NameTaken(user.username))
        }
        Some(user) if !user.is_operator => {
            log::warn!("{username} is a user, not an operator: set HEADROOM_OPERATOR_USERNAME to another name");
            Ok(())
        }
        Some(user) => match password {
            Some(password) => set_password(state, user, password).await,
            None => Ok(()),
        },
        None if password.is_none() && !operators(state).await?.is_empty() => Ok(()),
        None => add(state, username, password.as_ref().map_or(DEFAULT_USER, |password| password.expose_secret())).await,
    }
}

/// Checks that an operator exists, so that [`ensure`] does not add one with the default password.
///
/// # Errors
/// [`OperatorError::Missing`].
pub async fn check_exists(state: &AppState) -> Result<(), OperatorError> {
    if operators(state).await?.is_empty() { Err(OperatorError::Missing) } else { Ok(()) }
}

async fn set_password(state: &AppState, user: User, password: &SecretString) -> Result<(), OperatorError> {
    let verified = state.passwords.verify(password.clone(), Some(user.password)).await?;
    if !matches!(verified, Verified::No) {
        return Ok(());
    }
    let hash = state.passwords.hash(Password::unchecked(password.expose_secret()), Queue::Logins).await?;
    log::warn!("the operator {} has the password of the configuration from now on", user.username);
    let entry = entry(state, Action::PasswordChanged, user.id);
    let change = move |tx: &mut dyn WriteTx| {
        use_cases::change_password(tx, user.id, &hash)?;
        Ok::<_, UserError>(tx.append_audit(&entry)?)
    };
    Ok(state.store.write(change).await?)
}

async fn add(state: &AppState, username: &Username, password: &str) -> Result<(), OperatorError> {
    let id = UserId::from_uuid(state.next_uuid());
    let password = state.passwords.hash(Password::unchecked(password), Queue::Logins).await?;
    let (username, created_at) = (username.clone(), state.now());
    let user = User { id, username, password, is_operator: true, is_disabled: false, created_at };
    let entry = entry(state, Action::UserCreated, id);
    let add = move |tx: &mut dyn WriteTx| {
        use_cases::register_user(tx, &user, None)?;
        Ok::<_, UserError>(tx.append_audit(&entry)?)
    };
    match state.store.write(add).await {
        // Another process that starts concurrently has added the operator.
        Err(UserError::NameTaken) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Checks that no operator has the default password, before others can reach the server.
///
/// # Errors
/// [`OperatorError::Exposed`].
pub async fn check_not_default(state: &AppState) -> Result<(), OperatorError> {
    match with_default_password(state).await?.into_iter().next() {
        Some(username) => Err(OperatorError::Exposed(username)),
        None => Ok(()),
    }
}

/// Logs a warning for each operator with the default password. Hashing takes longer than the rest of
/// the start, so that this is for a server that serves already, to this machine alone.
pub async fn warn_of_default(state: Data<AppState>) {
    match with_default_password(&state).await {
        Ok(usernames) => {
            for username in usernames {
                log::warn!(
                    "the operator {username} has the default password: change it with headroom user reset-password {username}"
                );
            }
        }
        Err(error) => log::warn!("cannot check whether an operator has the default password: {error}"),
    }
}

/// The operators with the default password, except disabled ones.
async fn with_default_password(state: &AppState) -> Result<Vec<Username>, OperatorError> {
    let mut found = Vec::new();
    for user in operators(state).await?.into_iter().filter(|user| !user.is_disabled) {
        let verified = state.passwords.verify(SecretString::from(DEFAULT_USER), Some(user.password)).await?;
        if verified != Verified::No {
            found.push(user.username);
        }
    }
    Ok(found)
}

/// All operators, including disabled ones.
async fn operators(state: &AppState) -> Result<Vec<User>, StorageError> {
    state.store.read(|tx: &mut dyn ReadTx| tx.list_operators()).await
}

async fn find(state: &AppState, username: &Username) -> Result<Option<User>, StorageError> {
    let username = username.clone();
    state.store.read(move |tx| tx.find_user_named(&username)).await
}

fn entry(state: &AppState, action: Action, user: UserId) -> AuditEntry {
    AuditedEffect::of(action, &user).local_entry(state.next_uuid(), user, ORIGIN, state.now())
}
