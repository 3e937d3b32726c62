//! What PostgreSQL reports, as the domain's `StorageError`, and what may be tried again.

use domain::error::StorageError;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

use super::PostgresUrl;
use crate::OpenError;

/// Why a store could not be opened: the blocking client failed.
pub(crate) fn client_error(url: &PostgresUrl, error: &Error) -> OpenError {
    OpenError::Postgres { url: url.to_string(), reason: message(error) }
}

/// Why a store could not be opened: a session failed.
pub(crate) fn open_error(url: &PostgresUrl, error: &SessionError) -> OpenError {
    OpenError::Postgres { url: url.to_string(), reason: error.to_string() }
}

/// Why a statement, or a connection, has no result.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// The server says so, or the connection is lost.
    #[error("{}", message(.0))]
    Postgres(#[from] Error),
    /// The server did not answer in time. What it did is not known, and the connection is given up.
    #[error("PostgreSQL did not answer in time")]
    TimedOut,
    /// The server begins no transaction, for a reason that may be its own: a standby takes none that writes.
    #[error("cannot begin a transaction: {0}")]
    CannotBegin(String),
    /// The connection has been closed while nothing used it.
    #[error("the connection was closed")]
    Closed,
    /// There is nothing to drive a connection with.
    #[error("cannot drive a connection: {0}")]
    Runtime(std::io::Error),
}

impl SessionError {
    /// What became of the transaction.
    fn kind(&self) -> FaultKind {
        match self {
            Self::Postgres(error) => kind(error),
            Self::CannotBegin(_) | Self::Closed => FaultKind::Lost,
            // There is no time left for another try.
            Self::TimedOut | Self::Runtime(_) => FaultKind::Final,
        }
    }

    /// Whether something else had a lock for longer than the server lets a statement wait for it.
    pub(crate) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
    }

    /// Whether the session is of no more use.
    pub(crate) fn ends_session(&self) -> bool {
        matches!(self, Self::TimedOut) || self.kind() == FaultKind::Lost
    }
}

/// Why a transaction came to nothing.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) error: StorageError,
}

/// What became of a transaction that failed before its commit was asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FaultKind {
    /// It was undone for the sake of another. A later try may well succeed.
    Conflict,
    /// What it wrote is there, or what it refers to is not. Either it was always to fail, or another has come first since it
    /// looked: a later try, which sees what the other has written, tells.
    Violation,
    /// It was undone with its connection. A later try, on another, may succeed.
    Lost,
    /// It was undone, and another try would not help.
    Final,
}

impl Fault {
    /// What a failed statement means to the unit of work that asked for it.
    pub(crate) fn of(error: &SessionError) -> Self {
        let (kind, message) = (error.kind(), error.to_string());
        let error = match (kind, error) {
            (FaultKind::Violation, _) => StorageError::Backend(message),
            (FaultKind::Final, SessionError::Postgres(error)) => of_final(error, message),
            (FaultKind::Conflict | FaultKind::Lost | FaultKind::Final, _) => StorageError::Unavailable(message),
        };
        Self { kind, error }
    }

    /// What a failed COMMIT means. Only of what the server says that it undid is the outcome known.
    pub(crate) fn of_commit(error: &SessionError) -> Self {
        match error.kind() {
            FaultKind::Conflict | FaultKind::Violation => Self::of(error),
            FaultKind::Lost | FaultKind::Final => {
                Self { kind: FaultKind::Final, error: StorageError::OutcomeUnknown(error.to_string()) }
            }
        }
    }
}

/// What a failed statement means that would fail again.
fn of_final(error: &Error, message: String) -> StorageError {
    if is_conversion(error) {
        return StorageError::Corrupt(message);
    }
    match error.code() {
        Some(code) if is_for_now(code) => StorageError::Unavailable(message),
        Some(code) if [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code) => {
            StorageError::Corrupt(message)
        }
        _ => StorageError::Backend(message),
    }
}

/// What became of the transaction that a statement failed in.
fn kind(error: &Error) -> FaultKind {
    let Some(code) = error.code() else {
        let is_io = std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        return if error.is_closed() || is_io { FaultKind::Lost } else { FaultKind::Final };
    };
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) {
        FaultKind::Conflict
    } else if [SqlState::UNIQUE_VIOLATION, SqlState::FOREIGN_KEY_VIOLATION].contains(code) {
        FaultKind::Violation
    } else if is_farewell(error, code) {
        FaultKind::Lost
    } else {
        FaultKind::Final
    }
}

/// Whether the server ends the connection with this: it is being stopped, or has waited too long for the unit to go on;
/// or whether it has become a standby, which takes no writes.
fn is_farewell(error: &Error, code: &SqlState) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || code.code().starts_with("08")
}

/// Whether there was too little of something, room or time, of which there may be enough later (SQLSTATE class 53).
fn is_for_now(code: &SqlState) -> bool {
    [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED].contains(code) || code.code().starts_with("53")
}

/// Whether a column held a value of another kind than was written there.
fn is_conversion(error: &Error) -> bool {
    error.code().is_none() && error.to_string().starts_with("error deserializing column")
}

/// What happened, in the server's words if it said something. Not what it adds: that repeats what somebody wrote.
pub(crate) fn message(error: &Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => {
            std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
        }
    }
}
