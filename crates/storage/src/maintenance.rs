//! Maintenance: bounded steps that run between the units of callers.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::error::StorageError;
use domain::ports::WriteTx;

use crate::oneshot::Receiver;
use crate::queue::Dequeued;
use crate::unit::{WriteUnit, write_unit};

/// How long the queue must be empty before a maintenance step runs.
pub(crate) const IDLE_AFTER: Duration = Duration::from_secs(1);
/// The pause after a step that found no more work.
const PAUSE: Duration = Duration::from_mins(1);
/// The pause after a step that left work to do, while the queue is not empty.
const PAUSE_WHEN_BUSY: Duration = Duration::from_secs(1);

/// One bounded step of maintenance. Returns whether there may be more work.
pub(crate) type MaintenanceTask = dyn Fn(&mut dyn WriteTx) -> Result<bool, StorageError> + Send + Sync;

/// The task, shared by the store, which sets it, and the thread that runs it.
pub(crate) type TaskSlot = Arc<Mutex<Option<Arc<MaintenanceTask>>>>;

/// Decides when the next maintenance step runs.
pub(crate) struct MaintenanceSchedule {
    task: TaskSlot,
    last: Option<Instant>,
    has_more: bool,
}

/// A step as a unit of work, and the receiver of its result.
pub(crate) struct Step {
    pub(crate) unit: Box<dyn WriteUnit>,
    pub(crate) result: Receiver<Result<bool, StorageError>>,
}

impl MaintenanceSchedule {
    pub(crate) const fn new(task: TaskSlot) -> Self {
        Self { task, last: None, has_more: false }
    }

    /// How long to wait for jobs before the next step.
    pub(crate) const fn idle_after(&self) -> Duration {
        if self.has_more { Duration::ZERO } else { IDLE_AFTER }
    }

    /// The next step, if it is due. `dequeued` is what the queue returned just now.
    pub(crate) fn next(&self, dequeued: Dequeued) -> Option<Step> {
        let pause = match (self.has_more, dequeued) {
            (true, Dequeued::Idle) => Duration::ZERO,
            (true, Dequeued::Jobs | Dequeued::Closed) => PAUSE_WHEN_BUSY,
            (false, _) => PAUSE,
        };
        if self.last.is_some_and(|last| last.elapsed() < pause) {
            return None;
        }
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let (unit, result) = write_unit(move |tx| task(tx));
        Some(Step { unit, result })
    }

    /// Records the result of a step. A failed step is tried again when the next one is due.
    pub(crate) fn record(&mut self, result: &Receiver<Result<bool, StorageError>>) {
        self.last = Some(Instant::now());
        self.has_more = match result.take(false) {
            Some(Ok(has_more)) => has_more,
            Some(Err(error)) => {
                log::warn!("a maintenance step failed: {error}");
                false
            }
            None => false,
        };
    }
}
