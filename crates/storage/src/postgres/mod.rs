//! The store over a PostgreSQL database: workers, each with a connection, that run one unit of work in one transaction.

mod connections;
pub(crate) mod copy;
mod error;
mod gates;
mod readers;
mod schema;
mod session;
mod tls;
mod transaction;
mod url;
mod verify;
mod workers;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use domain::error::StorageError;
use domain::ports::{Discrepancy, ReadTx, Store, WriteTx};
use r2d2::Pool;
use r2d2_postgres::PostgresConnectionManager;

pub(crate) use error::message;
pub use tls::TlsError;
pub use url::{InvalidPostgresUrl, PostgresUrl};

use crate::OpenError;
use crate::maintenance::MaintenanceTask;
use crate::oneshot::Receiver;
use crate::unit::write_unit;
use crate::verify::Verification;
use connections::{Connections, LastError};
use readers::Readers;
use session::SessionManager;
use workers::Workers;

/// How long a unit waits for a connection: as long as making one may take, and a little.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(3);

/// What every connection begins with, unless the URL's `options` say otherwise, in milliseconds: how long a statement may
/// take, how long it may wait for a row that another unit holds, and how long a unit may do something else in between.
const TIMEOUTS: &str = "-c statement_timeout=30000 -c lock_timeout=10000 -c idle_in_transaction_session_timeout=30000";

/// How much a store takes on at once.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PostgresOptions {
    /// How many units may wait for a worker; one more is answered [`StorageError::Unavailable`] at once.
    pub write_queue_max: usize,
    /// How many reads may wait for a reader; one more is answered [`StorageError::Unavailable`] at once.
    pub read_queue_max: usize,
    /// How many units run at once, each on a thread and a connection of its own; at least 1.
    pub writers: u32,
    /// How many reads run at once, each on a thread and a connection of its own; at least 1.
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
    readers: Readers,
}

impl PostgresStore {
    /// Opens the database at `url`, and brings its schema to the latest version. Not from async code: it waits.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(url: &PostgresUrl, options: PostgresOptions) -> Result<Self, OpenError> {
        let mut config = url.config.clone();
        let own = config.get_options().map_or(String::new(), |own| format!(" {own}"));
        config.options(&format!("{TIMEOUTS}{own}"));
        let connector = tls::connector(&url.trust)?;
        let (writers, readers) = (options.writers.max(1), options.readers.max(1));
        {
            let mut client = config.connect(connector.clone()).map_err(|error| OpenError::postgres(url, &error))?;
            schema::migrate(&mut client, url)?;
        }
        let last_error = LastError::default();
        let pool = Pool::builder()
            .max_size(writers + readers)
            .min_idle(Some(0))
            .test_on_check_out(false)
            .connection_timeout(CONNECTION_TIMEOUT)
            .error_handler(Box::new(last_error.clone()))
            .build_unchecked(SessionManager::new(PostgresConnectionManager::new(config, connector)));
        let connections = Arc::new(Connections::new(pool, last_error));
        let readers = Readers::start(&connections, readers, options.read_queue_max)?;
        let workers = Workers::start(&connections, writers, options.write_queue_max)?;
        Ok(Self { workers, readers })
    }

    /// Opens the database at `url` to read from it: no schema is made. Not from async code: it waits.
    ///
    /// # Errors
    /// [`OpenError`], [`OpenError::NoSchema`] for a database without the latest schema among them.
    pub fn open_read_only(url: &PostgresUrl, options: PostgresOptions) -> Result<Self, OpenError> {
        let failed = |error| OpenError::postgres(url, &error);
        let mut client = url.config.connect(tls::connector(&url.trust)?).map_err(failed)?;
        schema::check_latest(&mut client, url)?;
        drop(client);
        Self::open(url, options)
    }

    /// Sets the maintenance tasks. Each runs a step once a minute, and more often while it has more
    /// work. Replaces those that were set before.
    pub fn set_maintenance(&self, tasks: Vec<MaintenanceTask>) {
        self.workers.set_maintenance(tasks);
    }

    /// Whether the store still takes writes: not after [`PostgresStore::close`].
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.workers.is_open()
    }

    /// Finishes what is queued and closes the connections. Everything asked for afterwards is answered
    /// [`StorageError::Unavailable`]. Blocks until it is done; dropping the store does the same.
    pub fn close(&self) {
        self.readers.close();
        self.workers.close();
    }

    /// As [`Store::write`], with the future by its name.
    pub(crate) fn queue_write<T, E>(
        &self,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (unit, result) = write_unit(work);
        self.workers.push(unit);
        result
    }

    /// As [`Store::read`], with the future by its name.
    pub(crate) fn queue_read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.readers.read(work)
    }

    /// As [`Store::verify`], with the future by its name.
    pub(crate) fn queue_verify(&self) -> Receiver<Result<Vec<Discrepancy>, StorageError>> {
        self.readers.run(|session| Ok(verify::verify(session)?.findings))
    }

    /// As [`AnyStore::verify_in_chunks`](crate::AnyStore::verify_in_chunks).
    pub(crate) fn queue_verification(&self) -> Receiver<Result<Verification, StorageError>> {
        self.readers.run(verify::verify)
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
        self.queue_write(work)
    }

    fn read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.queue_read(work)
    }

    fn verify(&self) -> impl Future<Output = Result<Vec<Discrepancy>, StorageError>> + Send {
        self.queue_verify()
    }
}
