//! A store over the database that a URL names.

use std::future::Future;

use domain::error::StorageError;
use domain::ports::{Discrepancy, ReadTx, Store, WriteTx};
use futures_util::future::Either;

use crate::stages::UnitStages;
use crate::statistics::StoreStatistics;
use crate::verify::Verification;
use crate::{DatabaseUrl, MaintenanceTask, OpenError, PostgresOptions, PostgresStore, SqliteOptions, SqliteStore};

/// One of this many connections to PostgreSQL is for reads.
const CONNECTIONS_PER_READER: u32 = 5;

/// Limits of a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StoreOptions {
    /// How many units may wait to write. One more is answered [`StorageError::Unavailable`] at
    /// once.
    pub write_queue_max: usize,
    /// How many connections to PostgreSQL may be open, at least 2: a fifth for reads, the others
    /// for writes.
    pub connections: u32,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self { write_queue_max: 4096, connections: 20 }
    }
}

impl StoreOptions {
    fn for_sqlite(self) -> SqliteOptions {
        SqliteOptions { write_queue_max: self.write_queue_max, ..SqliteOptions::default() }
    }

    fn for_postgres(self) -> PostgresOptions {
        let readers = (self.connections / CONNECTIONS_PER_READER).max(1);
        let writers = self.connections.saturating_sub(readers).max(1);
        PostgresOptions { write_queue_max: self.write_queue_max, readers, writers, ..PostgresOptions::default() }
    }
}

/// A store over either database.
pub enum AnyStore {
    /// A store over an SQLite file.
    Sqlite(SqliteStore),
    /// A store over a PostgreSQL database.
    Postgres(PostgresStore),
}

impl AnyStore {
    /// Opens the database at `url`, creates the file if it does not exist, and migrates the schema
    /// to the latest version. Blocks: do not call it from async code.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(url: &DatabaseUrl, options: StoreOptions) -> Result<Self, OpenError> {
        match url {
            DatabaseUrl::Sqlite(path) => SqliteStore::open(path, options.for_sqlite()).map(Self::Sqlite),
            DatabaseUrl::Postgres(url) => PostgresStore::open(url, options.for_postgres()).map(Self::Postgres),
        }
    }

    /// Opens the database at `url` for reads, beside servers that use it: it writes nothing, holds
    /// no lock and creates no schema. Writes are answered [`StorageError::Unavailable`]. Blocks: do
    /// not call it from async code.
    ///
    /// # Errors
    /// [`OpenError`], also for a database without the latest schema.
    pub fn open_read_only(url: &DatabaseUrl, options: StoreOptions) -> Result<Self, OpenError> {
        match url {
            DatabaseUrl::Sqlite(path) => SqliteStore::open_read_only(path, options.for_sqlite()).map(Self::Sqlite),
            DatabaseUrl::Postgres(url) => {
                PostgresStore::open_read_only(url, options.for_postgres()).map(Self::Postgres)
            }
        }
    }

    /// Compares usage counters with the rows that they count, in chunks, each on a snapshot of its
    /// own that lives for a second or less. `is_full` also checks the whole SQLite file, on one
    /// snapshot.
    ///
    /// # Errors
    /// The [`StorageError`] that ended the comparison.
    pub async fn verify_in_chunks(&self, is_full: bool) -> Result<Verification, StorageError> {
        match self {
            Self::Sqlite(store) => store.verify_in_chunks(is_full).await,
            Self::Postgres(store) => store.verify_in_chunks().await,
        }
    }

    /// Replaces the maintenance tasks. Each runs a step once a minute, and more often while it has
    /// more work.
    pub fn set_maintenance(&self, tasks: Vec<MaintenanceTask>) {
        match self {
            Self::Sqlite(store) => store.set_maintenance(tasks),
            Self::Postgres(store) => store.set_maintenance(tasks),
        }
    }

    /// Statistics since the store was opened. Takes a few locks for a moment, and never waits for
    /// the database.
    #[must_use]
    pub fn statistics(&self) -> StoreStatistics {
        match self {
            Self::Sqlite(store) => store.statistics(),
            Self::Postgres(store) => store.statistics(),
        }
    }

    /// As [`Store::write`], and records the stages of the unit.
    pub fn write_staged<T, E>(
        &self,
        stages: UnitStages,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        match self {
            Self::Sqlite(store) => Either::Left(store.write_staged(stages, work)),
            Self::Postgres(store) => Either::Right(store.write_staged(stages, work)),
        }
    }

    /// As [`Store::read`], and records the stages of the unit.
    pub fn read_staged<T, E>(
        &self,
        stages: UnitStages,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        match self {
            Self::Sqlite(store) => Either::Left(store.read_staged(stages, work)),
            Self::Postgres(store) => Either::Right(store.read_staged(stages, work)),
        }
    }

    /// Whether the store accepts writes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        match self {
            Self::Sqlite(store) => store.is_open(),
            Self::Postgres(store) => store.is_open(),
        }
    }

    /// Runs the queued units and closes the database. Later calls are answered
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
        self.write_staged(UnitStages::default(), work)
    }

    fn read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.read_staged(UnitStages::default(), work)
    }

    fn verify(&self) -> impl Future<Output = Result<Vec<Discrepancy>, StorageError>> + Send {
        match self {
            Self::Sqlite(store) => Either::Left(store.verify()),
            Self::Postgres(store) => Either::Right(store.verify()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fifth_of_the_connections_reads_and_at_least_one() {
        for (connections, readers, writers) in
            [(2, 1, 1), (5, 1, 4), (9, 1, 8), (10, 2, 8), (20, 4, 16), (1000, 200, 800)]
        {
            let options = StoreOptions { connections, ..StoreOptions::default() }.for_postgres();
            assert_eq!((options.readers, options.writers), (readers, writers), "{connections}");
        }
    }
}
