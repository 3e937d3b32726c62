//! The store over a PostgreSQL database: workers, each with a connection, that run units of work.

mod account_lock_queue;
pub(crate) mod connections;
mod deadline;
pub(crate) mod error;
mod job;
mod link;
mod preflight;
pub(crate) mod record;
pub(crate) mod schema;
pub(crate) mod session;
mod settings;
mod tls;
pub(crate) mod transaction;
mod turn;
mod url;
pub(crate) mod verify;
mod workers;

use std::future::Future;
use std::sync::{Arc, Weak};

use domain::error::StorageError;
use domain::ports::{Discrepancy, ReadTx, Store, WriteTx};

pub use tls::TlsError;
pub use url::{InvalidPostgresUrl, PostgresUrl};

use crate::OpenError;
use crate::maintenance::MaintenanceTask;
use crate::oneshot::Receiver;
use crate::readers::Readers;
use crate::stages::UnitStages;
use crate::statistics::{DatabaseStatistics, PostgresStatistics, StoreStatistics};
use crate::tx::SqlTx;
use crate::unit::write_unit;
use crate::verify::Verification;
use connections::{Connections, SessionManager};
use error::message;
use record::PostgresRecord;
use session::PgSession;
use transaction::Transaction;
use workers::Workers;

/// A blocking client for migrations, with the settings of every session. Checks the server first.
pub(crate) fn client(url: &PostgresUrl) -> Result<postgres::Client, OpenError> {
    preflight::check(&SessionManager::new(url)?, url)?;
    let failed = |error: postgres::Error| url.open_error(&message(&error));
    let mut client = postgres::Config::from(url.config.clone()).connect(tls::connector(&url.tls)?).map_err(failed)?;
    url.settings.apply_to_client(&mut client).map_err(failed)?;
    Ok(client)
}

/// Limits of a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PostgresOptions {
    /// How many units may wait for a worker. One more is answered [`StorageError::Unavailable`] at
    /// once.
    pub write_queue_max: usize,
    /// How many reads may wait for a reader. One more is answered [`StorageError::Unavailable`] at
    /// once.
    pub read_queue_max: usize,
    /// How many units run at once, each on a thread and a connection of its own. At least 1.
    pub writers: u32,
    /// How many reads run at once, each on a thread and a connection of its own. At least 1.
    pub readers: u32,
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self { write_queue_max: 4096, read_queue_max: 4096, writers: 16, readers: 4 }
    }
}

/// A store over a PostgreSQL database. Any number of processes may have the same database open.
pub struct PostgresStore {
    workers: Workers,
    readers: Readers<PgSession>,
    /// Only the threads own it, so that its connections are closed when they end.
    connections: Weak<Connections>,
    connections_max: u32,
    record: Arc<PostgresRecord>,
}

impl PostgresStore {
    /// Opens the database at `url` and migrates the schema to the latest version. Blocks: do not
    /// call it from async code.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(url: &PostgresUrl, options: PostgresOptions) -> Result<Self, OpenError> {
        let manager = SessionManager::new(url)?;
        let (writers, readers) = (options.writers.max(1), options.readers.max(1));
        schema::migrate(&mut client(url)?, url)?;
        let connections_max = writers + readers;
        let connections = Arc::new(Connections::new(manager, connections_max));
        let readers = Readers::start(&connections, readers, options.read_queue_max)?;
        let workers = Workers::start(&connections, writers, options.write_queue_max)?;
        let record = Arc::clone(&connections.record);
        Ok(Self { workers, readers, connections: Arc::downgrade(&connections), connections_max, record })
    }

    /// Opens the database at `url` without creating or migrating its schema. Blocks: do not call it
    /// from async code.
    ///
    /// # Errors
    /// [`OpenError`], also for a database without the latest schema.
    pub fn open_read_only(url: &PostgresUrl, options: PostgresOptions) -> Result<Self, OpenError> {
        schema::check_latest(&mut client(url)?, url)?;
        Self::open(url, options)
    }

    /// Replaces the maintenance tasks. Each runs a step once a minute, and more often while it has
    /// more work.
    pub fn set_maintenance(&self, tasks: Vec<MaintenanceTask>) {
        self.workers.set_maintenance(tasks);
    }

    /// Whether the store accepts writes: not after [`PostgresStore::close`].
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.workers.is_open()
    }

    /// Statistics since the store was opened.
    #[must_use]
    pub fn statistics(&self) -> StoreStatistics {
        StoreStatistics {
            writes: self.workers.load().into(),
            reads: self.readers.load().into(),
            transactions: self.workers.transactions(),
            maintenance: self.workers.tasks.statistics(),
            database: DatabaseStatistics::Postgres(self.postgres_statistics()),
        }
    }

    fn postgres_statistics(&self) -> PostgresStatistics {
        // A store that is closed has no connections.
        let (open, idle) = self.connections.upgrade().map_or((0, 0), |connections| connections.open_and_idle());
        PostgresStatistics {
            connections_in_use: open.saturating_sub(idle),
            connections_idle: idle,
            connections_max: self.connections_max,
            connection_wait_seconds: self.record.connection_waits.snapshot(),
            account_waits: self.record.account_waits.get(),
            waiting_for_account: self.workers.waiting_for_account(),
            lock_timeouts: self.record.lock_timeouts.get(),
            deadlines_exceeded: self.record.deadlines_exceeded.get(),
            retries: self.record.retries(),
        }
    }

    /// Runs the queued units and closes the connections. Later calls are answered
    /// [`StorageError::Unavailable`]. Blocks until it is done; dropping the store does the same.
    pub fn close(&self) {
        self.readers.close();
        self.workers.close();
    }

    /// As [`Store::write`], and records the stages of the unit.
    pub(crate) fn write_staged<T, E>(
        &self,
        stages: UnitStages,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (unit, result) = write_unit(stages, work);
        self.workers.push(unit);
        result
    }

    /// As [`Store::read`], and records the stages of the unit.
    pub(crate) fn read_staged<T, E>(
        &self,
        stages: UnitStages,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.readers.run(stages, move |session| work(&mut SqlTx::new(&mut Transaction::reading(session))))
    }

    /// Compares usage counters with the rows that they count, in chunks.
    pub(crate) fn verify_in_chunks(&self) -> Receiver<Result<Verification, StorageError>> {
        self.readers.run(UnitStages::default(), verify::verify_in_chunks)
    }
}

impl Store for PostgresStore {
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
        self.readers.run(UnitStages::default(), |session| Ok(verify::verify_in_chunks(session)?.findings))
    }
}
