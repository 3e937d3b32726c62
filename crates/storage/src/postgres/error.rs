//! Errors of PostgreSQL as the domain's `StorageError`, and which of them are worth a retry.

use domain::error::StorageError;
use tokio_postgres::Error;
use tokio_postgres::error::{DbError, Severity, SqlState};

/// Why a statement or a connection failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SessionError {
    /// The server reported an error, or the connection was lost.
    #[error("{}", message(.0))]
    Postgres(#[from] Error),
    /// The server did not answer in time. The outcome is unknown, and the connection is abandoned.
    #[error("PostgreSQL did not answer in time")]
    TimedOut,
    /// The server cannot begin a transaction; a standby refuses one that writes.
    #[error("cannot begin a transaction: {0}")]
    CannotBegin(String),
    /// The connection was closed while it was idle.
    #[error("the connection was closed")]
    Closed,
    /// The runtime of a connection cannot be built.
    #[error("cannot build the runtime of a connection: {0}")]
    Runtime(std::io::Error),
}

impl SessionError {
    /// The kind of fault that the transaction has.
    fn kind(&self) -> FailureKind {
        match self {
            Self::Postgres(error) => kind(error),
            Self::CannotBegin(_) | Self::Closed => FailureKind::Lost,
            // No time is left for a retry.
            Self::TimedOut | Self::Runtime(_) => FailureKind::Final,
        }
    }

    /// Whether a statement waited for a lock until `lock_timeout`.
    pub(crate) fn is_lock_timeout(&self) -> bool {
        matches!(self, Self::Postgres(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE))
    }

    /// Whether the session cannot be used any more.
    pub(crate) fn ends_session(&self) -> bool {
        matches!(self, Self::TimedOut) || self.kind() == FailureKind::Lost
    }
}

/// Why a transaction failed, and whether a retry may succeed.
#[derive(Clone, Debug)]
pub(crate) struct StatementFailure {
    pub(crate) kind: FailureKind,
    pub(crate) error: StorageError,
}

/// How a transaction failed before its commit was sent.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum FailureKind {
    /// It was rolled back because of a concurrent transaction. A retry may succeed.
    Conflict,
    /// It violated a unique index or a foreign key. Either it is invalid, or a concurrent
    /// transaction wrote the conflicting row after it read: a retry, which sees that row, decides.
    Violation,
    /// It was rolled back with its connection. A retry on another connection may succeed.
    Lost,
    /// It was rolled back, and a retry would fail as well.
    Final,
}

impl StatementFailure {
    /// The fault of a statement that failed.
    pub(crate) fn of(error: &SessionError) -> Self {
        let (kind, message) = (error.kind(), error.to_string());
        let error = match (kind, error) {
            (FailureKind::Violation, _) => StorageError::Backend(message),
            (FailureKind::Final, SessionError::Postgres(error)) => final_error(error, message),
            (FailureKind::Conflict | FailureKind::Lost | FailureKind::Final, _) => StorageError::Unavailable(message),
        };
        Self { kind, error }
    }

    /// The fault of a COMMIT that failed. The outcome is known only if the server reported a
    /// rollback.
    pub(crate) fn of_commit(error: &SessionError) -> Self {
        match error.kind() {
            FailureKind::Conflict | FailureKind::Violation => Self::of(error),
            FailureKind::Lost | FailureKind::Final => {
                Self { kind: FailureKind::Final, error: StorageError::OutcomeUnknown(error.to_string()) }
            }
        }
    }
}

/// Converts the error of a statement that a retry would not help.
fn final_error(error: &Error, message: String) -> StorageError {
    if is_conversion(error) {
        return StorageError::Corrupt(message);
    }
    match error.code() {
        Some(code) if is_temporary(code) => StorageError::Unavailable(message),
        Some(code) if [SqlState::DATA_CORRUPTED, SqlState::INDEX_CORRUPTED].contains(code) => {
            StorageError::Corrupt(message)
        }
        _ => StorageError::Backend(message),
    }
}

/// The kind of fault that an error is.
fn kind(error: &Error) -> FailureKind {
    let Some(code) = error.code() else {
        let is_io = std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        return if error.is_closed() || is_io { FailureKind::Lost } else { FailureKind::Final };
    };
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) {
        FailureKind::Conflict
    } else if [SqlState::UNIQUE_VIOLATION, SqlState::FOREIGN_KEY_VIOLATION].contains(code) {
        FailureKind::Violation
    } else if ends_connection(error, code) {
        FailureKind::Lost
    } else {
        FailureKind::Final
    }
}

/// Whether the server ends the connection with this error, because it shuts down or a timeout
/// passed, or has become a standby, which refuses writes.
fn ends_connection(error: &Error, code: &SqlState) -> bool {
    let severity = error.as_db_error().and_then(DbError::parsed_severity);
    matches!(severity, Some(Severity::Fatal | Severity::Panic))
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
        || code.code().starts_with("08")
}

/// Whether resources or time were insufficient (SQLSTATE class 53, timeouts), which may pass.
fn is_temporary(code: &SqlState) -> bool {
    [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED].contains(code) || code.code().starts_with("53")
}

/// Whether a column has a value of an unexpected type.
fn is_conversion(error: &Error) -> bool {
    error.code().is_none() && error.to_string().starts_with("error deserializing column")
}

/// The error's message and code. It omits the server's detail, which may repeat values of rows.
pub(crate) fn message(error: &Error) -> String {
    match error.as_db_error() {
        Some(error) => format!("{} ({})", error.message(), error.code().code()),
        None => {
            std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
        }
    }
}
