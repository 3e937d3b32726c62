//! Opens connections with the settings that durability and integrity depend on, and checks them.

use std::fs::OpenOptions;
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, MAIN_DB, OpenFlags};

use super::{permissions, schema};
use crate::OpenError;

/// The size of a page of the database.
pub(crate) const PAGE_BYTES: u64 = 4096;

/// How long a statement waits for a lock of another process.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// How many prepared statements a connection caches: more than exist, so that none is prepared
/// twice.
const STATEMENTS_KEPT: usize = 128;

/// The size of the log, in pages, at which a commit checkpoints it: 120 MiB. With a large log, a
/// page that several bookings change is written back once for all of them.
pub(super) const AUTOCHECKPOINT: u64 = 30_000;

/// A setting: the pragma, the value to set and the value that SQLite then returns.
type Setting = (&'static str, &'static str, &'static str);

/// The page of SQLite's locks, which holds no data: the one at 1 GiB (`PENDING_BYTE`).
const LOCK_PAGE: u64 = 1024 * 1024 * 1024 / PAGE_BYTES + 1;

/// The writer's page cache in a file that ends before the lock page: 16 MiB. When SQLite reorders
/// pages of a tree, it moves one to the number of the lock page and back, and then looks through
/// its whole cache for pages beyond the end of the file, at nearly every commit.
const SMALL_FILE_CACHE: Setting = ("cache_size", "-16384", "-16384");

/// The writer's page cache in a larger file: 64 MiB.
const LARGE_FILE_CACHE: Setting = ("cache_size", "-65536", "-65536");

/// Settings of every connection. `busy_timeout` comes before the first statement that may wait for
/// a lock.
const SETTINGS: [Setting; 4] = [
    ("busy_timeout", "5000", "5000"),
    ("trusted_schema", "OFF", "0"),
    ("cell_size_check", "ON", "1"),
    ("mmap_size", "0", "0"),
];

/// Additional settings of the writing connection.
///
/// `synchronous=FULL` syncs the log at every commit: with `NORMAL` a power cut loses acknowledged
/// writes. Measurements: `docs/adr/0002-sqlite.md`.
///
/// `secure_delete` overwrites what is deleted or replaced, so that erased texts are in no free page.
const WRITER_SETTINGS: [Setting; 6] = [
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", "2"),
    ("foreign_keys", "ON", "1"),
    ("secure_delete", "ON", "1"),
    ("journal_size_limit", "134217728", "134217728"),
    ("wal_autocheckpoint", "30000", "30000"),
];

/// Additional settings of the checkpointing connection, which syncs the database file.
const CHECKPOINTER_SETTINGS: [Setting; 3] =
    [("journal_mode", "WAL", "wal"), ("synchronous", "FULL", "2"), ("journal_size_limit", "134217728", "134217728")];

/// Additional settings of read-only connections. They do not set the journal mode, so that a backup
/// that is not in WAL mode can be read.
const READER_SETTINGS: [Setting; 1] = [("query_only", "ON", "1")];

/// Opens a writing connection. Creates the file with mode 0600 if it does not exist, and removes
/// the permissions of other users from an existing one.
///
/// # Errors
/// [`OpenError`], also for a setting that has no effect.
pub fn open_writer(path: &Path) -> Result<Connection, OpenError> {
    create_file(path).map_err(|source| match source.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            OpenError::NotWritable { path: path.into(), reason: source.to_string() }
        }
        _ => OpenError::File { path: path.into(), source },
    })?;
    let unknown = |source| OpenError::File { path: path.into(), source };
    let opened = identity(path).map_err(unknown)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    // SQLite falls back to a read-only connection if it may not write to the file.
    if connection.is_readonly(MAIN_DB)? {
        return Err(OpenError::NotWritable { path: path.into(), reason: "it can only be read".into() });
    }
    match prepare_writer(&connection, path) {
        // The log beside the file cannot be created.
        Err(OpenError::Sqlite(error)) if is_denied(&error) => {
            return Err(OpenError::NotWritable { path: path.into(), reason: error.to_string() });
        }
        result => result?,
    }
    // From this read on, the connection holds the lock that keeps `headroom restore` from replacing
    // the file. It may have done so before, while this connection waited for it.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    if identity(path).map_err(unknown)? == opened {
        Ok(connection)
    } else {
        Err(OpenError::Replaced { path: path.into() })
    }
}

/// The file that the path names: its device and its number there.
pub(crate) fn identity(path: &Path) -> io::Result<(u64, u64)> {
    std::fs::metadata(path).map(|found| (found.dev(), found.ino()))
}

/// Configures a writing connection, after a check that the database is Headroom's: setting the
/// journal mode writes to the file.
fn prepare_writer(connection: &Connection, path: &Path) -> Result<(), OpenError> {
    schema::check(connection, path)?;
    permissions::restrict_files(path)?;
    configure_writer(connection)
}

fn is_denied(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::ReadOnly))
}

/// Configures a writing connection.
///
/// # Errors
/// [`OpenError`], also for a setting that has no effect.
pub fn configure_writer(connection: &Connection) -> Result<(), OpenError> {
    configure(connection, &SETTINGS)?;
    configure(connection, &WRITER_SETTINGS)?;
    let pages = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
    configure(connection, &[writer_cache(pages)])
}

/// The writer's page cache in a file with so many pages. It stays until the file is opened again.
fn writer_cache(pages: u32) -> Setting {
    if u64::from(pages) < LOCK_PAGE { SMALL_FILE_CACHE } else { LARGE_FILE_CACHE }
}

/// Opens the connection of the checkpointer, after the writing connection.
pub(super) fn open_checkpointer(path: &Path) -> Result<Connection, OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    configure(&connection, &SETTINGS)?;
    configure(&connection, &CHECKPOINTER_SETTINGS)?;
    Ok(connection)
}

/// The flags of a read-only connection.
pub(crate) fn reader_flags() -> OpenFlags {
    OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX
}

/// Opens a read-only connection to a database with the latest schema.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    let connection = Connection::open_with_flags(path, reader_flags())?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    schema::check_latest(&connection, path)?;
    configure_reader(&connection)?;
    Ok(connection)
}

/// Configures a read-only connection.
pub(crate) fn configure_reader(connection: &Connection) -> Result<(), OpenError> {
    configure(connection, &SETTINGS)?;
    configure(connection, &READER_SETTINGS)
}

fn configure(connection: &Connection, settings: &[Setting]) -> Result<(), OpenError> {
    connection.set_prepared_statement_cache_capacity(STATEMENTS_KEPT);
    for &(pragma, value, wanted) in settings {
        retry_while_busy(|| connection.pragma_update(None, pragma, value))?;
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

/// Retries a statement while the database is busy. SQLite's busy timeout does not cover a change of
/// the journal mode.
fn retry_while_busy<T>(mut run: impl FnMut() -> rusqlite::Result<T>) -> rusqlite::Result<T> {
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

/// Creates the database file with mode 0600, which SQLite also gives to the log beside it.
///
/// An existing file is not opened: closing it would drop the locks that another connection of this
/// process holds on it.
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
    fn a_setting_without_effect_is_an_error() {
        // A database in memory cannot have a write-ahead log.
        let connection = Connection::open_in_memory().unwrap();
        let refusal = configure(&connection, &WRITER_SETTINGS).unwrap_err();
        assert_eq!(refusal.to_string(), "PRAGMA journal_mode is memory and cannot be set to wal");
    }

    #[test]
    fn the_busy_timeout_is_that_of_the_settings() {
        assert_eq!(SETTINGS[0].1, BUSY_TIMEOUT.as_millis().to_string());
    }

    #[test]
    fn the_cache_is_small_until_the_file_has_the_lock_page() {
        assert_eq!(writer_cache(262_144), SMALL_FILE_CACHE);
        assert_eq!(writer_cache(262_145), LARGE_FILE_CACHE);
    }

    #[test]
    fn the_autocheckpoint_is_that_of_the_settings() {
        assert!(WRITER_SETTINGS.contains(&("wal_autocheckpoint", "30000", "30000")));
        assert_eq!(AUTOCHECKPOINT, 30_000);
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_can_read_a_new_file() {
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
