//! The bounded queue between those who ask for work and the threads that do it.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A first-in, first-out queue that refuses at once when it is full.
pub(crate) struct Queue<J> {
    state: Mutex<State<J>>,
    filled: Condvar,
    capacity: usize,
}

struct State<J> {
    jobs: VecDeque<J>,
    /// How many threads wait for a job. Nobody else is notified, which would cost each push a system call.
    waiting: usize,
    closed: bool,
}

/// Why a job was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Refusal {
    Full,
    Closed,
}

/// What waiting for jobs came to.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Taken {
    Jobs,
    /// None came within the time.
    Idle,
    /// None will come any more.
    Closed,
}

impl<J> Queue<J> {
    pub(crate) fn new(capacity: usize) -> Self {
        let state = State { jobs: VecDeque::with_capacity(capacity), waiting: 0, closed: false };
        Self { state: Mutex::new(state), filled: Condvar::new(), capacity }
    }

    fn lock(&self) -> MutexGuard<'_, State<J>> {
        // No code that can panic runs under this lock.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a job, or hands it back.
    pub(crate) fn push(&self, job: J) -> Result<(), (J, Refusal)> {
        let mut state = self.lock();
        if state.closed {
            return Err((job, Refusal::Closed));
        }
        if state.jobs.len() >= self.capacity {
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

    /// Adds a job before all others, whether there is room for it or not: one that was taken and could not be done.
    pub(crate) fn push_front(&self, job: J) {
        let mut state = self.lock();
        state.jobs.push_front(job);
        let notify = state.waiting > 0;
        drop(state);
        if notify {
            self.filled.notify_one();
        }
    }

    /// Swaps all jobs into `jobs`, which is empty, waiting up to `idle_after` for the first one.
    pub(crate) fn take_all(&self, jobs: &mut VecDeque<J>, idle_after: Duration) -> Taken {
        let mut state = self.lock();
        if state.jobs.is_empty() && !state.closed {
            state.waiting += 1;
            let nothing_to_do = |state: &mut State<J>| state.jobs.is_empty() && !state.closed;
            state = self
                .filled
                .wait_timeout_while(state, idle_after, nothing_to_do)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.waiting -= 1;
        }
        if !state.jobs.is_empty() {
            std::mem::swap(&mut state.jobs, jobs);
            Taken::Jobs
        } else if state.closed {
            Taken::Closed
        } else {
            Taken::Idle
        }
    }

    /// The next job, waiting for it as long as it takes; `None` when none will come any more.
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

    /// The next job, if there is one.
    pub(crate) fn take_now(&self) -> Option<J> {
        self.lock().jobs.pop_front()
    }

    pub(crate) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// Takes no more jobs. Those that are queued are still handed out.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.filled.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_queue_refuses_at_once_and_hands_the_job_back() {
        let queue = Queue::new(1);
        assert_eq!(queue.push('a'), Ok(()));
        assert_eq!(queue.push('b'), Err(('b', Refusal::Full)));
        assert_eq!(queue.take(), Some('a'));
        assert_eq!(queue.push('b'), Ok(()));
    }

    #[test]
    fn a_closed_queue_hands_out_what_it_has_and_takes_nothing() {
        let queue = Queue::new(2);
        queue.push('a').unwrap();
        queue.close();
        assert_eq!(queue.push('b'), Err(('b', Refusal::Closed)));
        let mut jobs = VecDeque::new();
        assert_eq!(queue.take_all(&mut jobs, Duration::MAX), Taken::Jobs);
        assert_eq!(jobs, ['a']);
        assert_eq!(queue.take_all(&mut VecDeque::new(), Duration::MAX), Taken::Closed);
        assert_eq!(queue.take(), None);
    }

    #[test]
    fn a_queue_without_jobs_is_idle_after_the_time_given() {
        assert_eq!(Queue::<()>::new(1).take_all(&mut VecDeque::new(), Duration::ZERO), Taken::Idle);
    }

    #[test]
    fn a_waiting_thread_gets_the_job_that_comes() {
        let queue = Queue::new(1);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| queue.take());
            queue.push('a').unwrap();
            assert_eq!(waiting.join().unwrap(), Some('a'));
        });
    }
}
