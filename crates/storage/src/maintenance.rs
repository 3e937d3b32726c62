//! Maintenance: a list of tasks that run in bounded steps between the units of callers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use domain::error::StorageError;
use domain::ports::WriteTx;

use crate::oneshot::Receiver;
use crate::queue::Dequeued;
use crate::stages::UnitStages;
use crate::statistics::TaskStatistics;
use crate::unit::{WriteUnit, write_unit};

/// How long the queue must be empty before a maintenance step runs.
pub(crate) const IDLE_AFTER: Duration = Duration::from_secs(1);
/// The pause of a task after a step that found no more work.
const PAUSE: Duration = Duration::from_mins(1);
/// The pause of a task after a step that left work to do, while the queue is not empty.
const PAUSE_WHEN_BUSY: Duration = Duration::from_secs(1);

type StepFn = dyn Fn(&mut dyn WriteTx) -> Result<bool, StorageError> + Send + Sync;

/// A task that a store runs when it is idle, in short steps, because callers may wait for them.
pub struct MaintenanceTask {
    name: &'static str,
    step: Arc<StepFn>,
}

impl MaintenanceTask {
    /// A task with a name for the log. `step` is one bounded step: it runs as a unit of work of its
    /// own and returns whether there may be more work.
    pub fn new(
        name: &'static str,
        step: impl Fn(&mut dyn WriteTx) -> Result<bool, StorageError> + Send + Sync + 'static,
    ) -> Self {
        Self { name, step: Arc::new(step) }
    }
}

/// The handle by which a store sets the tasks of the thread that runs them, and asks how they ended.
#[derive(Clone, Default)]
pub(crate) struct MaintenanceTasks {
    new: Arc<Mutex<Option<Vec<MaintenanceTask>>>>,
    statistics: Arc<Mutex<BTreeMap<&'static str, TaskStatistics>>>,
}

impl MaintenanceTasks {
    /// Replaces all tasks.
    pub(crate) fn set(&self, tasks: Vec<MaintenanceTask>) {
        for task in &tasks {
            self.count(task.name, |_| {});
        }
        *self.new.lock().unwrap_or_else(PoisonError::into_inner) = Some(tasks);
    }

    fn take(&self) -> Option<Vec<MaintenanceTask>> {
        self.new.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Changes the statistics of a task.
    fn count(&self, task: &'static str, change: impl FnOnce(&mut TaskStatistics)) {
        let mut statistics = self.statistics.lock().unwrap_or_else(PoisonError::into_inner);
        change(statistics.entry(task).or_insert(TaskStatistics { task, succeeded: 0, failed: 0 }));
    }

    /// How the steps of each task ended, by name.
    pub(crate) fn statistics(&self) -> Vec<TaskStatistics> {
        self.statistics.lock().unwrap_or_else(PoisonError::into_inner).values().copied().collect()
    }
}

/// Decides which task runs its next step, and when. Every task has its own pause, and the tasks
/// take turns, so that one with much work, or one that fails, does not keep the others from
/// running.
pub(crate) struct MaintenanceSchedule {
    new_tasks: MaintenanceTasks,
    tasks: Vec<Scheduled>,
    /// Which task was the last to run.
    last: usize,
}

struct Scheduled {
    task: MaintenanceTask,
    ran_at: Option<Instant>,
    has_more: bool,
}

impl Scheduled {
    fn is_due(&self, now: Instant, dequeued: Dequeued) -> bool {
        let pause = match (self.has_more, dequeued) {
            (true, Dequeued::Idle) => Duration::ZERO,
            (true, Dequeued::Jobs | Dequeued::Closed) => PAUSE_WHEN_BUSY,
            (false, _) => PAUSE,
        };
        self.ran_at.is_none_or(|ran_at| now.saturating_duration_since(ran_at) >= pause)
    }
}

/// A step as a unit of work, and the receiver of its result.
pub(crate) struct MaintenanceStep {
    pub(crate) unit: Box<dyn WriteUnit>,
    pub(crate) result: Receiver<Result<bool, StorageError>>,
}

impl MaintenanceSchedule {
    pub(crate) const fn new(new_tasks: MaintenanceTasks) -> Self {
        Self { new_tasks, tasks: Vec::new(), last: 0 }
    }

    /// How long to wait for jobs before the next step.
    pub(crate) fn idle_after(&self) -> Duration {
        if self.tasks.iter().any(|scheduled| scheduled.has_more) { Duration::ZERO } else { IDLE_AFTER }
    }

    /// The next step, if one is due. `dequeued` is what the queue returned just now.
    ///
    /// Its result must be [recorded](Self::record) before the next call.
    pub(crate) fn next(&mut self, now: Instant, dequeued: Dequeued) -> Option<MaintenanceStep> {
        if let Some(tasks) = self.new_tasks.take() {
            self.tasks = tasks.into_iter().map(|task| Scheduled { task, ran_at: None, has_more: false }).collect();
            self.last = self.tasks.len().saturating_sub(1);
        }
        let count = self.tasks.len();
        let mut turns = (1..=count).map(|turn| (self.last + turn) % count);
        self.last = turns.find(|&index| self.tasks[index].is_due(now, dequeued))?;
        let step = Arc::clone(&self.tasks[self.last].task.step);
        let (unit, result) = write_unit(UnitStages::default(), move |tx| step(tx));
        Some(MaintenanceStep { unit, result })
    }

    /// Records the result of the step that [`MaintenanceSchedule::next`] returned. A step that
    /// failed is tried again after the longer pause.
    pub(crate) fn record(&mut self, now: Instant, result: &Receiver<Result<bool, StorageError>>) {
        let Some(scheduled) = self.tasks.get_mut(self.last) else { return };
        scheduled.ran_at = Some(now);
        scheduled.has_more = match result.take(false) {
            Some(Ok(has_more)) => {
                self.new_tasks.count(scheduled.task.name, |statistics| statistics.succeeded += 1);
                has_more
            }
            Some(Err(error)) => {
                self.new_tasks.count(scheduled.task.name, |statistics| statistics.failed += 1);
                log::warn!("maintenance: {} failed: {error}", scheduled.task.name);
                false
            }
            None => false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oneshot::{self, Wakers};

    fn schedule<const N: usize>(names: [&'static str; N]) -> MaintenanceSchedule {
        let tasks = MaintenanceTasks::default();
        tasks.set(names.map(|name| MaintenanceTask::new(name, |_| Ok(false))).into());
        MaintenanceSchedule::new(tasks)
    }

    /// Runs the step that is due, if there is one, with the given result, and returns its task's
    /// name.
    fn run(
        schedule: &mut MaintenanceSchedule,
        now: Instant,
        dequeued: Dequeued,
        result: Result<bool, StorageError>,
    ) -> Option<&'static str> {
        schedule.next(now, dequeued)?;
        let (sender, receiver) = oneshot::channel();
        sender.send(result, &mut Wakers::default());
        schedule.record(now, &receiver);
        Some(schedule.tasks[schedule.last].task.name)
    }

    fn just_before(instant: Instant) -> Instant {
        instant.checked_sub(Duration::from_nanos(1)).unwrap()
    }

    #[test]
    fn tasks_with_more_work_take_turns_without_a_pause() {
        let (mut schedule, now) = (schedule(["a", "b"]), Instant::now());
        assert_eq!(schedule.idle_after(), IDLE_AFTER);
        let steps = [(); 4].map(|()| run(&mut schedule, now, Dequeued::Idle, Ok(true)).unwrap());
        assert_eq!(steps, ["a", "b", "a", "b"]);
        assert_eq!(schedule.idle_after(), Duration::ZERO);
    }

    #[test]
    fn a_task_without_more_work_pauses_for_a_minute() {
        let (mut schedule, start) = (schedule(["a"]), Instant::now());
        assert_eq!(run(&mut schedule, start, Dequeued::Idle, Ok(false)), Some("a"));
        assert_eq!(run(&mut schedule, just_before(start + PAUSE), Dequeued::Idle, Ok(false)), None);
        assert_eq!(run(&mut schedule, start + PAUSE, Dequeued::Idle, Ok(false)), Some("a"));
    }

    #[test]
    fn a_task_with_more_work_pauses_for_a_second_while_the_queue_is_busy() {
        let (mut schedule, start) = (schedule(["a"]), Instant::now());
        assert_eq!(run(&mut schedule, start, Dequeued::Jobs, Ok(true)), Some("a"));
        assert_eq!(run(&mut schedule, just_before(start + PAUSE_WHEN_BUSY), Dequeued::Jobs, Ok(true)), None);
        assert_eq!(run(&mut schedule, start + PAUSE_WHEN_BUSY, Dequeued::Jobs, Ok(true)), Some("a"));
    }

    #[test]
    fn a_failing_task_pauses_and_the_others_run() {
        let (mut schedule, now) = (schedule(["failing", "other"]), Instant::now());
        let failure = || Err(StorageError::Backend("it fails".into()));
        assert_eq!(run(&mut schedule, now, Dequeued::Idle, failure()), Some("failing"));
        assert_eq!(run(&mut schedule, now, Dequeued::Idle, Ok(true)), Some("other"));
        assert_eq!(run(&mut schedule, now, Dequeued::Idle, Ok(false)), Some("other"));
        assert_eq!(run(&mut schedule, now, Dequeued::Idle, Ok(false)), None);
        assert_eq!(run(&mut schedule, now + PAUSE, Dequeued::Idle, failure()), Some("failing"));
        let statistics = schedule.new_tasks.statistics();
        let expected = [("failing", 0, 2), ("other", 2, 0)];
        assert_eq!(statistics, expected.map(|(task, succeeded, failed)| TaskStatistics { task, succeeded, failed }));
    }

    #[test]
    fn new_tasks_replace_the_old_ones_and_are_due_at_once() {
        let (mut schedule, now) = (schedule(["old"]), Instant::now());
        assert_eq!(run(&mut schedule, now, Dequeued::Idle, Ok(false)), Some("old"));
        schedule.new_tasks.set(vec![MaintenanceTask::new("new", |_| Ok(false))]);
        assert_eq!(run(&mut schedule, now, Dequeued::Jobs, Ok(false)), Some("new"));
        assert_eq!(run(&mut schedule, now, Dequeued::Jobs, Ok(false)), None);
    }

    #[test]
    fn without_tasks_nothing_is_due() {
        assert!(schedule([]).next(Instant::now(), Dequeued::Idle).is_none());
    }
}
