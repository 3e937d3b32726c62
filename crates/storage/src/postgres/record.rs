//! What the sessions and workers of a store count.

use std::time::Instant;

use domain::error::StorageError;

use super::deadline::check_deadline;
use super::error::{FailureKind, SessionError};
use crate::statistics::{Count, Histogram};

/// What the sessions and workers of a store count.
#[derive(Debug)]
pub(crate) struct PostgresRecord {
    pub(super) connection_waits: Histogram,
    pub(super) account_waits: Count,
    pub(super) lock_timeouts: Count,
    pub(super) deadlines_exceeded: Count,
    conflicts: Count,
    violations: Count,
    lost_connections: Count,
}

impl Default for PostgresRecord {
    fn default() -> Self {
        let (account_waits, lock_timeouts, deadlines_exceeded) = Default::default();
        let (conflicts, violations, lost_connections) = Default::default();
        let connection_waits = Histogram::of_durations();
        Self {
            connection_waits,
            account_waits,
            lock_timeouts,
            deadlines_exceeded,
            conflicts,
            violations,
            lost_connections,
        }
    }
}

impl PostgresRecord {
    /// Counts the failure of a statement, if it ran out of time.
    pub(super) fn note(&self, error: &SessionError) {
        if error.is_lock_timeout() {
            self.lock_timeouts.increment();
        } else if matches!(error, SessionError::TimedOut) {
            self.deadlines_exceeded.increment();
        }
    }

    /// Checks that a unit with this deadline still has time to begin, and counts it if not.
    pub(super) fn check_deadline(&self, deadline: Instant) -> Result<(), StorageError> {
        check_deadline(deadline).inspect_err(|_| self.deadlines_exceeded.increment())
    }

    /// Counts a unit that runs again.
    pub(super) fn count_retry(&self, reason: FailureKind) {
        match reason {
            FailureKind::Conflict => self.conflicts.increment(),
            FailureKind::Violation => self.violations.increment(),
            FailureKind::Lost => self.lost_connections.increment(),
            // It does not run again.
            FailureKind::Final => {}
        }
    }

    pub(super) fn retries(&self) -> [(&'static str, u64); 3] {
        [
            ("conflict", self.conflicts.get()),
            ("violation", self.violations.get()),
            ("connection", self.lost_connections.get()),
        ]
    }
}
