//! Tests of the queue. `tests/model_check.rs` runs them under a model checker as well.

use std::collections::VecDeque;
use std::time::Duration;

use super::{Dequeued, Queue, QueueLoad, Refusal};
use crate::sync::{Arc, Condvar, JoinHandle, Mutex, check, run, spawn};

/// A wait in which the queue is sometimes idle.
const SHORT: Duration = Duration::from_micros(1);
/// Longer than any test takes.
const FOREVER: Duration = Duration::from_mins(10);

#[test]
fn a_full_queue_refuses_at_once_and_returns_the_job() {
    run(|| {
        let queue = Queue::new(1);
        assert_eq!(queue.push('a'), Ok(()));
        assert_eq!(queue.push('b'), Err(('b', Refusal::Full)));
        assert_eq!(queue.load(), QueueLoad { depth: 1, capacity: 1, refused: 1 });
        assert_eq!(queue.take(), Some('a'));
        assert_eq!(queue.push('b'), Ok(()));
    });
}

#[test]
fn a_closed_queue_refuses_jobs_and_returns_those_it_has() {
    run(|| {
        let queue = Queue::new(2);
        queue.push('a').unwrap();
        assert!(!queue.is_closed());
        queue.close();
        assert!(queue.is_closed());
        assert_eq!(queue.push('b'), Err(('b', Refusal::Closed)));
        let mut jobs = VecDeque::new();
        assert_eq!(queue.take_all(&mut jobs, FOREVER), Dequeued::Jobs);
        assert_eq!(jobs, ['a']);
        assert_eq!(queue.take_all(&mut VecDeque::new(), FOREVER), Dequeued::Closed);
        assert_eq!(queue.take(), None);
    });
}

#[test]
fn a_queue_without_jobs_is_idle_after_the_time_given() {
    run(|| {
        let mut jobs = VecDeque::new();
        assert_eq!(Queue::<()>::new(1).take_all(&mut jobs, Duration::ZERO), Dequeued::Idle);
    });
}

#[test]
fn a_requeued_job_is_the_last_even_if_the_queue_is_full_and_closed() {
    run(|| {
        let queue = Queue::new(1);
        queue.push('a').unwrap();
        queue.close();
        queue.requeue('b');
        assert_eq!((queue.take(), queue.take(), queue.take()), (Some('a'), Some('b'), None));
    });
}

// In the tests of several threads the queue is closed only after the jobs have been received:
// closing it wakes every thread, which would hide a wake-up that `push` has lost.

#[test]
fn waiting_threads_receive_every_job_once() {
    check(|| {
        let (queue, received) = (Arc::new(Queue::new(4)), Received::default());
        let takers = start(2, &queue, &received, |queue, received, _| {
            while let Some(job) = queue.take() {
                received.add([job]);
            }
        });
        let pushers = start(2, &queue, &received, |queue, _, number| {
            queue.push(2 * number).unwrap();
            queue.push(2 * number + 1).unwrap();
        });
        assert_eq!(received.wait_for(4), [0, 1, 2, 3]);
        queue.close();
        join(pushers.into_iter().chain(takers));
    });
}

#[test]
fn a_thread_that_takes_all_jobs_receives_every_job_once() {
    takes_all_jobs(FOREVER);
}

#[test]
fn a_thread_that_does_other_work_when_idle_receives_every_job_once() {
    takes_all_jobs(SHORT);
}

fn takes_all_jobs(idle_after: Duration) {
    check(move || {
        let (queue, received) = (Arc::new(Queue::new(4)), Received::default());
        let takers = start(1, &queue, &received, move |queue, received, _| {
            let mut batch = VecDeque::new();
            loop {
                match queue.take_all(&mut batch, idle_after) {
                    Dequeued::Closed => return,
                    dequeued => assert!(dequeued == Dequeued::Jobs || idle_after < FOREVER, "idle too early"),
                }
                received.add(batch.drain(..));
            }
        });
        let pushers = start(2, &queue, &received, |queue, _, number| {
            queue.push(2 * number).unwrap();
            queue.push(2 * number + 1).unwrap();
        });
        assert_eq!(received.wait_for(4), [0, 1, 2, 3]);
        queue.close();
        join(pushers.into_iter().chain(takers));
    });
}

#[test]
fn a_job_that_is_pushed_back_is_received_by_a_waiting_thread() {
    check(|| {
        let (queue, received) = (Arc::new(Queue::new(1)), Received::default());
        let takers = start(1, &queue, &received, |queue, received, _| {
            while let Some(job) = queue.take() {
                received.add([job]);
            }
        });
        let returners = start(1, &queue, &received, |queue, _, _| {
            if let Some(job) = queue.take() {
                queue.requeue(job);
            }
        });
        queue.push(0).unwrap();
        assert_eq!(received.wait_for(1), [0]);
        queue.close();
        join(returners.into_iter().chain(takers));
    });
}

#[test]
fn a_job_pushed_while_the_queue_closes_is_refused_or_received() {
    check(|| {
        let (queue, received) = (Arc::new(Queue::new(1)), Received::default());
        let accepted = Received::default();
        let takers = start(2, &queue, &received, |queue, received, _| {
            while let Some(job) = queue.take() {
                received.add([job]);
            }
        });
        let pushers = start(1, &queue, &accepted, |queue, accepted, number| {
            accepted.add(queue.push(number).is_ok().then_some(number));
        });
        queue.close();
        join(pushers.into_iter().chain(takers));
        assert_eq!(received.wait_for(0), accepted.wait_for(0));
    });
}

/// The jobs that threads have received.
#[derive(Clone, Default)]
struct Received(Arc<(Mutex<Vec<usize>>, Condvar)>);

impl Received {
    fn add(&self, jobs: impl IntoIterator<Item = usize>) {
        self.0.0.lock().unwrap().extend(jobs);
        self.0.1.notify_all();
    }

    /// Waits for this number of jobs, and returns them in order.
    fn wait_for(&self, count: usize) -> Vec<usize> {
        let jobs = self.0.0.lock().unwrap();
        let (jobs, timeout) = self.0.1.wait_timeout_while(jobs, FOREVER, |jobs| jobs.len() < count).unwrap();
        assert!(!timeout.timed_out(), "a wake-up was lost");
        let mut jobs = jobs.clone();
        jobs.sort_unstable();
        jobs
    }
}

/// Starts threads that use the queue, each with a number.
fn start(
    threads: usize,
    queue: &Arc<Queue<usize>>,
    received: &Received,
    run: impl Fn(&Queue<usize>, &Received, usize) + Copy + Send + 'static,
) -> Vec<JoinHandle<()>> {
    let start_one = |number| {
        let (queue, received) = (Arc::clone(queue), received.clone());
        spawn(move || run(&queue, &received, number))
    };
    (0..threads).map(start_one).collect()
}

fn join(threads: impl IntoIterator<Item = JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}
