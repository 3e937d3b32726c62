//! Runs the tests of the queue and of the oneshot channel under a model checker, which tries many
//! schedules of their threads and fails if a thread waits forever: a lost wake-up.
//!
//! This test compiles the modules again, with the checker's locks, condition variables and threads
//! instead of the standard library's.
//!
//! Each of these mutants makes a test fail: `push` notifies only if two threads wait, or reads
//! `waiting` before it takes the lock to push; `requeue` does not notify; `take` or `take_all` does
//! not count itself as waiting; `close` notifies no thread, or one; a receiver that is polled or
//! dropped does not wake its neighbours; `wake` wakes none; `poll` keeps its first waker, or looks
//! for the answer and registers its waker under two locks instead of one.

#[path = "../src/oneshot.rs"]
mod oneshot;
#[path = "../src/queue.rs"]
mod queue;

/// Replaces `src/sync.rs`.
mod sync {
    use std::sync::LockResult;
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    pub(crate) use shuttle::sync::{Arc, Mutex, MutexGuard, PoisonError};
    pub(crate) use shuttle::thread::{JoinHandle, ThreadId, current, spawn};

    /// How many schedules of each kind a test runs under.
    const SCHEDULES: usize = 1_000;

    /// Runs a test of one thread.
    pub(crate) fn run(test: fn()) {
        shuttle::check_random(test, 1);
    }

    /// Runs a test under schedules drawn at random, and under those of the PCT algorithm, which
    /// finds bugs that need a few preemptions at certain places. They are the same in every run.
    pub(crate) fn check(test: impl Fn() + Send + Sync + 'static) {
        let test = Arc::new(test);
        let again = Arc::clone(&test);
        let random = shuttle::scheduler::RandomScheduler::new_from_seed(1, SCHEDULES);
        shuttle::Runner::new(random, shuttle::Config::default()).run(move || test());
        let preemptions = shuttle::scheduler::PctScheduler::new_from_seed(1, 3, SCHEDULES);
        shuttle::Runner::new(preemptions, shuttle::Config::default()).run(move || again());
    }

    /// A condition variable whose waits may time out, which those of the checker never do.
    #[derive(Clone, Default)]
    pub(crate) struct Condvar(Arc<shuttle::sync::Condvar>);

    impl Condvar {
        pub(crate) fn new() -> Self {
            Self::default()
        }

        pub(crate) fn wait<'a, T>(&self, guard: MutexGuard<'a, T>) -> LockResult<MutexGuard<'a, T>> {
            self.0.wait(guard)
        }

        /// No time passes in a model: a short wait may time out at any moment.
        pub(crate) fn wait_timeout_while<'a, T>(
            &self,
            mut guard: MutexGuard<'a, T>,
            timeout: Duration,
            mut condition: impl FnMut(&mut T) -> bool,
        ) -> LockResult<(MutexGuard<'a, T>, WaitTimeoutResult)> {
            let is_over = Arc::new(AtomicBool::new(timeout.is_zero()));
            if timeout < Duration::from_secs(1) && condition(&mut guard) {
                let (condvar, is_over) = (self.clone(), Arc::clone(&is_over));
                spawn(move || {
                    is_over.store(true, Ordering::SeqCst);
                    condvar.notify_all();
                });
            }
            let mut is_waiting = condition(&mut guard);
            while is_waiting && !is_over.load(Ordering::SeqCst) {
                guard = self
                    .wait(guard)
                    .map_err(|poison| PoisonError::new((poison.into_inner(), WaitTimeoutResult(false))))?;
                is_waiting = condition(&mut guard);
            }
            Ok((guard, WaitTimeoutResult(is_waiting)))
        }

        pub(crate) fn notify_one(&self) {
            self.0.notify_one();
        }

        pub(crate) fn notify_all(&self) {
            self.0.notify_all();
        }
    }

    #[derive(Debug)]
    pub(crate) struct WaitTimeoutResult(bool);

    impl WaitTimeoutResult {
        pub(crate) fn timed_out(&self) -> bool {
            self.0
        }
    }
}
