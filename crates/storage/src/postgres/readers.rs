//! The readers: a few threads that run reading units, each on a snapshot of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use domain::error::StorageError;
use domain::ports::ReadTx;

use super::connections::Connections;
use super::session::Session;
use super::transaction::Transaction;
use super::{UNIT_TIMEOUT, in_time};
use crate::OpenError;
use crate::oneshot::{self, Receiver, Wakers};
use crate::queue::{Queue, Refusal};
use crate::tx::SqlTx;
use crate::unit::{closed, panicked};

/// Reads, or says why not.
type ReadWork = dyn FnOnce(Result<&mut Session, StorageError>) + Send;

/// What begins a transaction that has a snapshot and writes nothing.
pub(super) const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// A reading unit in the queue.
struct ReadJob {
    work: Box<ReadWork>,
    /// Until when it has to be answered.
    deadline: Instant,
}

/// The reading side of a store.
pub(crate) struct Readers {
    queue: Arc<Queue<ReadJob>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl Readers {
    /// Starts `count` readers.
    pub(crate) fn start(connections: &Arc<Connections>, count: u32, queue_max: usize) -> Result<Self, OpenError> {
        let readers = Self { queue: Arc::new(Queue::new(queue_max)), threads: Mutex::default() };
        for number in 0..count {
            let (queue, connections) = (Arc::clone(&readers.queue), Arc::clone(connections));
            let thread = std::thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || serve(&queue, &connections))
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
        self.run(|session| work(&mut SqlTx::new(&mut Transaction::reading(session))))
    }

    /// Runs `work` in a transaction that has a snapshot and writes nothing.
    pub(crate) fn run<T, E>(
        &self,
        work: impl FnOnce(&mut Session) -> Result<T, E> + Send + 'static,
    ) -> Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        let work = Box::new(move |session: Result<&mut Session, StorageError>| {
            let work = || session.map_err(E::from).and_then(work);
            let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked().into()));
            let mut wakers = Wakers::default();
            sender.send(result, &mut wakers);
            wakers.wake();
        });
        let job = ReadJob { work, deadline: Instant::now() + UNIT_TIMEOUT };
        if let Err((job, refusal)) = self.queue.push(job) {
            (job.work)(Err(match refusal {
                Refusal::Full => StorageError::Unavailable("too many reads are waiting".into()),
                Refusal::Closed => closed(),
            }));
        }
        receiver
    }

    /// Finishes what is queued and ends the threads.
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

fn serve(queue: &Queue<ReadJob>, connections: &Connections) {
    while let Some(ReadJob { work, deadline }) = queue.take() {
        let begun = in_time(deadline).and_then(|()| connections.begin(SNAPSHOT, deadline));
        match begun {
            Ok(mut session) => {
                work(Ok(&mut session));
                session.end_reading();
            }
            Err(error) => work(Err(error)),
        }
    }
}
