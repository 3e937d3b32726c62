//! Opens connections with the settings that durability and integrity depend on, and makes sure that they took.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::{permissions, schema};
use crate::OpenError;

/// How long a statement waits for another process that is writing.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection keeps: more than there are, so that none is ever prepared twice.
const STATEMENTS_KEPT: usize = 64;

/// How many pages the log may have before a commit checkpoints it: 120 MiB. A large log writes a page
/// that several bookings change back once for all of them.
pub(super) const AUTOCHECKPOINT: u64 = 30_000;

/// Settings of every connection, and what SQLite answers when they have taken. The order matters: `busy_timeout` comes
/// before the first statement that can meet a lock.
const SETTINGS: [(&str, &str, &str); 4] = [
    ("busy_timeout", "5000", "5000"),
    ("trusted_schema", "OFF", "0"),
    ("cell_size_check", "ON", "1"),
    ("mmap_size", "0", "0"),
];

/// Settings of the connection that writes, in addition.
///
/// `synchronous=FULL` syncs the log at every commit: with `NORMAL` a power cut loses acknowledged writes.
/// 64 MiB of pages are kept, so that 100,000 accounts need not be read again and again. Measurements:
/// `docs/adr/0002-sqlite.md`.
const WRITER_SETTINGS: [(&str, &str, &str); 6] = [
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("journal_size_limit", "134217728", "134217728"),
    ("wal_autocheckpoint", "30000", "30000"),
    ("cache_size", "-65536", "-65536"),
];

/// Settings of the connection that checkpoints, in addition: it syncs the database as well.
const CHECKPOINTER_SETTINGS: [(&str, &str, &str); 3] =
    [("journal_mode", "WAL", "wal"), ("synchronous", "FULL", "2"), ("journal_size_limit", "134217728", "134217728")];

/// Settings of the connections that only read, in addition. They leave the journal's mode as it is, so that a backup can be
/// read which is not in WAL mode.
const READER_SETTINGS: [(&str, &str, &str); 1] = [("query_only", "ON", "1")];

/// Opens a connection that may write, and creates the file, for its owner's eyes only, if there is none. One that others
/// could read or write is closed to them.
///
/// # Errors
/// [`OpenError`], a setting that did not take among them.
pub fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    create_file(path).map_err(|source| match source.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            OpenError::NotWritable { path: path.into(), reason: source.to_string() }
        }
        _ => OpenError::File { path: path.into(), source },
    })?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // SQLite opens a file that it must not write to for reading alone.
    if connection.is_readonly(MAIN_DB)? {
        return Err(OpenError::NotWritable { path: path.into(), reason: "it can only be read".into() });
    }
    match prepare_writer(&connection, path) {
        // The log beside the file cannot be made.
        Err(OpenError::Sqlite(error)) if is_denied(&error) => {
            Err(OpenError::NotWritable { path: path.into(), reason: error.to_string() })
        }
        result => result.map(|()| connection),
    }
}

/// Checks that it is a database of ours before anything is changed: a setting writes the journal's mode into the file.
fn prepare_writer(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    schema::check(connection, path)?;
    permissions::keep_from_others(path)?;
    configure_writer(connection)
}

fn is_denied(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly))
}

/// Configures a connection that may write.
///
/// # Errors
/// [`OpenError`], for a setting that did not take.
pub fn configure_writer(connection: &Connection) -> Result<(), OpenError> {
    configure(connection, &SETTINGS)?;
    configure(connection, &WRITER_SETTINGS)
}

/// Opens the connection of the checkpointer, on a database that is open for writing.
pub(super) fn open_checkpointer(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection, &SETTINGS)?;
    configure(&connection, &CHECKPOINTER_SETTINGS)?;
    Ok(connection)
}

/// The flags of a connection that only reads.
pub(crate) fn reader_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Opens a connection that only reads, on a database that has the latest schema.
///
/// # Errors
/// [`OpenError`].
pub(crate) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(path, reader_flags())?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    schema::check_latest(&connection, path)?;
    configure_reader(&connection)?;
    Ok(connection)
}

/// Configures a connection that only reads.
pub(crate) fn configure_reader(connection: &Connection) -> Result<(), OpenError> {
    configure(connection, &SETTINGS)?;
    configure(connection, &READER_SETTINGS)
}

fn configure(
    connection: &Connection,
    settings: &[(&'static str, &'static str, &'static str)],
) -> Result<(), OpenError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    for &(pragma, value, wanted) in settings {
        patiently(|| connection.pragma_update(None, pragma, value))?;
        let found = connection.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))?;
        let found = match found {
            rusqlite::types::Value::Text(text) => text,
            rusqlite::types::Value::Integer(number) => number.to_string(),
            other => format!("{other:?}"),
        };
        if found != wanted {
            return Err(OpenError::Pragma { pragma, wanted, found });
        }
    }
    Ok(())
}

/// Runs a statement again while the database is busy. SQLite waits by itself, but not for a change of the journal's mode.
fn patiently<T>(mut run: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
    let end = Instant::now() + BUSY_TIMEOUT;
    loop {
        match run() {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy) && Instant::now() < end => {
                std::thread::sleep(Duration::from_millis(5));
            }
            result => return result,
        }
    }
}

/// Creates the database file readable by its owner alone; the log beside it takes over its permissions.
///
/// A file that exists is not opened: closing it again would drop the locks that another connection of this process
/// holds on it.
fn create_file(path: &Path) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        result => result.map(drop),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_that_does_not_take_is_an_error() {
        // A database in memory cannot have a write-ahead log.
        let connection = Connection::open_in_memory().unwrap();
        let refusal = configure(&connection, &WRITER_SETTINGS).unwrap_err();
        assert_eq!(refusal.to_string(), "the database refuses PRAGMA journal_mode = wal, it says memory");
    }

    #[test]
    fn the_busy_timeout_is_the_one_that_is_set() {
        assert_eq!(SETTINGS[0].1, BUSY_TIMEOUT.as_millis().to_string());
    }

    #[test]
    fn a_commit_checkpoints_a_log_of_the_size_that_is_set() {
        assert!(WRITER_SETTINGS.contains(&("wal_autocheckpoint", "30000", "30000")));
        assert_eq!(AUTOCHECKPOINT, 30_000);
    }

    #[cfg(unix)]
    #[test]
    fn the_file_is_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db");
        let connection = open_writer(&path).unwrap();
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        for file in ["headroom.db", "headroom.db-wal", "headroom.db-shm"] {
            let mode = dir.path().join(file).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600, "{file}");
        }
    }
}
