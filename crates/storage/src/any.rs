//! A store over whichever database a URL names.

use std::fmt;
use std::future::Future;
use std::path::PathBuf;
use std::str::FromStr;

use domain::error::StorageError;
use domain::ports::{Discrepancy, ReadTx, Store, WriteTx};
use thiserror::Error;

use crate::postgres::InvalidPostgresUrl;
use crate::verify::Verification;
use crate::{MaintenanceTask, OpenError, PostgresOptions, PostgresStore, PostgresUrl, SqliteOptions, SqliteStore};

/// Of this many connections to PostgreSQL, one is for reading.
const CONNECTIONS_PER_READER: u32 = 5;

/// Which database: `sqlite://` and the path of a file, or the URL of a PostgreSQL database. It is shown without its password.
///
/// ```
/// let url: storage::DatabaseUrl = "postgres://headroom:hush@db.example.com/headroom".parse()?;
/// assert_eq!(url.to_string(), "postgres://headroom:***@db.example.com/headroom");
/// # Ok::<(), storage::InvalidDatabaseUrl>(())
/// ```
#[derive(Clone, Debug)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(PathBuf),
    /// A database of a server.
    Postgres(Box<PostgresUrl>),
}

/// Why a text is no URL of a database. It does not repeat the text, which may hold a password.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidDatabaseUrl {
    /// It begins with neither scheme.
    #[error("it begins with neither sqlite:// nor postgres://")]
    Scheme,
    /// SQLite gives the path another meaning than a file's.
    #[error("sqlite:// goes before the path of a file, without parameters")]
    File,
    /// PostgreSQL would not be reached by it.
    #[error(transparent)]
    Postgres(#[from] InvalidPostgresUrl),
}

impl DatabaseUrl {
    /// Whether it is a file that is not there: opening it would make one. Of a server's nothing is known before it is open.
    #[must_use]
    pub fn is_missing_file(&self) -> bool {
        match self {
            Self::Sqlite(path) => !path.exists(),
            Self::Postgres(_) => false,
        }
    }
}

/// Whether SQLite takes the path for a file's: it gives names with a colon first, and `file:` URIs with their parameters,
/// a meaning of their own, which could switch locking off.
fn is_file_path(path: &str) -> bool {
    !path.is_empty() && !path.starts_with(':') && !path.starts_with("file:") && !path.contains('?')
}

impl FromStr for DatabaseUrl {
    type Err = InvalidDatabaseUrl;

    fn from_str(url: &str) -> Result<Self, InvalidDatabaseUrl> {
        match url.split_once("://") {
            Some(("sqlite", path)) if is_file_path(path) => Ok(Self::Sqlite(path.into())),
            Some(("sqlite", _)) => Err(InvalidDatabaseUrl::File),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(Box::new(url.parse()?))),
            _ => Err(InvalidDatabaseUrl::Scheme),
        }
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite://{}", path.display()),
            Self::Postgres(url) => url.fmt(f),
        }
    }
}

/// How much a store takes on at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoreOptions {
    /// How many units may wait to write; one more is answered [`StorageError::Unavailable`] at once.
    pub write_queue_max: usize,
    /// How many connections there may be to PostgreSQL, at least 2: a fifth of them to read, the others to write.
    pub connections: u32,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { write_queue_max: 4096, connections: 20 }
    }
}

impl StoreOptions {
    fn of_sqlite(self) -> SqliteOptions {
        SqliteOptions { write_queue_max: self.write_queue_max, ..SqliteOptions::default() }
    }

    fn of_postgres(self) -> PostgresOptions {
        let readers = (self.connections / CONNECTIONS_PER_READER).max(1);
        let writers = self.connections.saturating_sub(readers).max(1);
        PostgresOptions { write_queue_max: self.write_queue_max, readers, writers, ..PostgresOptions::default() }
    }
}

/// A store over either database.
pub enum AnyStore {
    /// Over an SQLite file.
    Sqlite(SqliteStore),
    /// Over a PostgreSQL database.
    Postgres(PostgresStore),
}

impl AnyStore {
    /// Opens the database at `url`, creates it if it is a file that is not there, and brings its schema to the latest
    /// version. Not from async code: it waits.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(url: &DatabaseUrl, options: StoreOptions) -> Result<Self, OpenError> {
        match url {
            DatabaseUrl::Sqlite(path) => SqliteStore::open(path, options.of_sqlite()).map(Self::Sqlite),
            DatabaseUrl::Postgres(url) => PostgresStore::open(url, options.of_postgres()).map(Self::Postgres),
        }
    }

    /// Opens the database at `url` to read from it, beside servers that use it: nothing is written, no lock is held and no
    /// schema is made. Writes are answered [`StorageError::Unavailable`]. Not from async code: it waits.
    ///
    /// # Errors
    /// [`OpenError`], for a database without the latest schema too.
    pub fn open_read_only(url: &DatabaseUrl, options: StoreOptions) -> Result<Self, OpenError> {
        match url {
            DatabaseUrl::Sqlite(path) => SqliteStore::open_read_only(path, options.of_sqlite()).map(Self::Sqlite),
            DatabaseUrl::Postgres(url) => PostgresStore::open_read_only(url, options.of_postgres()).map(Self::Postgres),
        }
    }

    /// Compares counters with rows, in chunks, each on a snapshot of its own that lives for a second or less, and says what
    /// was compared. `is_full` checks the whole SQLite file as well, on one snapshot that lives as long as it takes.
    ///
    /// # Errors
    /// The [`StorageError`] that kept it from comparing.
    pub async fn verify_in_chunks(&self, is_full: bool) -> Result<Verification, StorageError> {
        match self {
            Self::Sqlite(store) => store.queue_verification(is_full).await,
            Self::Postgres(store) => store.queue_verification().await,
        }
    }

    /// Sets the maintenance tasks. Each runs a step once a minute, and more often while it has more
    /// work. Replaces those that were set before.
    pub fn set_maintenance(&self, tasks: Vec<MaintenanceTask>) {
        match self {
            Self::Sqlite(store) => store.set_maintenance(tasks),
            Self::Postgres(store) => store.set_maintenance(tasks),
        }
    }

    /// Whether the store still takes writes: not after [`AnyStore::close`].
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Sqlite(store) => store.is_open(),
            Self::Postgres(store) => store.is_open(),
        }
    }

    /// Finishes what is queued and closes the database. Everything asked for afterwards is answered
    /// [`StorageError::Unavailable`]. Blocks until it is done; dropping the store does the same.
    pub fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close(),
            Self::Postgres(store) => store.close(),
        }
    }
}

impl From<SqliteStore> for AnyStore {
    fn from(store: SqliteStore) -> Self {
        Self::Sqlite(store)
    }
}

impl Store for AnyStore {
    fn write<T, E>(
        &self,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        match self {
            Self::Sqlite(store) => store.queue_write(work),
            Self::Postgres(store) => store.queue_write(work),
        }
    }

    fn read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        match self {
            Self::Sqlite(store) => store.queue_read(work),
            Self::Postgres(store) => store.queue_read(work),
        }
    }

    fn verify(&self) -> impl Future<Output = Result<Vec<Discrepancy>, StorageError>> + Send {
        match self {
            Self::Sqlite(store) => store.queue_verify(),
            Self::Postgres(store) => store.queue_verify(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<String, InvalidDatabaseUrl> {
        url.parse::<DatabaseUrl>().map(|url| format!("{url} {url:?}"))
    }

    #[test]
    fn a_url_names_a_file_or_a_database_of_a_server() {
        for (url, shown) in [
            ("sqlite://headroom.db", "sqlite://headroom.db"),
            ("sqlite:///var/lib/headroom.db", "sqlite:///var/lib/headroom.db"),
            ("postgres://headroom:hush@db/headroom", "postgres://headroom:***@db/headroom"),
            ("postgresql://db/headroom?sslmode=require", "postgresql://db/headroom"),
        ] {
            assert_eq!(url.parse::<DatabaseUrl>().map(|url| url.to_string()).as_deref(), Ok(shown));
        }
    }

    #[test]
    fn what_is_no_url_of_a_database_is_told_without_repeating_it() {
        for (url, fault) in [
            ("", InvalidDatabaseUrl::Scheme),
            ("headroom.db", InvalidDatabaseUrl::Scheme),
            ("mysql://u:hush@db/headroom", InvalidDatabaseUrl::Scheme),
            ("sqlite://", InvalidDatabaseUrl::File),
            ("sqlite://:memory:", InvalidDatabaseUrl::File),
            ("sqlite://file:hush.db?nolock=1", InvalidDatabaseUrl::File),
            ("sqlite://hush.db?mode=ro", InvalidDatabaseUrl::File),
            ("postgres://u:hush@db", InvalidPostgresUrl::NoDatabase.into()),
        ] {
            assert_eq!(parse(url), Err(fault.clone()), "{url}");
            assert!(!fault.to_string().contains("hush"), "{fault}");
        }
        let shown = parse("postgres://u:hush@db/headroom?sslmode=prefer").unwrap();
        assert!(!shown.contains("hush"), "{shown}");
    }

    #[test]
    fn a_file_that_is_not_there_is_missing_and_a_server_is_not_asked() {
        let dir = tempfile::tempdir().unwrap();
        let url: DatabaseUrl = format!("sqlite://{}/headroom.db", dir.path().display()).parse().unwrap();
        assert!(url.is_missing_file());
        AnyStore::open(&url, StoreOptions::default()).unwrap().close();
        assert!(!url.is_missing_file());
        assert!(!"postgres://nowhere.invalid/headroom".parse::<DatabaseUrl>().unwrap().is_missing_file());
    }

    #[test]
    fn a_fifth_of_the_connections_reads_and_at_least_one() {
        for (connections, readers, writers) in
            [(2, 1, 1), (5, 1, 4), (9, 1, 8), (10, 2, 8), (20, 4, 16), (1000, 200, 800)]
        {
            let options = StoreOptions { connections, ..StoreOptions::default() }.of_postgres();
            assert_eq!((options.readers, options.writers), (readers, writers), "{connections}");
        }
    }
}
