//! A bounded multi-producer, multi-consumer queue of jobs.

use std::collections::VecDeque;
use std::time::Duration;

use crate::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A first-in, first-out queue that refuses at once when it is full.
pub(crate) struct Queue<J> {
    state: Mutex<QueueState<J>>,
    filled: Condvar,
    capacity: usize,
}

struct QueueState<J> {
    jobs: VecDeque<J>,
    /// How many threads wait for a job. `push` notifies only if a thread waits, because a
    /// notification costs a system call.
    waiting: usize,
    closed: bool,
    /// How many jobs were refused because the queue was full.
    refused: u64,
}

/// How full a queue is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct QueueLoad {
    pub(crate) depth: usize,
    pub(crate) capacity: usize,
    /// How many jobs were refused because it was full.
    pub(crate) refused: u64,
}

/// Why a job was refused.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

/// What [`Queue::take_all`] returned.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dequeued {
    Jobs,
    /// No job came within the given time.
    Idle,
    /// The queue is closed and empty.
    Closed,
}

impl<J> Queue<J> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = QueueState { jobs: VecDeque::with_capacity(capacity), waiting: 0, closed: false, refused: 0 };
        Self { state: Mutex::new(state), filled: Condvar::new(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, QueueState<J>> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job, or returns it with the reason for the refusal.
    pub(crate) fn push(&self, job: J) -> Result<(), (J, Refusal)> {
        let mut state = self.lock();
        if state.closed {
            return Err((job, Refusal::Closed));
        }
        if state.jobs.len() >= self.capacity {
            state.refused += 1;
            return Err((job, Refusal::Full));
        }
        state.jobs.push_back(job);
        let notify = state.waiting > 0;
        drop(state);
        if notify {
            self.filled.notify_one();
        }
        Ok(())
    }

    /// Adds a job even if the queue is full or closed, for jobs that were dequeued and had to wait.
    /// Only a thread that then takes jobs may call it: others may have found the queue closed and
    /// empty.
    pub(crate) fn requeue(&self, job: J) {
        let mut state = self.lock();
        state.jobs.push_back(job);
        drop(state);
        self.filled.notify_one();
    }

    /// Swaps all jobs into `jobs`, which must be empty. Waits up to `idle_after` for the first job.
    pub(crate) fn take_all(&self, jobs: &mut VecDeque<J>, idle_after: Duration) -> Dequeued {
        let mut state = self.lock();
        state.waiting += 1;
        let nothing_to_do = |state: &mut QueueState<J>| state.jobs.is_empty() && !state.closed;
        state =
            self.filled.wait_timeout_while(state, idle_after, nothing_to_do).unwrap_or_else(PoisonError::into_inner).0;
        state.waiting -= 1;
        if !state.jobs.is_empty() {
            std::mem::swap(&mut state.jobs, jobs);
            Dequeued::Jobs
        } else if state.closed {
            Dequeued::Closed
        } else {
            Dequeued::Idle
        }
    }

    /// The next job. Waits for it without limit; `None` when the queue is closed and empty.
    pub(crate) fn take(&self) -> Option<J> {
        let mut state = self.lock();
        loop {
            if let Some(job) = state.jobs.pop_front() {
                return Some(job);
            }
            if state.closed {
                return None;
            }
            state.waiting += 1;
            state = self.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    pub(crate) fn load(&self) -> QueueLoad {
        let state = self.lock();
        QueueLoad { depth: state.jobs.len(), capacity: self.capacity, refused: state.refused }
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Refuses new jobs. Queued jobs are still dequeued.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }
}

#[cfg(test)]
#[path = "queue/tests.rs"]
mod tests;
