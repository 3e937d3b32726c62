//! The workers: threads that run units of work, each in a transaction of its own, or those that
//! wait for a busy account together, and answer them when they are durable.

use std::collections::VecDeque;
use std::hash::{BuildHasher, RandomState};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use domain::AccountId;
use domain::error::StorageError;

use super::account_lock_queue::AccountLockQueue;
use super::connections::{Connections, PooledSession};
use super::error::{FailureKind, StatementFailure};
use super::job::Job;
use super::transaction::{Transaction, UnitEnd};
use crate::OpenError;
use crate::maintenance::{MaintenanceSchedule, MaintenanceTask, MaintenanceTasks};
use crate::oneshot::Wakers;
use crate::queue::{Dequeued, Queue, QueueLoad};
use crate::stages::Stage;
use crate::statistics::{TransactionRecord, TransactionStatistics};
use crate::unit::{Outcome, WriteUnit, refused};

/// How often a unit runs at most, if it meets conflicts or lost connections.
const TRIES_MAX: u32 = 8;
/// How often a unit runs at most, if it meets violations. Use cases read before they write, so that
/// the second run sees the conflicting row.
const TRIES_AFTER_VIOLATION_MAX: u32 = 2;
/// The longest first pause before a retry. Each later one may be twice as long.
const PAUSE: Duration = Duration::from_millis(5);

/// A task in the workers' queue.
enum Task {
    Unit(Job),
    /// The turn of an account that units wait for.
    Turn(AccountId),
}

/// The writing side of a store.
pub(crate) struct Workers {
    shared: Arc<Shared>,
    pub(super) tasks: MaintenanceTasks,
    /// Closed with the store, which ends the maintenance thread.
    closing: Arc<Queue<()>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

/// State that the workers share.
pub(super) struct Shared {
    queue: Queue<Task>,
    pub(super) accounts: AccountLockQueue<Job>,
    pub(super) transactions: TransactionRecord,
}

impl Workers {
    /// Starts `count` workers. Workers and readers own the connections, so that these are never
    /// closed in async code.
    pub(crate) fn start(connections: &Arc<Connections>, count: u32, queue_max: usize) -> Result<Self, OpenError> {
        let (accounts, transactions) = Default::default();
        let shared = Shared { queue: Queue::new(queue_max), accounts, transactions };
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

    /// How full the queue is.
    pub(crate) fn load(&self) -> QueueLoad {
        self.shared.queue.load()
    }

    /// How many units wait for an account.
    pub(crate) fn waiting_for_account(&self) -> usize {
        self.shared.accounts.count_waiting()
    }

    pub(crate) fn transactions(&self) -> TransactionStatistics {
        self.shared.transactions.snapshot()
    }

    pub(crate) fn is_open(&self) -> bool {
        !self.shared.queue.is_closed()
    }

    /// Runs the queued units and ends the threads.
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

/// The result of one run of a unit.
enum UnitAttempt {
    /// It is to be answered: with its result, or with the reason why it was not committed.
    Answered(Result<(), StorageError>),
    /// Nothing was committed, and a retry may succeed.
    Retry(StatementFailure),
    /// Nothing was committed, because the lock on the account's row timed out.
    AccountLocked(AccountId, StorageError),
    /// It must wait for this account, which another worker holds.
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
    pub(super) connections: &'a Connections,
}

impl<'a> Worker<'a> {
    const fn new(shared: &'a Shared, connections: &'a Connections) -> Self {
        Self { shared, connections }
    }

    /// Runs tasks until the queue is closed and empty.
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

    /// Releases an account. If units wait for it, queues another turn.
    pub(super) fn release(&self, account: AccountId) {
        if !self.shared.accounts.release(account) {
            self.shared.queue.requeue(Task::Turn(account));
        }
    }

    /// Runs a unit in a transaction of its own, with retries, and answers it, unless it must wait
    /// for an account. `held` is the account that the worker holds, before and after.
    pub(super) fn run_alone(&self, mut job: Job, held: &mut Option<AccountId>) {
        let mut tries = 0;
        loop {
            match self.attempt(&mut job, held) {
                UnitAttempt::Answered(committed) => return answer([job], &committed),
                UnitAttempt::Retry(fault) => {
                    tries += 1;
                    if tries >= if fault.kind == FailureKind::Violation { TRIES_AFTER_VIOLATION_MAX } else { TRIES_MAX }
                    {
                        return answer([job], &Err(fault.error));
                    }
                    self.connections.record.count_retry(fault.kind);
                    log::debug!("retrying a unit: {}", fault.error);
                    job.unit.stages().begin(Stage::Pause);
                    std::thread::sleep(pause(tries));
                }
                UnitAttempt::AccountLocked(account, error) => return self.refuse(vec![job], account, &error),
                UnitAttempt::WaitFor(account) => {
                    job.unit.stages().begin(Stage::Account);
                    match self.shared.accounts.wait(account, job) {
                        Some(released) => job = released,
                        None => return self.connections.record.account_waits.increment(),
                    }
                }
            }
        }
    }

    /// Refuses units of an account that the worker holds, and all units that wait for it: they
    /// would fail for the same reason, one after the other.
    pub(super) fn refuse(&self, mut jobs: Vec<Job>, account: AccountId, error: &StorageError) {
        jobs.extend(self.shared.accounts.dequeue_all(account));
        answer(jobs, &Err(error.clone()));
    }

    /// A session in a transaction. `deadline` is that of its first statement.
    pub(super) fn begin(&self, deadline: Instant) -> Result<PooledSession, StorageError> {
        self.connections.begin("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE", deadline)
    }

    /// Commits a transaction of so many units that began at this instant.
    pub(super) fn commit(
        &self,
        session: &mut PooledSession,
        units: usize,
        begun: Instant,
    ) -> Result<(), StatementFailure> {
        let commit_begun = Instant::now();
        let committed = session.commit().map_err(|error| StatementFailure::of_commit(&error));
        self.shared.transactions.commit_ended(commit_begun);
        self.shared.transactions.ended(units, begun, committed.is_ok());
        committed
    }

    /// Runs a unit in a transaction of its own.
    fn attempt(&self, job: &mut Job, held: &mut Option<AccountId>) -> UnitAttempt {
        job.unit.stages().begin(Stage::Connection);
        let in_time = self.connections.record.check_deadline(job.deadline);
        let mut session = match in_time.and_then(|()| self.begin(job.deadline)) {
            Ok(session) => session,
            Err(error) => return UnitAttempt::Answered(Err(error)),
        };
        let begun = Instant::now();
        let tx = Transaction::writing(&mut session, &self.shared.accounts, *held);
        let (outcome, end) = tx.run_unit(job.unit.as_mut());
        *held = end.held;
        if outcome == Outcome::Succeeded && end.fault.is_none() && end.waits_for.is_none() {
            job.unit.stages().begin(Stage::Commit { units: 1 });
            return match self.commit(&mut session, 1, begun) {
                Ok(()) => UnitAttempt::Answered(Ok(())),
                Err(fault) if fault.kind == FailureKind::Final => UnitAttempt::Answered(Err(fault.error)),
                Err(fault) => UnitAttempt::Retry(fault),
            };
        }
        session.roll_back();
        match (outcome, end) {
            // It is not run again; its stored result is the error.
            (Outcome::Panicked, _) => UnitAttempt::Answered(Ok(())),
            (_, UnitEnd { waits_for: Some(account), .. }) => UnitAttempt::WaitFor(account),
            (_, UnitEnd { fault: Some(fault), .. }) if fault.kind != FailureKind::Final => UnitAttempt::Retry(fault),
            (_, UnitEnd { fault: Some(fault), is_account_locked: true, held: Some(account), .. }) => {
                UnitAttempt::AccountLocked(account, fault.error)
            }
            (Outcome::Succeeded, UnitEnd { fault: Some(fault), .. }) => UnitAttempt::Answered(Err(fault.error)),
            _ => UnitAttempt::Answered(Ok(())),
        }
    }
}

/// Answers units, and wakes each thread that awaits them once.
pub(super) fn answer(jobs: impl IntoIterator<Item = Job>, committed: &Result<(), StorageError>) {
    let mut wakers = Wakers::default();
    for mut job in jobs {
        job.unit.answer(committed.clone(), &mut wakers);
    }
    wakers.wake();
}

/// A random pause, on average twice as long as the one before, so that units that conflicted do not
/// conflict again.
fn pause(tries: u32) -> Duration {
    let longest = PAUSE.saturating_mul(1 << tries.min(6));
    let nanoseconds = u64::try_from(longest.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(RandomState::new().hash_one(tries) % nanoseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_is_random_and_at_most_a_third_of_a_second() {
        for (tries, longest) in [(1, 10), (2, 20), (6, 320), (8, 320)] {
            let (pauses, longest) = ([(); 200].map(|()| pause(tries)), Duration::from_millis(longest));
            assert!(pauses.iter().all(|pause| *pause < longest), "{tries}");
            assert!([true, false].iter().all(|it| pauses.iter().any(|pause| (*pause > longest / 2) == *it)), "{tries}");
        }
    }
}
