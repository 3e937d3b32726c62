//! The store over a PostgreSQL database: workers, each with a connection, that run one unit of work in one transaction.

mod account_lock_queue;
mod connections;
pub(crate) mod copy;
mod error;
mod link;
mod preflight;
mod readers;
mod schema;
mod session;
mod settings;
mod tls;
mod transaction;
mod turn;
mod url;
mod verify;
mod workers;

use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::error::StorageError;
use domain::ports::{Discrepancy, ReadTx, Store, WriteTx};

pub(crate) use error::{SessionError, message};
pub use tls::TlsError;
pub use url::{InvalidPostgresUrl, PostgresUrl};

use crate::OpenError;
use crate::maintenance::MaintenanceTask;
use crate::oneshot::Receiver;
use crate::unit::write_unit;
use crate::verify::Verification;
use connections::{Connections, SessionManager};
use readers::Readers;
use workers::Workers;

/// How long a unit may wait until the server has answered its first statement, from when it is asked for: in the queue, for
/// a connection and for a lock. Each of its later statements has as long.
const UNIT_TIMEOUT: Duration = Duration::from_millis(4500);
/// One that has less than this left is not begun: the connection would be lost if it took longer.
const UNIT_TIME_MIN: Duration = Duration::from_millis(250);

/// A client for what is done once, with the settings of every session, after a look at the server.
fn client(url: &PostgresUrl) -> Result<postgres::Client, OpenError> {
    preflight::check(&SessionManager::new(url)?, url)?;
    let failed = |error: postgres::Error| OpenError::postgres(url, &error);
    let mut client = postgres::Config::from(url.config.clone()).connect(tls::connector(&url.tls)?).map_err(failed)?;
    url.settings.apply_to_client(&mut client).map_err(failed)?;
    Ok(client)
}

/// Whether a unit that has to be answered by then can still be begun.
fn in_time(deadline: Instant) -> Result<(), StorageError> {
    if Instant::now() + UNIT_TIME_MIN < deadline {
        Ok(())
    } else {
        Err(StorageError::Unavailable("it has waited for the database for too long".into()))
    }
}

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
        let manager = SessionManager::new(url)?;
        let (writers, readers) = (options.writers.max(1), options.readers.max(1));
        schema::migrate(&mut client(url)?, url)?;
        let connections = Arc::new(Connections::new(manager, writers + readers));
        let readers = Readers::start(&connections, readers, options.read_queue_max)?;
        let workers = Workers::start(&connections, writers, options.write_queue_max)?;
        Ok(Self { workers, readers })
    }

    /// Opens the database at `url` to read from it: no schema is made. Not from async code: it waits.
    ///
    /// # Errors
    /// [`OpenError`], [`OpenError::NoSchema`] for a database without the latest schema among them.
    pub fn open_read_only(url: &PostgresUrl, options: PostgresOptions) -> Result<Self, OpenError> {
        schema::check_latest(&mut client(url)?, url)?;
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
        self.readers.run(|session| Ok(verify::verify_in_chunks(session)?.findings))
    }

    /// As [`AnyStore::verify_in_chunks`](crate::AnyStore::verify_in_chunks).
    pub(crate) fn queue_verification(&self) -> Receiver<Result<Verification, StorageError>> {
        self.readers.run(verify::verify_in_chunks)
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
