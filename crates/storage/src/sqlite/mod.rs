//! The store over one SQLite file: one writer with group commit, a pool of read-only connections.

mod checkpointer;
mod connection;
pub(crate) mod error;
mod permissions;
mod readers;
pub(crate) mod schema;
pub(crate) mod transaction;
pub(crate) mod verify;
mod writer;

use std::future::Future;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use domain::error::StorageError;
use domain::ports::{Discrepancy, ReadTx, Store, WriteTx};
use rusqlite::Connection;

pub(crate) use connection::{PAGE_BYTES, configure_reader, identity, open_reader, reader_flags};
pub use connection::{configure_writer, open_writer};
pub use transaction::run_in_transaction;

use crate::OpenError;
use crate::maintenance::{MaintenanceSchedule, MaintenanceTask, MaintenanceTasks};
use crate::oneshot::{Receiver, Wakers};
use crate::queue::Queue;
use crate::readers::Readers;
use crate::stages::UnitStages;
use crate::statistics::{DatabaseStatistics, SqliteStatistics, StoreStatistics, TransactionRecord};
use crate::tx::SqlTx;
use crate::unit::{refused, write_unit};
use crate::verify::Verification;
use checkpointer::{BatchCount, Checkpointer};
use error::storage_error;
use transaction::Transaction;
use writer::WriteQueue;

/// Limits of a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SqliteOptions {
    /// How many units may wait for the writer. One more is answered [`StorageError::Unavailable`]
    /// at once.
    pub write_queue_max: usize,
    /// How many reads may wait for a reader. One more is answered [`StorageError::Unavailable`] at
    /// once.
    pub read_queue_max: usize,
    /// How many reads run at once, each on a thread and a connection of its own. At least 1.
    pub readers: u32,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        Self { write_queue_max: 4096, read_queue_max: 4096, readers: 4 }
    }
}

/// A store over one SQLite file. Several processes may have the same file open.
///
/// A batch wakes one future per thread, and that one wakes its neighbours when it is polled or
/// dropped. So a future that has been polled must be polled again when it is woken, or dropped, as
/// every runtime does.
pub struct SqliteStore {
    queue: Arc<WriteQueue>,
    writer: Mutex<Option<JoinHandle<()>>>,
    /// `None` in a read-only store.
    checkpointer: Option<Checkpointer>,
    tasks: MaintenanceTasks,
    transactions: Arc<TransactionRecord>,
    readers: Readers<Connection>,
}

impl SqliteStore {
    /// Opens the database at `path`, creates it if it does not exist, and migrates the schema to
    /// the latest version.
    ///
    /// # Errors
    /// [`OpenError`].
    pub fn open(path: &Path, options: SqliteOptions) -> Result<Self, OpenError> {
        let mut connection = open_writer(path)?;
        schema::migrate(&mut connection, path)?;
        let readers = readers::open(path, options.readers.max(1), options.read_queue_max)?;
        let queue: Arc<WriteQueue> = Arc::new(Queue::new(options.write_queue_max));
        let (units, tasks) = (Arc::clone(&queue), MaintenanceTasks::default());
        let maintenance = MaintenanceSchedule::new(tasks.clone());
        let batches = Arc::new(BatchCount::default());
        let transactions = Arc::new(TransactionRecord::default());
        let recorded = Arc::clone(&transactions);
        let checkpointer = Some(Checkpointer::start(path, Arc::clone(&batches))?);
        let writer = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || writer::run(&connection, &units, maintenance, &batches, &recorded))
            .map_err(OpenError::Thread)?;
        Ok(Self { queue, writer: Mutex::new(Some(writer)), checkpointer, tasks, transactions, readers })
    }

    /// Opens the database at `path` for reads: it writes nothing, holds no lock and creates no
    /// schema. Writes are answered [`StorageError::Unavailable`].
    ///
    /// # Errors
    /// [`OpenError`], also for a database without the latest schema.
    pub fn open_read_only(path: &Path, options: SqliteOptions) -> Result<Self, OpenError> {
        drop(open_reader(path)?);
        let readers = readers::open(path, options.readers.max(1), options.read_queue_max)?;
        let queue: Arc<WriteQueue> = Arc::new(Queue::new(0));
        queue.close();
        let (writer, tasks, transactions) = Default::default();
        Ok(Self { queue, writer, checkpointer: None, tasks, transactions, readers })
    }

    /// Replaces the maintenance tasks. Each runs a step once a minute. While it has more work, it
    /// runs steps without a pause if the queue is empty, and one a second if it is not.
    pub fn set_maintenance(&self, tasks: Vec<MaintenanceTask>) {
        self.tasks.set(tasks);
    }

    /// Whether the store accepts writes: not after [`SqliteStore::close`], nor if the writer thread
    /// died.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.queue.is_closed()
    }

    /// Statistics since the store was opened.
    #[must_use]
    pub fn statistics(&self) -> StoreStatistics {
        let sqlite = self.checkpointer.as_ref().map_or_else(SqliteStatistics::unused, Checkpointer::statistics);
        StoreStatistics {
            writes: self.queue.load().into(),
            reads: self.readers.load().into(),
            transactions: self.transactions.snapshot(),
            maintenance: self.tasks.statistics(),
            database: DatabaseStatistics::Sqlite(sqlite),
        }
    }

    /// Runs the queued units, checkpoints and truncates the write-ahead log, and closes the
    /// database. Later calls are answered [`StorageError::Unavailable`]. Blocks until it is done;
    /// dropping the store does the same.
    pub fn close(&self) {
        // These first: the log can be truncated only when no snapshot uses it and no checkpoint
        // runs.
        self.readers.close();
        if let Some(checkpointer) = &self.checkpointer {
            checkpointer.close();
        }
        self.queue.close();
        // Held until it is done, so that a concurrent `close` waits as well.
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if writer.take().is_some_and(|writer| writer.join().is_err()) {
            log::error!("the writer thread panicked");
        }
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
        if let Err((mut unit, refusal)) = self.queue.push(unit) {
            unit.answer(Err(refused(refusal, "writes")), &mut Wakers::default());
        }
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
        self.readers.run(stages, move |connection| {
            let snapshot = connection.transaction().map_err(storage_error)?;
            work(&mut SqlTx::new(&mut Transaction::new(&snapshot)))
        })
    }

    /// Compares usage counters with the rows that they count, in chunks. `is_full` also checks the
    /// file.
    pub(crate) fn verify_in_chunks(&self, is_full: bool) -> Receiver<Result<Verification, StorageError>> {
        self.readers.run(UnitStages::default(), move |connection| verify::verify(connection, is_full))
    }
}

impl Drop for SqliteStore {
    fn drop(&mut self) {
        self.close();
    }
}

impl Store for SqliteStore {
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
        self.readers.run(UnitStages::default(), |connection| Ok(verify::verify(connection, true)?.findings))
    }
}

#[cfg(test)]
mod list_tests;
