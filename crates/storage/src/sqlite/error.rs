//! Errors of SQLite as the domain's `StorageError`.

use domain::error::StorageError;
use rusqlite::ErrorCode;

/// What a failed statement means to the unit of work that asked for it.
///
/// By value because it stands in `map_err`.
#[expect(clippy::needless_pass_by_value, reason = "the signature of map_err")]
pub(crate) fn storage_error(error: rusqlite::Error) -> StorageError {
    let message = error.to_string();
    if is_conversion(&error) {
        return StorageError::Corrupt(message);
    }
    match error.sqlite_error_code() {
        Some(
            ErrorCode::DatabaseBusy
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

/// Whether a column held a value of another kind than was written there.
const fn is_conversion(error: &rusqlite::Error) -> bool {
    use rusqlite::Error::{FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType};
    matches!(error, FromSqlConversionFailure(..) | IntegralValueOutOfRange(..) | InvalidColumnType(..))
}

/// What a failed COMMIT means to every unit of its batch.
///
/// A lock that is taken and a full disk are noticed before the commit's frame is complete, so nothing was written. After
/// anything else, a failed sync above all, the frame may be on the disk.
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
    fn what_may_be_over_later_is_unavailable() {
        for code in [ffi::SQLITE_BUSY, ffi::SQLITE_FULL, ffi::SQLITE_READONLY, ffi::SQLITE_READONLY_DBMOVED] {
            assert!(matches!(storage_error(failure(code)), StorageError::Unavailable(_)), "{code}");
        }
        for code in [ffi::SQLITE_CONSTRAINT_UNIQUE, ffi::SQLITE_ERROR] {
            assert!(matches!(storage_error(failure(code)), StorageError::Backend(_)), "{code}");
        }
    }

    #[test]
    fn a_commit_is_known_to_have_failed_only_where_nothing_was_written() {
        for code in [ffi::SQLITE_BUSY, ffi::SQLITE_FULL] {
            assert!(matches!(commit_error(failure(code)), StorageError::Unavailable(_)), "{code}");
        }
        for code in [ffi::SQLITE_IOERR_FSYNC, ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_CONSTRAINT_COMMITHOOK] {
            assert!(matches!(commit_error(failure(code)), StorageError::OutcomeUnknown(_)), "{code}");
        }
    }
}
