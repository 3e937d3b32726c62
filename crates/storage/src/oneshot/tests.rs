//! Tests of the oneshot channel. `tests/model_check.rs` runs them under a model checker as well.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use super::{Receiver, Sender, Wakers, channel};
use crate::sync::{Arc, Condvar, Mutex, check, run, spawn};

/// Longer than any test takes.
const FOREVER: Duration = Duration::from_mins(10);

#[derive(Default)]
struct Count(AtomicUsize);

impl Wake for Count {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

/// A receiver that has been polled, and the number of its wake-ups.
struct Awaited {
    receiver: Receiver<usize>,
    wakes: Arc<Count>,
}

impl Awaited {
    fn poll(&mut self) -> Poll<usize> {
        poll(&mut self.receiver, &Waker::from(Arc::clone(&self.wakes)))
    }

    fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::SeqCst)
    }
}

fn poll(receiver: &mut Receiver<usize>, waker: &Waker) -> Poll<usize> {
    Pin::new(receiver).poll(&mut Context::from_waker(waker))
}

fn awaited() -> (Sender<usize>, Awaited) {
    let (sender, receiver) = channel();
    let mut awaited = Awaited { receiver, wakes: Arc::default() };
    assert_eq!(awaited.poll(), Poll::Pending);
    (sender, awaited)
}

/// Sends 0, 1, 2 … as one batch.
fn send_all(senders: Vec<Sender<usize>>) {
    let mut wakers = Wakers::default();
    for (answer, sender) in senders.into_iter().enumerate() {
        sender.send(answer, &mut wakers);
    }
    wakers.wake();
}

#[test]
fn one_future_of_a_thread_is_woken_and_wakes_the_others() {
    run(|| {
        let (senders, mut futures): (Vec<_>, Vec<_>) = (0..3).map(|_| awaited()).unzip();
        send_all(senders);
        assert_eq!(futures.iter().map(Awaited::wakes).collect::<Vec<_>>(), [0, 0, 1]);
        assert_eq!(futures[2].poll(), Poll::Ready(2));
        assert_eq!(futures.iter().map(Awaited::wakes).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!((futures[0].poll(), futures[1].poll()), (Poll::Ready(0), Poll::Ready(1)));
    });
}

#[test]
fn a_dropped_future_still_wakes_the_others() {
    run(|| {
        let (senders, mut futures): (Vec<_>, Vec<_>) = (0..2).map(|_| awaited()).unzip();
        send_all(senders);
        drop(futures.pop());
        assert_eq!(futures[0].wakes(), 1);
        assert_eq!(futures[0].poll(), Poll::Ready(0));
    });
}

#[test]
fn a_future_dropped_before_the_answer_is_not_woken() {
    run(|| {
        let (senders, mut futures): (Vec<_>, Vec<_>) = (0..2).map(|_| awaited()).unzip();
        let dropped = futures.pop().unwrap();
        let wakes = Arc::clone(&dropped.wakes);
        drop(dropped);
        send_all(senders);
        assert_eq!((futures[0].wakes(), wakes.0.load(Ordering::SeqCst)), (1, 0));
    });
}

#[test]
fn an_answer_sent_before_the_first_poll_is_received() {
    run(|| {
        let (sender, receiver) = channel();
        send_all(vec![sender]);
        let mut awaited = Awaited { receiver, wakes: Arc::default() };
        assert_eq!(awaited.poll(), Poll::Ready(0));
    });
}

#[test]
fn an_answer_is_taken_once_and_only_after_it_was_sent() {
    run(|| {
        let (sender, receiver) = channel();
        assert_eq!(receiver.take(false), None);
        send_all(vec![sender]);
        assert_eq!((receiver.take(false), receiver.take(false)), (Some(0), None));
    });
}

#[test]
fn a_future_polled_again_is_woken_by_its_latest_waker() {
    run(|| {
        let (sender, mut awaited) = awaited();
        let first = std::mem::take(&mut awaited.wakes);
        assert_eq!(awaited.poll(), Poll::Pending);
        send_all(vec![sender]);
        assert_eq!((first.0.load(Ordering::SeqCst), awaited.wakes()), (0, 1));
    });
}

#[test]
fn futures_of_different_threads_are_each_woken() {
    run(|| {
        let (sender, here) = awaited();
        let (other_sender, there) = spawn(awaited).join().unwrap();
        send_all(vec![sender, other_sender]);
        assert_eq!((here.wakes(), there.wakes()), (1, 1));
    });
}

#[test]
fn a_worker_that_panics_after_an_answer_wakes_its_future() {
    run(|| {
        let (sender, awaited) = awaited();
        let mut wakers = Wakers::default();
        sender.send(0, &mut wakers);
        drop(wakers);
        assert_eq!(awaited.wakes(), 1);
    });
}

// In the following tests threads send and receive at once. After a lost wake-up a thread waits
// forever.

#[test]
fn threads_with_several_futures_receive_every_answer() {
    check(|| {
        let (senders, receivers) = channels(4);
        let threads = receivers.map(|receivers| spawn(|| receive_all(receivers, None)));
        send_all(senders);
        assert_eq!(threads.map(|thread| thread.join().unwrap()), [vec![0, 1], vec![2, 3]]);
    });
}

#[test]
fn answers_of_several_batches_are_received() {
    check(|| {
        let (mut senders, [first, second]) = channels(4);
        let late = senders.split_off(2);
        // Each batch has one future of each thread.
        let mixed = |mut a: Vec<_>, mut b: Vec<_>| [a.remove(0), b.remove(0)].into();
        let receivers = [mixed(first, second)];
        let threads = receivers.map(|receivers| spawn(|| receive_all(receivers, None)));
        let other = spawn(|| send_all(late));
        send_all(senders);
        other.join().unwrap();
        assert_eq!(threads.map(|thread| thread.join().unwrap()), [vec![0, 0]]);
    });
}

#[test]
fn a_future_dropped_at_any_time_still_wakes_the_others() {
    check(|| {
        for dropped in 0..3 {
            let (senders, [receivers, _]) = channels(3);
            let thread = spawn(move || receive_all(receivers, Some(dropped)));
            send_all(senders);
            let mut others = vec![0, 1, 2];
            others.remove(dropped);
            assert_eq!(thread.join().unwrap(), others);
        }
    });
}

#[test]
fn a_future_that_moves_to_another_thread_is_woken_there() {
    check(|| {
        let (senders, [mut stays, mut moves]) = channels(2);
        let first = spawn(move || {
            // Both are polled here, then one moves to another thread.
            let waker = Waker::from(Arc::new(Count::default()));
            let polled = poll(&mut moves[0], &waker);
            let second = spawn(move || match polled {
                Poll::Ready(answer) => vec![answer],
                Poll::Pending => receive_all(moves, None),
            });
            (receive_all(std::mem::take(&mut stays), None), second.join().unwrap())
        });
        send_all(senders);
        assert_eq!(first.join().unwrap(), (vec![0], vec![1]));
    });
}

/// Channels, with their receivers divided between two threads. Of three the first gets all.
fn channels(count: usize) -> (Vec<Sender<usize>>, [Vec<Receiver<usize>>; 2]) {
    let (senders, mut receivers): (Vec<_>, Vec<_>) = (0..count).map(|_| channel()).unzip();
    let second = if count == 3 { Vec::new() } else { receivers.split_off(count / 2) };
    (senders, [receivers, second])
}

/// The futures of one thread that have been woken.
#[derive(Default)]
struct Woken {
    tasks: Mutex<Vec<usize>>,
    filled: Condvar,
}

struct Task {
    number: usize,
    woken: Arc<Woken>,
}

impl Wake for Task {
    fn wake(self: Arc<Self>) {
        self.woken.tasks.lock().unwrap().push(self.number);
        self.woken.filled.notify_one();
    }
}

/// Polls each future once, and then those that are woken, as a runtime does, until all have
/// received their answers. The future with the number `dropped` is dropped after its first poll.
fn receive_all(receivers: Vec<Receiver<usize>>, dropped: Option<usize>) -> Vec<usize> {
    let mut futures: Vec<_> = receivers.into_iter().map(Some).collect();
    let woken = Arc::new(Woken::default());
    let mut to_poll: Vec<_> = (0..futures.len()).rev().collect();
    let mut answers = Vec::new();
    while futures.iter().any(Option::is_some) {
        while let Some(number) = to_poll.pop() {
            let Some(future) = &mut futures[number] else { continue };
            let waker = Waker::from(Arc::new(Task { number, woken: Arc::clone(&woken) }));
            let polled = poll(future, &waker);
            if dropped == Some(number) {
                futures[number] = None;
            } else if let Poll::Ready(answer) = polled {
                futures[number] = None;
                answers.push(answer);
            }
        }
        if futures.iter().any(Option::is_some) {
            let tasks = woken.tasks.lock().unwrap();
            let (mut tasks, timeout) =
                woken.filled.wait_timeout_while(tasks, FOREVER, |tasks| tasks.is_empty()).unwrap();
            assert!(!timeout.timed_out(), "a wake-up was lost");
            to_poll.append(&mut tasks);
        }
    }
    answers.sort_unstable();
    answers
}
