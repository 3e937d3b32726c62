//! A thread pool of low priority for CPU-bound work, with bounded queues.

use std::collections::VecDeque;
use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;

use super::PasswordsError;
use crate::priority::give_way;

/// How long a thread without work keeps its scratch memory. A hash in new memory takes about a half
/// longer, so that memory is kept while logins follow each other.
pub(super) const SCRATCH_KEPT_FOR: Duration = Duration::from_secs(1);

type HashJob<S> = Box<dyn FnOnce(&mut S) + Send>;

/// The threads, each with its own scratch memory, and their queues.
pub(super) struct Workers<S, const QUEUES: usize> {
    queues: Arc<Queues<S, QUEUES>>,
    threads: Vec<JoinHandle<()>>,
}

/// The jobs that wait, and the wake-up of the threads.
struct Queues<S, const QUEUES: usize> {
    waiting: Mutex<Waiting<S, QUEUES>>,
    added: Condvar,
    /// How many jobs may wait in each queue.
    waiting_max: usize,
}

struct Waiting<S, const QUEUES: usize> {
    queues: [VecDeque<HashJob<S>>; QUEUES],
    /// The queue whose turn it is.
    turn: usize,
    /// How many threads are idle.
    idle: usize,
    /// Whether other threads have priority over these.
    gives_way: bool,
    is_closed: bool,
}

impl<S, const QUEUES: usize> Waiting<S, QUEUES> {
    /// The next job: the first of the queue whose turn it is, or of the next that has one.
    fn next(&mut self) -> Option<HashJob<S>> {
        let turns = (0..QUEUES).map(|after| (self.turn + after) % QUEUES);
        let queue = turns.into_iter().find(|&queue| !self.queues[queue].is_empty())?;
        self.turn = (queue + 1) % QUEUES;
        self.queues[queue].pop_front()
    }

    /// How many jobs of the queue wait, not counting those that idle threads are about to take.
    fn count(&self, queue: usize) -> usize {
        let all: usize = self.queues.iter().map(VecDeque::len).sum();
        self.queues[queue].len().min(all.saturating_sub(self.idle))
    }
}

impl<S, const QUEUES: usize> Queues<S, QUEUES> {
    /// A poisoned lock is used all the same: no code that holds it can panic.
    fn lock(&self) -> MutexGuard<'_, Waiting<S, QUEUES>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until a job may have been added, at most for `max`. Returns whether that time is over.
    fn wait<'a>(
        &self,
        waiting: MutexGuard<'a, Waiting<S, QUEUES>>,
        max: Option<Duration>,
    ) -> (MutexGuard<'a, Waiting<S, QUEUES>>, bool) {
        match max {
            None => (self.added.wait(waiting).unwrap_or_else(PoisonError::into_inner), false),
            Some(max) => {
                let (waiting, timeout) = self.added.wait_timeout(waiting, max).unwrap_or_else(PoisonError::into_inner);
                (waiting, timeout.timed_out())
            }
        }
    }
}

impl<S: Default + 'static, const QUEUES: usize> Workers<S, QUEUES> {
    /// Starts the threads. Each releases its scratch memory after it has had no work for `kept_for`.
    pub(super) fn start(threads: NonZeroUsize, waiting_max: NonZeroUsize, kept_for: Duration) -> io::Result<Self> {
        let queues = std::array::from_fn(|_| VecDeque::new());
        let waiting = Waiting { queues, turn: 0, idle: 0, gives_way: false, is_closed: false };
        let queues = Queues { waiting: Mutex::new(waiting), added: Condvar::new(), waiting_max: waiting_max.get() };
        let mut workers = Self { queues: Arc::new(queues), threads: Vec::with_capacity(threads.get()) };
        for number in 0..threads.get() {
            let queues = Arc::clone(&workers.queues);
            let thread = Builder::new().name(format!("password-{number}")).spawn(move || work(&queues, kept_for))?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// From the next job on, other threads have priority over these.
    pub(super) fn give_way(&self) {
        self.queues.lock().gives_way = true;
    }

    /// Runs `work` on one of the threads, after a wait in this queue, and returns its result. If
    /// the future is dropped before `work` begins, it does not run.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        queue: usize,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, PasswordsError> {
        let (answer, awaited) = oneshot::channel();
        let job: HashJob<S> = Box::new(move |scratch| {
            if !answer.is_closed() {
                // A result that is no longer awaited is dropped.
                let _ = answer.send(work(scratch));
            }
        });
        {
            let mut waiting = self.queues.lock();
            if waiting.count(queue) >= self.queues.waiting_max {
                return Err(PasswordsError::Busy);
            }
            waiting.queues[queue].push_back(job);
        }
        self.queues.added.notify_one();
        // The sender is dropped without a result only if `work` panics.
        awaited.await.map_err(|_| PasswordsError::Panicked)
    }
}

/// Waits for the threads. No result is awaited any more, so they end after their current work.
impl<S, const QUEUES: usize> Drop for Workers<S, QUEUES> {
    fn drop(&mut self) {
        self.queues.lock().is_closed = true;
        self.queues.added.notify_all();
        for thread in self.threads.drain(..) {
            // A thread catches panics of its work. If it has panicked all the same, it has ended
            // too.
            let _ = thread.join();
        }
    }
}

/// Runs jobs until the pool is dropped.
fn work<S: Default, const QUEUES: usize>(queues: &Queues<S, QUEUES>, kept_for: Duration) {
    let mut scratch = None;
    let mut has_given_way = false;
    let mut waiting = queues.lock();
    loop {
        if let Some(job) = waiting.next() {
            let gives_way = waiting.gives_way;
            drop(waiting);
            if gives_way && !has_given_way {
                has_given_way = true;
                if let Err(error) = give_way() {
                    log::debug!("the threads that hash passwords keep the normal priority: {error}");
                }
            }
            // Unwinding drops the result's sender, which the caller notices. The scratch memory may
            // be left in any state: every job overwrites it before reading.
            let _ = catch_unwind(AssertUnwindSafe(|| job(scratch.get_or_insert_default())));
            waiting = queues.lock();
        } else if waiting.is_closed {
            return;
        } else {
            waiting.idle += 1;
            let is_unneeded;
            (waiting, is_unneeded) = queues.wait(waiting, scratch.as_ref().map(|_| kept_for));
            waiting.idle -= 1;
            if is_unneeded {
                // Not with the lock: it takes a while.
                drop(waiting);
                scratch = None;
                waiting = queues.lock();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::sync::mpsc::channel;
    use std::task::{Context, Waker};

    fn one() -> Workers<usize, 2> {
        Workers::start(NonZeroUsize::MIN, NonZeroUsize::MIN, Duration::MAX).unwrap()
    }

    #[actix_web::test]
    async fn a_thread_reuses_its_scratch_memory() {
        let workers = one();
        for before in 0..3 {
            let count = |scratch: &mut usize| std::mem::replace(scratch, *scratch + 1);
            assert_eq!(workers.run(0, count).await.unwrap(), before);
        }
    }

    /// Scratch memory that sends a message when it is released.
    #[derive(Default)]
    struct Scratch(Option<std::sync::mpsc::Sender<()>>);

    impl Drop for Scratch {
        fn drop(&mut self) {
            if let Some(sender) = self.0.take() {
                sender.send(()).unwrap();
            }
        }
    }

    #[actix_web::test]
    async fn a_thread_without_work_releases_its_scratch_memory() {
        let workers =
            Workers::<Scratch, 1>::start(NonZeroUsize::MIN, NonZeroUsize::MIN, Duration::from_millis(1)).unwrap();
        for _ in 0..2 {
            let (released, is_released) = channel();
            let was_new = workers.run(0, move |scratch| scratch.0.replace(released).is_none()).await.unwrap();
            assert!(was_new);
            is_released.recv_timeout(Duration::from_secs(30)).unwrap();
        }
    }

    #[actix_web::test]
    async fn a_panic_is_reported_to_its_caller_and_the_thread_continues() {
        let workers = one();
        let panicked = workers.run(0, |_| panic!("part of the test")).await;
        assert!(matches!(panicked, Err::<(), _>(PasswordsError::Panicked)));
        assert_eq!(workers.run(0, |_| 1).await.unwrap(), 1);
    }

    #[actix_web::test]
    async fn work_that_is_no_longer_awaited_does_not_begin() {
        let workers = one();
        let (started, has_started) = channel();
        let (release, released) = channel::<()>();
        let (done, is_done) = channel();
        let also_done = done.clone();
        let mut context = Context::from_waker(Waker::noop());
        {
            let mut first = pin!(workers.run(0, move |_| {
                started.send(()).unwrap();
                released.recv().unwrap();
                done.send("first").unwrap();
            }));
            assert!(first.as_mut().poll(&mut context).is_pending());
            has_started.recv().unwrap();
            let mut second = pin!(workers.run(0, move |_| also_done.send("second").unwrap()));
            assert!(second.as_mut().poll(&mut context).is_pending());
        }
        release.send(()).unwrap();
        drop(workers);
        assert_eq!(is_done.iter().collect::<Vec<_>>(), ["first"]);
    }

    #[actix_web::test]
    async fn a_long_queue_does_not_block_the_other() {
        let workers =
            Workers::<usize, 2>::start(NonZeroUsize::MIN, NonZeroUsize::new(8).unwrap(), Duration::MAX).unwrap();
        let (started, has_started) = channel();
        let (release, released) = channel::<()>();
        let (done, is_done) = channel();
        let mut context = Context::from_waker(Waker::noop());
        let mut first = Box::pin(workers.run(1, move |_| {
            started.send(()).unwrap();
            released.recv().unwrap();
        }));
        assert!(first.as_mut().poll(&mut context).is_pending());
        has_started.recv().unwrap();
        let mut waiting = Vec::new();
        for (queue, number) in [(1, 10), (1, 11), (1, 12), (1, 13), (0, 20), (0, 21)] {
            let done = done.clone();
            let mut job = Box::pin(workers.run(queue, move |_| done.send(number).unwrap()));
            assert!(job.as_mut().poll(&mut context).is_pending());
            waiting.push(job);
        }
        drop(done);
        release.send(()).unwrap();
        first.await.unwrap();
        for job in waiting {
            job.await.unwrap();
        }
        assert_eq!(is_done.iter().collect::<Vec<_>>(), [20, 10, 21, 11, 12, 13]);
    }

    #[cfg(target_os = "linux")]
    #[actix_web::test]
    async fn only_the_threads_of_the_pool_give_way() {
        use thread_priority::{NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy};
        let policy = || thread_schedule_policy().unwrap();
        let normal = ThreadSchedulePolicy::Normal;
        let (idle, other) = (normal(NormalThreadSchedulePolicy::Idle), normal(NormalThreadSchedulePolicy::Other));
        let workers = one();
        assert_eq!(workers.run(0, move |_| policy()).await.unwrap(), other);
        workers.give_way();
        assert_eq!((workers.run(0, move |_| policy()).await.unwrap(), policy()), (idle, other));
    }
}
