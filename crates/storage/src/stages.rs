//! The stages of a unit of work, with their instants, for callers that ask for them.
//!
//! The threads of a store mark where a unit is; a caller that traces its requests reads it
//! afterwards. This crate knows nothing of the system that traces (docs/adr/0022-tracing.md).

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// What a unit of work waits for, or does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Stage {
    /// It waits in the queue of the store.
    Queue,
    /// It waits for a connection to the database.
    Connection,
    /// It waits for an account that another unit of this process has. On PostgreSQL only.
    Account,
    /// It reads and writes.
    Work,
    /// It has done its work, and others that share its transaction do theirs.
    Batch,
    /// Its transaction is committed.
    Commit {
        /// How many units share the transaction.
        units: usize,
    },
    /// It is rolled back, and pauses before it runs again. On PostgreSQL only.
    Pause,
}

/// A stage, from when to when.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct StageTimes {
    /// The stage.
    pub stage: Stage,
    /// When it began.
    pub begun: Instant,
    /// When it ended.
    pub ended: Instant,
}

/// The stages of one unit of work, from its call to its answer, if the caller asks for them. Its
/// clones are of the same unit. The default records nothing, and costs nothing.
#[derive(Clone, Debug, Default)]
pub struct UnitStages(Option<Arc<Mutex<Marks>>>);

/// The stages in their order: each ends when the next one begins.
#[derive(Debug, Default)]
struct Marks {
    begun: Vec<(Stage, Instant)>,
    ended: Option<Instant>,
}

impl UnitStages {
    /// Stages that are recorded.
    #[must_use]
    pub fn recorded() -> Self {
        Self(Some(Arc::default()))
    }

    /// The recorded stages. They follow each other without gaps. A stage that a unit runs again
    /// through, after a rollback, is there again. Empty until the unit is answered.
    #[must_use]
    pub fn times(&self) -> Vec<StageTimes> {
        let Some(marks) = self.marks() else { return Vec::new() };
        let Some(ended) = marks.ended else { return Vec::new() };
        let ends = marks.begun.iter().skip(1).map(|(_, begun)| *begun).chain([ended]);
        let times = marks.begun.iter().zip(ends);
        times.map(|(&(stage, begun), ended)| StageTimes { stage, begun, ended }).collect()
    }

    /// The unit enters a stage now.
    pub(crate) fn begin(&self, stage: Stage) {
        if let Some(mut marks) = self.marks() {
            marks.begun.push((stage, Instant::now()));
        }
    }

    /// The unit is answered now.
    pub(crate) fn end(&self) {
        if let Some(mut marks) = self.marks() {
            marks.ended = Some(Instant::now());
        }
    }

    fn marks(&self) -> Option<MutexGuard<'_, Marks>> {
        // No code that can panic runs under this lock.
        self.0.as_ref().map(|marks| marks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_follow_each_other_without_gaps() {
        let stages = UnitStages::recorded();
        let entered = [Stage::Queue, Stage::Work, Stage::Commit { units: 2 }];
        for stage in entered {
            stages.clone().begin(stage);
        }
        assert_eq!(stages.times(), [], "it is not answered yet");
        stages.end();
        let times = stages.times();
        assert_eq!(times.iter().map(|it| it.stage).collect::<Vec<_>>(), entered);
        assert!(times.iter().all(|it| it.begun <= it.ended));
        assert!(times.windows(2).all(|pair| pair[0].ended == pair[1].begun));
    }

    #[test]
    fn nothing_is_recorded_by_default() {
        let stages = UnitStages::default();
        stages.begin(Stage::Queue);
        stages.end();
        assert_eq!(stages.times(), []);
    }
}
