//! Clearing up between the units that somebody waits for, a small step at a time.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::error::StorageError;
use domain::ports::WriteTx;

use crate::handover::Receiver;
use crate::queue::Taken;
use crate::unit::{WriteUnit, write_unit};

/// How long the writer has nothing to do before it looks whether there is anything to clear up.
pub(crate) const IDLE_AFTER: Duration = Duration::from_secs(1);
/// How long after the last step there is something to clear up again, if there was no more then.
const EVERY: Duration = Duration::from_mins(1);
/// How long after the last step there is another between two batches, if there was more then.
const EVERY_WHEN_BUSY: Duration = Duration::from_secs(1);

/// A step of clearing up; says whether there may be more.
pub(crate) type Chore = dyn Fn(&mut dyn WriteTx) -> Result<bool, StorageError> + Send + Sync;

/// What there is to do, left by the store for its writer.
pub(crate) type Left = Arc<Mutex<Option<Arc<Chore>>>>;

/// When the writer clears up.
pub(crate) struct Housekeeping {
    left: Left,
    last: Option<Instant>,
    has_more: bool,
}

/// A step as a unit of its own, and its result once it has run.
pub(crate) struct Step {
    pub(crate) unit: Box<dyn WriteUnit>,
    pub(crate) result: Receiver<Result<bool, StorageError>>,
}

impl Housekeeping {
    pub(crate) const fn new(left: Left) -> Self {
        Self { left, last: None, has_more: false }
    }

    /// How long to wait for jobs before the next step.
    pub(crate) const fn patience(&self) -> Duration {
        if self.has_more { Duration::ZERO } else { IDLE_AFTER }
    }

    /// The next step, if it is time for it after what was `taken`.
    pub(crate) fn next(&self, taken: Taken) -> Option<Step> {
        let pause = match (self.has_more, taken) {
            (true, Taken::Idle) => Duration::ZERO,
            (true, Taken::Jobs | Taken::Closed) => EVERY_WHEN_BUSY,
            (false, _) => EVERY,
        };
        if self.last.is_some_and(|last| last.elapsed() < pause) {
            return None;
        }
        let chore = self.left.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let (unit, result) = write_unit(move |tx| chore(tx));
        Some(Step { unit, result })
    }

    /// Notes how a step has ended. One that failed is tried again when the next would come.
    pub(crate) fn note(&mut self, result: &Receiver<Result<bool, StorageError>>) {
        self.last = Some(Instant::now());
        self.has_more = match result.take(false) {
            Some(Ok(has_more)) => has_more,
            Some(Err(error)) => {
                log::warn!("cannot clear up: {error}");
                false
            }
            None => false,
        };
    }
}
