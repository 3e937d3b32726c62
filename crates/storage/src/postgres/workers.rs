//! The workers: a few threads that each run one unit of work in one transaction, or those that wait
//! for a busy account in one, and answer them when they are durable.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::AccountId;
use domain::error::StorageError;

use super::account_lock_queue::AccountLockQueue;
use super::connections::{Connections, PooledSession};
use super::error::{Fault, FaultKind};
use super::transaction::{Transaction, UnitEnd};
use super::{UNIT_TIMEOUT, check_deadline};
use crate::OpenError;
use crate::maintenance::{MaintenanceSchedule, MaintenanceTask, MaintenanceTasks};
use crate::oneshot::Wakers;
use crate::queue::{Dequeued, Queue};
use crate::unit::{Outcome, WriteUnit, refused};

/// How often a unit is run again after a conflict or with another connection, before the caller has to try again.
const TRIES_MAX: u32 = 8;
/// How often a unit is run again after a violation. If it looks first, as use cases do, once is enough.
const TRIES_AFTER_VIOLATION_MAX: u32 = 2;
/// How long the first pause before another try is at most; each is up to twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(5);

/// A unit of work that waits to be run.
pub(crate) struct Job {
    pub(super) unit: Box<dyn WriteUnit>,
    /// Until when its first statement has to be answered.
    pub(super) deadline: Instant,
}

impl Job {
    fn new(unit: Box<dyn WriteUnit>) -> Self {
        Self { unit, deadline: Instant::now() + UNIT_TIMEOUT }
    }
}

/// What a worker takes from the queue.
enum Task {
    Unit(Job),
    /// The turn of an account that this process has and units wait for.
    Turn(AccountId),
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
pub(super) struct Shared {
    queue: Queue<Task>,
    pub(super) accounts: AccountLockQueue<Job>,
}

impl Workers {
    /// Starts `count` workers. They own the connections, with the readers: these are closed by them and never in
    /// async code.
    pub(crate) fn start(connections: &Arc<Connections>, count: u32, queue_max: usize) -> Result<Self, OpenError> {
        let shared = Shared { queue: Queue::new(queue_max), accounts: AccountLockQueue::default() };
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
    /// Nothing was committed, because something else has kept the account's row locked.
    AccountLocked(AccountId, StorageError),
    /// It has to wait for this account, which another worker has.
    WaitFor(AccountId),
}

impl Shared {
    fn push(&self, unit: Box<dyn WriteUnit>) {
        if let Err((Task::Unit(job), refusal)) = self.queue.push(Task::Unit(Job::new(unit))) {
            answer([job], &Err(refused(refusal, "writes")));
        }
    }
}

/// The state of one worker thread.
pub(super) struct Worker<'a> {
    pub(super) shared: &'a Shared,
    connections: &'a Connections,
}

impl<'a> Worker<'a> {
    const fn new(shared: &'a Shared, connections: &'a Connections) -> Self {
        Self { shared, connections }
    }

    /// Runs units until there are none and will be none.
    fn serve(self) {
        while let Some(task) = self.shared.queue.take() {
            match task {
                Task::Unit(job) => self.run(job),
                Task::Turn(account) => self.run_turn(account),
            }
        }
    }

    /// Runs maintenance steps when they are due, until the store is closed.
    fn run_maintenance(self, closing: &Queue<()>, mut maintenance: MaintenanceSchedule) {
        while closing.take_all(&mut VecDeque::new(), maintenance.idle_after()) == Dequeued::Idle {
            if let Some(step) = maintenance.next(Instant::now(), Dequeued::Idle) {
                self.run(Job::new(step.unit));
                maintenance.record(Instant::now(), &step.result);
            }
        }
    }

    /// Runs a unit, and releases the account that it has acquired.
    fn run(&self, job: Job) {
        let mut held = None;
        self.run_alone(job, &mut held);
        if let Some(account) = held {
            self.release(account);
        }
    }

    /// Releases an account. If units wait for it, it has another turn, after all that is queued already.
    pub(super) fn release(&self, account: AccountId) {
        if !self.shared.accounts.release(account) {
            self.shared.queue.requeue(Task::Turn(account));
        }
    }

    /// Runs a unit in a transaction of its own, as often as it takes, and answers it, unless it has to wait for an account.
    /// `held` is the account that the worker has, before and after.
    pub(super) fn run_alone(&self, mut job: Job, held: &mut Option<AccountId>) {
        let mut tries = 0;
        loop {
            match self.attempt(&mut job, held) {
                Attempt::Answered(committed) => return answer([job], &committed),
                Attempt::Again(fault) => {
                    tries += 1;
                    if tries >= if fault.kind == FaultKind::Violation { TRIES_AFTER_VIOLATION_MAX } else { TRIES_MAX } {
                        return answer([job], &Err(fault.error));
                    }
                    log::debug!("trying again: {}", fault.error);
                    std::thread::sleep(pause(tries));
                }
                Attempt::AccountLocked(account, error) => return self.refuse(vec![job], account, &error),
                Attempt::WaitFor(account) => match self.shared.accounts.wait(account, job) {
                    Some(released) => job = released,
                    None => return,
                },
            }
        }
    }

    /// Refuses units of an account that the worker has, and with them all that wait for it: one after the other, they would
    /// fail for the same reason.
    pub(super) fn refuse(&self, mut jobs: Vec<Job>, account: AccountId, error: &StorageError) {
        jobs.extend(self.shared.accounts.dequeue_all(account));
        answer(jobs, &Err(error.clone()));
    }

    /// A session in a transaction, whose first statement is waited for until `deadline`.
    pub(super) fn begin(&self, deadline: Instant) -> Result<PooledSession, StorageError> {
        self.connections.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", deadline)
    }

    /// Runs a unit in a transaction of its own.
    fn attempt(&self, job: &mut Job, held: &mut Option<AccountId>) -> Attempt {
        let mut session = match check_deadline(job.deadline).and_then(|()| self.begin(job.deadline)) {
            Ok(session) => session,
            Err(error) => return Attempt::Answered(Err(error)),
        };
        let tx = Transaction::writing(&mut session, &self.shared.accounts, *held);
        let (outcome, end) = tx.run_unit(job.unit.as_mut());
        *held = end.held;
        if outcome == Outcome::Succeeded && end.fault.is_none() && end.waits_for.is_none() {
            return match session.commit().map_err(|error| Fault::of_commit(&error)) {
                Ok(()) => Attempt::Answered(Ok(())),
                Err(fault) if fault.kind == FaultKind::Final => Attempt::Answered(Err(fault.error)),
                Err(fault) => Attempt::Again(fault),
            };
        }
        session.roll_back();
        match (outcome, end) {
            // It is not run again; its stored result is the error.
            (Outcome::Panicked, _) => Attempt::Answered(Ok(())),
            (_, UnitEnd { waits_for: Some(account), .. }) => Attempt::WaitFor(account),
            (_, UnitEnd { fault: Some(fault), .. }) if fault.kind != FaultKind::Final => Attempt::Again(fault),
            (_, UnitEnd { fault: Some(fault), is_account_locked: true, held: Some(account), .. }) => {
                Attempt::AccountLocked(account, fault.error)
            }
            (Outcome::Succeeded, UnitEnd { fault: Some(fault), .. }) => Attempt::Answered(Err(fault.error)),
            _ => Attempt::Answered(Ok(())),
        }
    }
}

/// Answers units, and wakes each of the threads that await them once.
pub(super) fn answer(jobs: impl IntoIterator<Item = Job>, committed: &Result<(), StorageError>) {
    let mut wakers = Wakers::default();
    for mut job in jobs {
        job.unit.answer(committed.clone(), &mut wakers);
    }
    wakers.wake();
}

/// A random pause, on average twice as long as the one before, so that units that conflicted do not
/// meet again.
fn pause(tries: u32) -> Duration {
    let longest = PAUSE.saturating_mul(1 << tries.min(6));
    let nanoseconds = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(RandomState::new().hash_one(tries) % nanoseconds)
}
