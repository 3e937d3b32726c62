//! Units of work with their types erased, so that one queue can hold all of them.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::error::StorageError;
use domain::ports::WriteTx;

use crate::oneshot::{self, Receiver, Sender, Wakers};
use crate::queue::Refusal;
use crate::stages::{Stage, UnitStages};

/// How a run of a unit ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// It returned `Ok`: its writes are to be committed.
    Succeeded,
    /// It returned `Err`: its writes are to be rolled back.
    Refused,
    /// It panicked: its writes are to be rolled back, and it must not run again.
    Panicked,
}

/// A unit of work in a writer's queue.
pub(crate) trait WriteUnit: Send {
    /// Runs the work and stores its result. May be called again after the writes of the last run
    /// were rolled back.
    fn run(&mut self, tx: &mut dyn WriteTx) -> Outcome;

    /// Sends the result of the last run, or the error if there is no result or it was not
    /// `committed`.
    fn answer(&mut self, committed: Result<(), StorageError>, wakers: &mut Wakers);

    /// Its stages, if its caller asks for them. The unit itself marks its work and its answer.
    fn stages(&self) -> &UnitStages;
}

/// A unit and the future of its result. A unit that is dropped unanswered sends an error. It waits
/// in the queue from now on.
pub(crate) fn write_unit<T, E>(
    stages: UnitStages,
    work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
) -> (Box<dyn WriteUnit>, Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let (sender, receiver) = oneshot::channel();
    stages.begin(Stage::Queue);
    (Box::new(Unit { work, result: None, sender: Some(sender), stages }), receiver)
}

struct Unit<F, T, E: From<StorageError>> {
    work: F,
    result: Option<Result<T, E>>,
    sender: Option<Sender<Result<T, E>>>,
    stages: UnitStages,
}

impl<F, T, E> WriteUnit for Unit<F, T, E>
where
    F: FnMut(&mut dyn WriteTx) -> Result<T, E> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn run(&mut self, tx: &mut dyn WriteTx) -> Outcome {
        self.stages.begin(Stage::Work);
        // A unit that panicked is not run again, so the state of its captures is never observed.
        let result = catch_unwind(AssertUnwindSafe(|| (self.work)(tx)));
        let (result, outcome) = match result {
            Ok(result) => {
                let outcome = if result.is_ok() { Outcome::Succeeded } else { Outcome::Refused };
                (result, outcome)
            }
            Err(_) => (Err(panicked().into()), Outcome::Panicked),
        };
        self.result = Some(result);
        outcome
    }

    fn answer(&mut self, committed: Result<(), StorageError>, wakers: &mut Wakers) {
        let result = match (committed, self.result.take()) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(closed().into()),
            (Err(error), _) => Err(error.into()),
        };
        if let Some(sender) = self.sender.take() {
            self.stages.end();
            sender.send(result, wakers);
        }
    }

    fn stages(&self) -> &UnitStages {
        &self.stages
    }
}

impl<F, T, E: From<StorageError>> Drop for Unit<F, T, E> {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take() {
            // A unit that has run may have been committed.
            let error = if self.result.is_some() { abandoned() } else { closed() };
            let mut wakers = Wakers::default();
            self.stages.end();
            sender.send(Err(error.into()), &mut wakers);
            wakers.wake();
        }
    }
}

/// The answer to a unit that panicked. The panic hook has reported the panic itself.
pub(crate) fn panicked() -> StorageError {
    StorageError::Backend("the unit of work panicked".into())
}

/// The answer to a unit that ran, but whose writer ended before it answered.
fn abandoned() -> StorageError {
    StorageError::OutcomeUnknown("the writer ended before it answered".into())
}

/// The answer to a unit that the queue refused. `kind` says what waits in the queue.
pub(crate) fn refused(refusal: Refusal, kind: &str) -> StorageError {
    match refusal {
        Refusal::Full => StorageError::Unavailable(format!("too many {kind} are waiting")),
        Refusal::Closed => closed(),
    }
}

/// The answer to a unit that never ran because the store is closing.
fn closed() -> StorageError {
    StorageError::Unavailable("the store is closed".into())
}

#[cfg(test)]
mod tests {
    use domain::ports::Store;
    use testkit::{MemoryStore, block_on};

    use super::*;

    #[test]
    fn a_unit_that_is_dropped_unanswered_sends_an_error() {
        let (unit, receiver) = write_unit::<(), StorageError>(UnitStages::default(), |_| Ok(()));
        drop(unit);
        assert!(matches!(block_on(receiver), Err(StorageError::Unavailable(_))), "it never ran");
        let (unit, receiver) = write_unit::<(), StorageError>(UnitStages::default(), |_| Ok(()));
        let mut unit = Some(unit);
        let run = move |tx: &mut dyn WriteTx| Ok::<_, StorageError>(unit.take().map(|mut unit| unit.run(tx)));
        assert_eq!(block_on(MemoryStore::default().write(run)), Ok(Some(Outcome::Succeeded)));
        assert!(matches!(block_on(receiver), Err(StorageError::OutcomeUnknown(_))), "it may have been committed");
    }
}
