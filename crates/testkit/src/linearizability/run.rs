//! Runs a history on a store with the real use cases.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::thread;

use domain::error::{AdmissionError, AllocationError, FindError, HoldError, StorageError};
use domain::ports::{Store, WriteTx};
use domain::use_cases::{
    AllocationPut, confirm_hold, create_hold, extend_hold, put_allocation, release_hold, remove_allocation,
    replace_allocations,
};
use domain::{AccountId, Hold, HoldConfirmation, Meter, NewHold, PlanCatalog, Timestamp, UNBOUNDED};

use super::history::{Answer, Call, Operation, Step};
use super::sequential::{ModelHold, Rows};
use crate::block_on;
use crate::conformance::look;
use crate::fixtures::{NOW, attribution, meter_key, metric_key};

/// The clock that all operations read.
type Clock = Arc<Mutex<Timestamp>>;

/// More than a history makes.
const ROWS_MAX: usize = 100;

/// When the clock moves.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum ClockMoves {
    /// At any time, also while an operation waits for the account. Its instant is that at which it
    /// has the account.
    AnyTime,
    /// Only while no operation runs.
    BetweenOperations,
}

/// An account in which a history takes place.
pub(super) struct Stage<'a, S> {
    /// The store.
    pub(super) store: &'a S,
    /// Its plans.
    pub(super) catalog: Arc<PlanCatalog>,
    /// The account.
    pub(super) account: AccountId,
    /// When the clock moves.
    pub(super) clock_moves: ClockMoves,
}

/// The meter of the gauge.
pub(super) fn meter() -> Meter {
    meter_key("projects")
}

impl<S: Store> Stage<'_, S> {
    /// Runs the steps of each thread at the same time. Returns the calls of each thread, and the
    /// last instant of the clock.
    pub(super) fn run(&self, steps: &[Vec<Step>]) -> (Vec<Vec<Call>>, Timestamp) {
        let (clock, order) = (Arc::new(Mutex::new(NOW)), AtomicU64::new(0));
        let together = Barrier::new(steps.len());
        let in_thread =
            |steps: &[Step]| steps.iter().map(|step| self.call(step, &clock, &order, &together)).collect::<Vec<_>>();
        let calls = thread::scope(|scope| {
            let in_thread = &in_thread;
            let spawned: Vec<_> = steps.iter().map(|steps| scope.spawn(move || in_thread(steps))).collect();
            spawned.into_iter().map(|thread| thread.join().expect("no operation panics")).collect()
        });
        (calls, *clock.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn call(&self, step: &Step, clock: &Clock, order: &AtomicU64, together: &Barrier) -> Call {
        together.wait();
        *clock.lock().unwrap_or_else(PoisonError::into_inner) += step.advance;
        if self.clock_moves == ClockMoves::BetweenOperations {
            together.wait();
        }
        let invoked = order.fetch_add(1, Ordering::SeqCst);
        // The others begin as well, also if the operation needs no time, or there is one core.
        thread::yield_now();
        let (answer, now) = self.answer(&step.operation, clock);
        let responded = order.fetch_add(1, Ordering::SeqCst);
        Call { now, operation: step.operation.clone(), answer, invoked, responded }
    }

    /// The answer to an operation, and the instant at which it ran.
    fn answer(&self, operation: &Operation, clock: &Clock) -> (Answer, Timestamp) {
        let (catalog, account, by, meter) = (Arc::clone(&self.catalog), self.account, attribution(), meter());
        let ran_at = Arc::new(Mutex::new(NOW));
        let (clock, noted) = (Arc::clone(clock), Arc::clone(&ran_at));
        let begin = move |tx: &mut dyn WriteTx| {
            tx.lock_account(account)?;
            let now = *clock.lock().unwrap_or_else(PoisonError::into_inner);
            *noted.lock().unwrap_or_else(PoisonError::into_inner) = now;
            Ok::<_, StorageError>(now)
        };
        let answer = match operation.clone() {
            Operation::Take { key, quantity } => self
                .write(move |tx| {
                    let now = begin(tx)?;
                    put_allocation(tx, &catalog, account, (&meter, &key), quantity, &by, now)
                })
                .map_or_else(refused_allocation, |put| match put {
                    AllocationPut::Created(_) => Answer::Created,
                    AllocationPut::Changed(_) => Answer::Changed,
                    AllocationPut::Unchanged(_) => Answer::Unchanged,
                }),
            Operation::Remove { key } => self
                .write(move |tx| {
                    begin(tx)?;
                    remove_allocation(tx, account, &meter, &key)
                })
                .map_or_else(|error: FindError| Answer::Failed(error.to_string()), Answer::Removed),
            Operation::Sync { keys } => self
                .write(move |tx| {
                    let now = begin(tx)?;
                    replace_allocations(tx, &catalog, account, &meter, &keys, &by, now)
                })
                .map_or_else(refused_allocation, |it| Answer::Synced { added: it.added, removed: it.removed }),
            Operation::Hold { id, quantity, expires_in } => {
                let new = NewHold { meter, quantity, expires_in, reference: None, at: None };
                self.write(move |tx| {
                    let now = begin(tx)?;
                    create_hold(tx, &catalog, account, &new, id, &by, now)
                })
                .map_or_else(refused_hold, |hold| Answer::HeldUntil(hold.expires_at))
            }
            Operation::Confirm { id, key, quantity } => {
                let confirmation = HoldConfirmation { quantity, key };
                let confirmed = self.write(move |tx| {
                    let now = begin(tx)?;
                    confirm_hold(tx, &catalog, account, id, &confirmation, &by, now)
                });
                confirmed.map_or_else(refused_hold, |it| match it.allocation_key {
                    Some(key) => Answer::Confirmed(key),
                    None => Answer::Failed("confirmed without an allocation".to_owned()),
                })
            }
            Operation::Extend { id, expires_in } => self
                .write(move |tx| {
                    let now = begin(tx)?;
                    extend_hold(tx, account, id, expires_in, now)
                })
                .map_or_else(refused_hold, |hold| Answer::HeldUntil(hold.expires_at)),
            Operation::Release { id } => self
                .write(move |tx| {
                    let now = begin(tx)?;
                    release_hold(tx, account, id, now)
                })
                .map_or_else(refused_hold, |(_, has_changed)| Answer::Released(has_changed)),
        };
        let now = *ran_at.lock().unwrap_or_else(PoisonError::into_inner);
        (answer, now)
    }

    fn write<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E> {
        block_on(self.store.write(work))
    }

    /// What the account has. Its counter is the sum of its allocations.
    pub(super) fn rows(&self) -> Rows {
        let account = self.account;
        let (used, allocations, holds) = look(self.store, move |tx| {
            let used = tx.used(account, &metric_key("projects"), UNBOUNDED)?;
            let allocations = tx.list_allocations(account, &meter(), None, ROWS_MAX)?;
            Ok((used, allocations, tx.list_holds(account, None, ROWS_MAX)?))
        });
        let rows = Rows {
            allocations: allocations.into_iter().map(|it| (it.key, it.quantity)).collect(),
            holds: holds.iter().map(|hold| (hold.id, model_hold(hold))).collect(),
        };
        assert_eq!(rows.allocations.values().sum::<u64>(), used, "the counter differs from {rows:?}");
        rows
    }
}

const fn model_hold(hold: &Hold) -> ModelHold {
    ModelHold { quantity: hold.quantity, expires_at: hold.expires_at, state: hold.state }
}

fn refused_allocation(error: AllocationError) -> Answer {
    match error {
        AllocationError::Admission(error) => refused(&error),
        other => Answer::Failed(other.to_string()),
    }
}

fn refused_hold(error: HoldError) -> Answer {
    match error {
        HoldError::Admission(error) => refused(&error),
        HoldError::NotHeld(status) => Answer::NotHeld(status),
        HoldError::NotFound => Answer::NotFound,
        other => Answer::Failed(other.to_string()),
    }
}

fn refused(error: &AdmissionError) -> Answer {
    match error {
        AdmissionError::LimitExceeded(refusal) => Answer::LimitExceeded { used: refusal.exceeded.usage.used },
        other => Answer::Failed(other.to_string()),
    }
}
