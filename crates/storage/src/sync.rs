//! The synchronisation primitives of the queue and the oneshot channel.
//!
//! `tests/model_check.rs` compiles these two modules against the primitives of a model checker.

pub(crate) use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
#[cfg(test)]
pub(crate) use std::thread::{JoinHandle, spawn};
pub(crate) use std::thread::{ThreadId, current};

/// Runs a test of one thread.
#[cfg(test)]
pub(crate) fn run(test: fn()) {
    test();
}

/// Runs a test of threads that work at the same time. The model checker tries many schedules.
#[cfg(test)]
pub(crate) fn check(test: impl Fn() + Send + Sync + 'static) {
    test();
}
