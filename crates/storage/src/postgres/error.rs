//! What PostgreSQL reports, as the domain's `StorageError`, and what may be tried again.

use domain::error::StorageError;
use postgres::error::SqlState;

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
    pub(crate) fn of(error: &postgres::Error) -> Self {
        let message = message(error);
        let kind = kind(error);
        let error = match kind {
            FaultKind::Conflict | FaultKind::Lost => StorageError::Unavailable(message),
            FaultKind::Violation => StorageError::Backend(message),
            FaultKind::Final if is_conversion(error) => StorageError::Corrupt(message),
            FaultKind::Final => match error.code() {
                Some(code) if is_for_now(code) => StorageError::Unavailable(message),
                Some(code) if *code == SqlState::DATA_CORRUPTED || *code == SqlState::INDEX_CORRUPTED => {
                    StorageError::Corrupt(message)
                }
                _ => StorageError::Backend(message),
            },
        };
        Self { kind, error }
    }

    /// What a failed COMMIT means. Only of what the server says that it undid is the outcome known.
    pub(crate) fn of_commit(error: &postgres::Error) -> Self {
        match kind(error) {
            FaultKind::Conflict | FaultKind::Violation => Self::of(error),
            FaultKind::Lost | FaultKind::Final => {
                Self { kind: FaultKind::Final, error: StorageError::OutcomeUnknown(message(error)) }
            }
        }
    }
}

/// What became of the transaction that a statement failed in.
pub(crate) fn kind(error: &postgres::Error) -> FaultKind {
    let Some(code) = error.code() else {
        let is_io = std::error::Error::source(error).is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
        return if error.is_closed() || is_io { FaultKind::Lost } else { FaultKind::Final };
    };
    if [SqlState::T_R_SERIALIZATION_FAILURE, SqlState::T_R_DEADLOCK_DETECTED].contains(code) {
        FaultKind::Conflict
    } else if [SqlState::UNIQUE_VIOLATION, SqlState::FOREIGN_KEY_VIOLATION].contains(code) {
        FaultKind::Violation
    } else if is_farewell(code) {
        FaultKind::Lost
    } else {
        FaultKind::Final
    }
}

/// Whether the server ends the connection with this: it is being stopped, or has waited too long for the unit to go on;
/// or it has become a standby, which takes no writes.
fn is_farewell(code: &SqlState) -> bool {
    const FAREWELLS: [SqlState; 6] = [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::DATABASE_DROPPED,
        SqlState::IDLE_IN_TRANSACTION_SESSION_TIMEOUT,
        SqlState::READ_ONLY_SQL_TRANSACTION,
    ];
    FAREWELLS.contains(code) || code.code().starts_with("08")
}

/// Whether there was too little of something, room or time, of which there may be enough later (SQLSTATE class 53).
fn is_for_now(code: &SqlState) -> bool {
    [SqlState::LOCK_NOT_AVAILABLE, SqlState::QUERY_CANCELED].contains(code) || code.code().starts_with("53")
}

/// Whether a column held a value of another kind than was written there.
fn is_conversion(error: &postgres::Error) -> bool {
    error.code().is_none() && error.to_string().starts_with("error deserializing column")
}

/// What happened, in the server's words if it said something. Not what it adds: that repeats what somebody wrote.
pub(crate) fn message(error: &postgres::Error) -> String {
    match error.as_db_error() {
        Some(said) => format!("{} ({})", said.message(), said.code().code()),
        None => {
            std::error::Error::source(error).map_or_else(|| error.to_string(), |source| format!("{error}: {source}"))
        }
    }
}
