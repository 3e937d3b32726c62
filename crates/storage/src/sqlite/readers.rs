//! The readers: a few threads that run reading units on a pool of read-only connections, each on its own snapshot.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use domain::error::StorageError;
use domain::ports::ReadTx;
use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, ffi};

use super::connection::{BUSY_TIMEOUT, configure_reader, reader_flags};
use super::transaction::Transaction;
use crate::OpenError;
use crate::error::storage_error;
use crate::oneshot::{self, Receiver, Wakers};
use crate::queue::{Queue, Refusal};
use crate::unit::{closed, panicked};

type ReadJob = Box<dyn FnOnce(Result<&mut Connection, StorageError>) + Send>;

/// The reading side of a store.
pub(crate) struct Readers {
    queue: Arc<Queue<ReadJob>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    /// Opens `count` connections on the database at `path`, and starts as many threads.
    pub(crate) fn open(path: &Path, count: u32, queue_capacity: usize) -> Result<Self, OpenError> {
        let manager = SqliteConnectionManager::file(path).with_flags(reader_flags()).with_init(|connection| {
            configure_reader(connection).map_err(|error| {
                let code = ffi::Error::new(ffi::SQLITE_ERROR);
                rusqlite::Error::SqliteFailure(code, Some(error.to_string()))
            })
        });
        let pool =
            Pool::builder().max_size(count).test_on_check_out(false).connection_timeout(BUSY_TIMEOUT).build(manager)?;
        let queue = Arc::new(Queue::new(queue_capacity));
        let readers = Self { queue: Arc::clone(&queue), threads: Mutex::default() };
        for number in 0..count {
            let (queue, pool) = (Arc::clone(&queue), pool.clone());
            let thread = std::thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || serve(&queue, &pool))
                .map_err(OpenError::Thread)?;
            readers.threads().push(thread);
        }
        Ok(readers)
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `work` on a snapshot of its own.
    pub(crate) fn read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        self.run(move |connection| {
            let snapshot = connection.transaction().map_err(storage_error)?;
            Transaction::read(&snapshot, work)
        })
    }

    /// Runs `work` with a connection.
    pub(crate) fn run<T, E>(
        &self,
        work: impl FnOnce(&mut Connection) -> Result<T, E> + Send + 'static,
    ) -> Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let job: ReadJob = Box::new(move |connection| {
            let work = || connection.map_err(E::from).and_then(work);
            let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked().into()));
            let mut wakers = Wakers::default();
            sender.send(result, &mut wakers);
            wakers.wake();
        });
        if let Err((job, refusal)) = self.queue.push(job) {
            job(Err(match refusal {
                Refusal::Full => StorageError::Unavailable("too many reads are waiting".into()),
                Refusal::Closed => closed(),
            }));
        }
        receiver
    }

    /// Finishes what is queued and closes the connections.
    pub(crate) fn close(&self) {
        self.queue.close();
        for thread in self.threads().drain(..) {
            if thread.join().is_err() {
                log::error!("a reader thread panicked");
            }
        }
    }
}

impl Drop for Readers {
    fn drop(&mut self) {
        self.close();
    }
}

fn serve(queue: &Queue<ReadJob>, pool: &Pool<SqliteConnectionManager>) {
    while let Some(job) = queue.take() {
        match pool.get() {
            Ok(mut connection) => job(Ok(&mut connection)),
            Err(error) => job(Err(StorageError::Unavailable(error.to_string()))),
        }
    }
}
