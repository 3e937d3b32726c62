//! The readers: threads that run reading units, each with a connection of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Instant;

use domain::error::StorageError;

use crate::OpenError;
use crate::oneshot::{self, Receiver, Wakers};
use crate::queue::{Queue, QueueLoad};
use crate::stages::{Stage, UnitStages};
use crate::unit::{panicked, refused};

/// Where readers get their connections.
pub(crate) trait ReadConnections: Send + Sync + 'static {
    type Connection;

    /// Calls `work` with a connection, or with the reason why none is available.
    fn with_connection(&self, queued_at: Instant, work: Work<Self::Connection>);
}

/// A reading unit with its type erased. It is given the reason when it cannot run.
pub(crate) type Work<C> = Box<dyn FnOnce(Result<&mut C, StorageError>) + Send>;

/// A reading unit in the queue.
struct ReadJob<C> {
    work: Work<C>,
    queued_at: Instant,
    stages: UnitStages,
}

/// The reading side of a store.
pub(crate) struct Readers<C> {
    queue: Arc<Queue<ReadJob<C>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl<C: 'static> Readers<C> {
    /// Starts `count` threads.
    pub(crate) fn start(
        connections: &Arc<impl ReadConnections<Connection = C>>,
        count: u32,
        queue_max: usize,
    ) -> Result<Self, OpenError> {
        let readers = Self { queue: Arc::new(Queue::new(queue_max)), threads: Mutex::default() };
        for number in 0..count {
            let (queue, connections) = (Arc::clone(&readers.queue), Arc::clone(connections));
            let thread = std::thread::Builder::new()
                .name(format!("reader-{number}"))
                .spawn(move || {
                    while let Some(ReadJob { work, queued_at, stages }) = queue.take() {
                        stages.begin(Stage::Connection);
                        connections.with_connection(queued_at, work);
                    }
                })
                .map_err(OpenError::Thread)?;
            readers.threads().push(thread);
        }
        Ok(readers)
    }

    /// Queues `work`, which runs with a connection.
    pub(crate) fn run<T, E>(
        &self,
        stages: UnitStages,
        work: impl FnOnce(&mut C) -> Result<T, E> + Send + 'static,
    ) -> Receiver<Result<T, E>>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (sender, receiver) = oneshot::channel();
        stages.begin(Stage::Queue);
        let of_work = stages.clone();
        let work: Work<C> = Box::new(move |connection| {
            if connection.is_ok() {
                of_work.begin(Stage::Work);
            }
            let work = || connection.map_err(E::from).and_then(work);
            let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(panicked().into()));
            let mut wakers = Wakers::default();
            of_work.end();
            sender.send(result, &mut wakers);
            wakers.wake();
        });
        if let Err((job, refusal)) = self.queue.push(ReadJob { work, queued_at: Instant::now(), stages }) {
            (job.work)(Err(refused(refusal, "reads")));
        }
        receiver
    }
}

impl<C> Readers<C> {
    /// How full the queue is.
    pub(crate) fn load(&self) -> QueueLoad {
        self.queue.load()
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs the queued units and ends the threads.
    pub(crate) fn close(&self) {
        self.queue.close();
        for thread in self.threads().drain(..) {
            if thread.join().is_err() {
                log::error!("a reader thread panicked");
            }
        }
    }
}

impl<C> Drop for Readers<C> {
    fn drop(&mut self) {
        self.close();
    }
}
