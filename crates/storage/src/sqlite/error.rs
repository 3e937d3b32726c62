//! Errors of SQLite as the domain's `StorageError`.

use domain::error::StorageError;
use rusqlite::ErrorCode;

/// Converts the error of a statement.
#[expect(clippy::needless_pass_by_value, reason = "the signature of map_err")]
pub(crate) fn storage_error(error: rusqlite::Error) -> StorageError {
    let message = error.to_string();
    if is_conversion(&error) {
        return StorageError::Corrupt(message);
    }
    match error.sqlite_error_code() {
        Some(
            ErrorCode::CannotOpen
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::DiskFull
            | ErrorCode::OutOfMemory
            | ErrorCode::ReadOnly
            | ErrorCode::SystemIoFailure,
        ) => StorageError::Unavailable(message),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => StorageError::Corrupt(message),
        _ => StorageError::Backend(message),
    }
}

/// Whether a column has a value of an unexpected type.
const fn is_conversion(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    matches!(error, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..))
}

/// Converts the error of a COMMIT.
///
/// A lock of another process and a full disk are noticed before the commit's frame is complete, so
/// nothing was committed. After any other error, such as a failed sync, the frame may be on the
/// disk.
pub(crate) fn commit_error(error: rusqlite::Error) -> StorageError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::DiskFull) => storage_error(error),
        _ => StorageError::OutcomeUnknown(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    fn failure(code: i32) -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(code), None)
    }

    #[test]
    fn a_temporary_failure_is_unavailable() {
        let codes = [
            ffi::SQLITE_BUSY,
            ffi::SQLITE_CANTOPEN,
            ffi::SQLITE_FULL,
            ffi::SQLITE_READONLY,
            ffi::SQLITE_READONLY_DBMOVED,
        ];
        for code in codes {
            assert!(matches!(storage_error(failure(code)), StorageError::Unavailable(_)), "{code}");
        }
        for code in [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_ERROR] {
            assert!(matches!(storage_error(failure(code)), StorageError::Backend(_)), "{code}");
        }
    }

    #[test]
    fn the_outcome_of_a_failed_commit_is_known_if_nothing_was_written() {
        for code in [ffi::SQLITE_BUSY, ffi::SQLITE_FULL] {
            assert!(matches!(commit_error(failure(code)), StorageError::Unavailable(_)), "{code}");
        }
        for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_CONSTRAINT_COMMITHOOK] {
            assert!(matches!(commit_error(failure(code)), StorageError::OutcomeUnknown(_)), "{code}");
        }
    }
}
