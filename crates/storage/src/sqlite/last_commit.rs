//! When the writer last committed something that it had written.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The instant, shared by the writer and the store. None after a commit that failed.
#[derive(Default)]
pub(super) struct LastCommit(Mutex<Option<Instant>>);

impl LastCommit {
    pub(super) fn set(&self, at: Option<Instant>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    /// Whether it is less than `age` ago.
    pub(super) fn is_within(&self, age: Duration) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).is_some_and(|at| at.elapsed() < age)
    }
}
