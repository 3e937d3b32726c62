//! The workers: a few threads that each run one unit of work in one transaction, and answer it when
//! it is durable.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::AccountId;
use domain::error::StorageError;

use super::connections::Connections;
use super::error::{Fault, FaultKind};
use super::gates::Gates;
use super::transaction::Transaction;
use super::{UNIT_TIMEOUT, in_time};
use crate::OpenError;
use crate::maintenance::{MaintenanceSchedule, MaintenanceTask, MaintenanceTasks};
use crate::oneshot::Wakers;
use crate::queue::{Dequeued, Queue, Refusal};
use crate::tx::SqlTx;
use crate::unit::{Outcome, WriteUnit, closed};

/// How often a unit is run again after a conflict or with another connection, before the caller has to try again.
const TRIES_MAX: u32 = 8;
/// How often a unit is run again after a violation. If it looks first, as use cases do, once is enough.
const TRIES_AFTER_VIOLATION_MAX: u32 = 2;
/// How long the first pause before another try is at most; each is up to twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(5);

/// A unit of work in the queue.
pub(crate) struct Job {
    pub(crate) unit: Box<dyn WriteUnit>,
    /// The account whose gate has been kept shut for it.
    pub(crate) held: Option<AccountId>,
    /// Until when it has to be answered, or to be committed.
    pub(crate) deadline: Instant,
}

impl Job {
    fn new(unit: Box<dyn WriteUnit>) -> Self {
        Self { unit, held: None, deadline: Instant::now() + UNIT_TIMEOUT }
    }
}

/// The writing side of a store.
pub(crate) struct Workers {
    shared: Arc<Shared>,
    tasks: MaintenanceTasks,
    /// Closed when the store is: what the maintenance thread waits for.
    closing: Arc<Queue<()>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// State that the workers share.
struct Shared {
    queue: Queue<Job>,
    gates: Gates,
}

impl Workers {
    /// Starts `count` workers. They own the connections, with the readers: these are closed by them and never in
    /// async code.
    pub(crate) fn start(connections: &Arc<Connections>, count: u32, queue_max: usize) -> Result<Self, OpenError> {
        let shared = Shared { queue: Queue::new(queue_max), gates: Gates::default() };
        let workers = Self {
            shared: Arc::new(shared),
            tasks: MaintenanceTasks::default(),
            closing: Arc::new(Queue::new(1)),
            threads: Mutex::default(),
        };
        for number in 0..count {
            let (shared, connections) = (Arc::clone(&workers.shared), Arc::clone(connections));
            workers.spawn(format!("worker-{number}"), move || Worker::new(&shared, &connections).serve())?;
        }
        let (shared, connections) = (Arc::clone(&workers.shared), Arc::clone(connections));
        let closing = Arc::clone(&workers.closing);
        let maintenance = MaintenanceSchedule::new(workers.tasks.clone());
        workers.spawn("maintenance".into(), move || {
            Worker::new(&shared, &connections).run_maintenance(&closing, maintenance);
        })?;
        Ok(workers)
    }

    fn spawn(&self, name: String, run: impl FnOnce() + Send + 'static) -> Result<(), OpenError> {
        let thread = std::thread::Builder::new().name(name).spawn(run).map_err(OpenError::Thread)?;
        self.threads.lock().unwrap_or_else(PoisonError::into_inner).push(thread);
        Ok(())
    }

    /// Queues the unit, or answers it at once if the queue is full or closed.
    pub(crate) fn push(&self, unit: Box<dyn WriteUnit>) {
        self.shared.push(unit);
    }

    pub(crate) fn set_maintenance(&self, tasks: Vec<MaintenanceTask>) {
        self.tasks.set(tasks);
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.shared.queue.is_closed()
    }

    /// Finishes what is queued and ends the threads.
    pub(crate) fn close(&self) {
        self.closing.close();
        self.shared.queue.close();
        // Held until it is done, so that a concurrent `close` waits as well.
        let mut threads = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        for thread in threads.drain(..) {
            if thread.join().is_err() {
                log::error!("a worker thread panicked");
            }
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.close();
    }
}

/// How an attempt to run a unit has ended.
enum Attempt {
    /// It has run and is to be answered: with its result, or with why that was not committed.
    Answered(Result<(), StorageError>),
    /// Nothing was committed, and another try may succeed.
    Again(Fault),
    /// It has to wait for another unit of this account.
    ShutOutOf(AccountId),
}

impl Shared {
    fn push(&self, unit: Box<dyn WriteUnit>) {
        if let Err((Job { mut unit, .. }, refusal)) = self.queue.push(Job::new(unit)) {
            let error = match refusal {
                Refusal::Full => StorageError::Unavailable("too many writes are waiting".into()),
                Refusal::Closed => closed(),
            };
            answer(unit.as_mut(), Err(error));
        }
    }
}

/// The state of one worker thread.
struct Worker<'a> {
    shared: &'a Shared,
    connections: &'a Connections,
}

impl<'a> Worker<'a> {
    const fn new(shared: &'a Shared, connections: &'a Connections) -> Self {
        Self { shared, connections }
    }

    /// Runs units until there are none and will be none.
    fn serve(mut self) {
        while let Some(job) = self.shared.queue.take() {
            self.run(job);
        }
    }

    /// Runs maintenance steps when they are due, until the store is closed.
    fn run_maintenance(mut self, closing: &Queue<()>, mut maintenance: MaintenanceSchedule) {
        while closing.take_all(&mut VecDeque::new(), maintenance.idle_after()) == Dequeued::Idle {
            if let Some(step) = maintenance.next(Instant::now(), Dequeued::Idle) {
                self.run(Job::new(step.unit));
                maintenance.record(Instant::now(), &step.result);
            }
        }
    }

    /// Runs a unit, as often as it takes.
    fn run(&mut self, mut job: Job) {
        let mut tries = 0;
        loop {
            match self.attempt(&mut job) {
                Attempt::Answered(committed) => {
                    answer(job.unit.as_mut(), committed);
                    break;
                }
                Attempt::Again(fault) => {
                    tries += 1;
                    if tries >= if fault.kind == FaultKind::Violation { TRIES_AFTER_VIOLATION_MAX } else { TRIES_MAX } {
                        answer(job.unit.as_mut(), Err(fault.error));
                        break;
                    }
                    log::debug!("trying again: {}", fault.error);
                    std::thread::sleep(pause(tries));
                }
                Attempt::ShutOutOf(account) => match self.shared.gates.wait(account, job) {
                    Some(open_by_now) => job = open_by_now,
                    None => return,
                },
            }
        }
        if let Some(next) = job.held.and_then(|account| self.shared.gates.leave(account)) {
            // It has waited for longer than anything in the queue.
            self.shared.queue.push_front(next);
        }
    }

    /// Runs a unit in a transaction.
    fn attempt(&mut self, job: &mut Job) -> Attempt {
        let begun = in_time(job.deadline)
            .and_then(|()| self.connections.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", job.deadline));
        let mut session = match begun {
            Ok(session) => session,
            Err(error) => return Attempt::Answered(Err(error)),
        };
        let mut tx = Transaction::writing(&mut session, &self.shared.gates, job.held);
        let outcome = job.unit.run(&mut SqlTx::new(&mut tx));
        let left = tx.leave();
        job.held = left.held;
        if outcome == Outcome::Succeeded && left.fault.is_none() && left.shut_out_of.is_none() {
            return match session.commit().map_err(|error| Fault::of_commit(&error)) {
                Ok(()) => Attempt::Answered(Ok(())),
                Err(fault) if fault.kind == FaultKind::Final => Attempt::Answered(Err(fault.error)),
                Err(fault) => Attempt::Again(fault),
            };
        }
        session.roll_back();
        match (outcome, left.shut_out_of, left.fault) {
            // It is not run again; its stored result is the error.
            (Outcome::Panicked, ..) => Attempt::Answered(Ok(())),
            (_, Some(account), _) => Attempt::ShutOutOf(account),
            (_, None, Some(fault)) if fault.kind != FaultKind::Final => Attempt::Again(fault),
            (_, None, Some(fault)) if outcome == Outcome::Succeeded => Attempt::Answered(Err(fault.error)),
            (_, None, _) => Attempt::Answered(Ok(())),
        }
    }
}

fn answer(unit: &mut dyn WriteUnit, committed: Result<(), StorageError>) {
    let mut wakers = Wakers::default();
    unit.answer(committed, &mut wakers);
    wakers.wake();
}

/// A random pause, on average twice as long as the one before, so that units that conflicted do not
/// meet again.
fn pause(tries: u32) -> Duration {
    let longest = PAUSE.saturating_mul(1 << tries.min(6));
    let nanoseconds = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(RandomState::new().hash_one(tries) % nanoseconds)
}
