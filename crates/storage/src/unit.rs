//! A unit of work with its type erased, so that units of every kind can stand in one queue.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::error::StorageError;
use domain::ports::WriteTx;

use crate::handover::{Bells, Receiver, Sender, handover};

/// How a run of a unit ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ran {
    /// With `Ok`: what it wrote is to be kept.
    Kept,
    /// With `Err`: what it wrote is to be undone.
    Refused,
    /// It panicked: what it wrote is to be undone, and it must not run again.
    Panicked,
}

/// What a unit of work does its work on, which may leave some of it for the end.
pub(crate) trait UnitTx: WriteTx {
    /// Does what was left for the end of a unit that is to be kept.
    fn finish(&mut self) -> Result<(), StorageError>;
}

/// A unit of work in a writer's queue.
pub(crate) trait WriteUnit: Send {
    /// Runs the work and keeps its result. May be called again, after what the last run wrote has been undone.
    fn run(&mut self, tx: &mut dyn UnitTx) -> Ran;

    /// Hands over the result of the last run; or, if there is none or it was not `committed`, why.
    fn answer(&mut self, committed: Result<(), StorageError>, bells: &mut Bells);
}

/// A unit and the future of its result. A unit that is dropped unanswered says so.
pub(crate) fn write_unit<T, E>(
    work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
) -> (Box<dyn WriteUnit>, Receiver<Result<T, E>>)
where
    T: Send + 'static,
    E: From<StorageError> + Send + 'static,
{
    let (sender, receiver) = handover();
    (Box::new(Unit { work, result: None, sender: Some(sender) }), receiver)
}

struct Unit<F, T, E: From<StorageError>> {
    work: F,
    result: Option<Result<T, E>>,
    sender: Option<Sender<Result<T, E>>>,
}

impl<F, T, E> WriteUnit for Unit<F, T, E>
where
    F: FnMut(&mut dyn WriteTx) -> Result<T, E> + Send,
    T: Send,
    E: From<StorageError> + Send,
{
    fn run(&mut self, tx: &mut dyn UnitTx) -> Ran {
        // A panicking unit is not run again, so nobody sees what its captures were left in.
        let result = catch_unwind(AssertUnwindSafe(|| {
            let value = (self.work)(tx)?;
            tx.finish()?;
            Ok(value)
        }));
        let (result, ran) = match result {
            Ok(result) => {
                let ran = if result.is_ok() { Ran::Kept } else { Ran::Refused };
                (result, ran)
            }
            Err(_) => (Err(panicked().into()), Ran::Panicked),
        };
        self.result = Some(result);
        ran
    }

    fn answer(&mut self, committed: Result<(), StorageError>, bells: &mut Bells) {
        let result = match (committed, self.result.take()) {
            (Ok(()), Some(result)) => result,
            (Ok(()), None) => Err(closed().into()),
            (Err(error), _) => Err(error.into()),
        };
        if let Some(sender) = self.sender.take() {
            sender.send(result, bells);
        }
    }
}

impl<F, T, E: From<StorageError>> Drop for Unit<F, T, E> {
    fn drop(&mut self) {
        if let Some(sender) = self.sender.take() {
            // One that has run may have been committed by a writer that did not live to say so.
            let error = if self.result.is_some() { abandoned() } else { closed() };
            let mut bells = Bells::default();
            sender.send(Err(error.into()), &mut bells);
            bells.ring();
        }
    }
}

/// What a unit that panicked is answered. The panic itself has been reported by the panic hook.
pub(crate) fn panicked() -> StorageError {
    StorageError::Backend("the unit of work panicked".into())
}

/// What a unit is answered that ran, but whose writer is gone.
fn abandoned() -> StorageError {
    StorageError::OutcomeUnknown("the writer is gone".into())
}

/// What a unit is answered that was never run because the store is closing.
pub(crate) fn closed() -> StorageError {
    StorageError::Unavailable("the store is closed".into())
}
