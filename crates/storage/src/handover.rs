//! Hands answers from a worker thread to the futures that await them, with one wake-up for each thread and batch.
//!
//! Waking a task from another thread costs a lock and, when its runtime sleeps, a system call. So a batch's answers are
//! all put down first, and then only one future of each awaiting thread is woken from here. The first future of
//! that thread to look at its answer (or to be dropped) rings a [`Bell`], which wakes the others from their own thread.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};

/// Makes the two ends of one answer.
pub(crate) fn handover<T>() -> (Sender<T>, Receiver<T>) {
    let slot = Arc::new(Mutex::new(Slot::Awaited(None)));
    (Sender(Arc::clone(&slot)), Receiver(slot))
}

enum Slot<T> {
    /// Nothing yet, and whom to wake on which thread.
    Awaited(Option<(ThreadId, Waker)>),
    /// The answer, and the bell of its batch and thread.
    Answered(T, Option<Arc<Bell>>),
    /// The answer was taken, or nobody awaits it any more.
    Closed,
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    // No code that can panic runs under these locks but `Waker::clone`, after which they still hold what they held.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The worker's end.
pub(crate) struct Sender<T>(Arc<Mutex<Slot<T>>>);

impl<T> Sender<T> {
    /// Puts the answer down. Whoever awaits it is woken by [`Bells::ring`].
    pub(crate) fn send(self, answer: T, bells: &mut Bells) {
        let mut slot = lock(&self.0);
        match &mut *slot {
            Slot::Awaited(waiting) => {
                let bell = waiting.take().map(|(thread, waker)| bells.add(thread, waker));
                *slot = Slot::Answered(answer, bell);
            }
            // The caller has gone. Its answer is dropped when the lock is free again.
            Slot::Answered(..) | Slot::Closed => drop(slot),
        }
    }
}

/// The awaiting end: a future of the answer.
pub(crate) struct Receiver<T>(Arc<Mutex<Slot<T>>>);

impl<T> Receiver<T> {
    /// Takes the answer if it is there, and closes the slot if it is there or `closing`.
    pub(crate) fn take(&self, closing: bool) -> Option<T> {
        let mut slot = lock(&self.0);
        if !closing && matches!(*slot, Slot::Awaited(_)) {
            return None;
        }
        let taken = std::mem::replace(&mut *slot, Slot::Closed);
        drop(slot);
        let Slot::Answered(answer, bell) = taken else { return None };
        if let Some(bell) = bell {
            bell.ring();
        }
        Some(answer)
    }
}

impl<T> Future for Receiver<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if let Slot::Awaited(waiting) = &mut *lock(&self.0) {
            let thread = thread::current().id();
            match waiting {
                Some((known, waker)) if *known == thread && waker.will_wake(context.waker()) => {}
                _ => *waiting = Some((thread, context.waker().clone())),
            }
            return Poll::Pending;
        }
        self.take(false).map_or(Poll::Pending, Poll::Ready)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        self.take(true);
    }
}

/// The futures of one thread that a batch has answered and that nobody has woken yet.
#[derive(Default)]
struct Bell(Mutex<Vec<Waker>>);

impl Bell {
    fn ring(&self) {
        let wakers = std::mem::take(&mut *lock(&self.0));
        for waker in wakers {
            waker.wake();
        }
    }
}

/// The bells of one batch, one for each awaiting thread.
#[derive(Default)]
pub(crate) struct Bells(Vec<(ThreadId, Arc<Bell>)>);

impl Bells {
    fn add(&mut self, thread: ThreadId, waker: Waker) -> Arc<Bell> {
        let bell = if let Some((_, bell)) = self.0.iter().find(|(known, _)| *known == thread) {
            Arc::clone(bell)
        } else {
            let bell = Arc::new(Bell::default());
            self.0.push((thread, Arc::clone(&bell)));
            bell
        };
        lock(&bell.0).push(waker);
        bell
    }

    /// Wakes one future of each thread. A waker that is still with a bell belongs to a future that has not looked at its
    /// answer yet; when it does, or is dropped, it rings for those that remain.
    pub(crate) fn ring(&mut self) {
        for (_, bell) in self.0.drain(..) {
            let first = lock(&bell.0).pop();
            if let Some(waker) = first {
                waker.wake();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::task::Wake;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    struct Awaited {
        receiver: Receiver<u32>,
        wakes: Arc<Count>,
    }

    impl Awaited {
        fn poll(&mut self) -> Poll<u32> {
            let waker = Waker::from(Arc::clone(&self.wakes));
            Pin::new(&mut self.receiver).poll(&mut Context::from_waker(&waker))
        }

        fn wakes(&self) -> usize {
            self.wakes.0.load(Ordering::SeqCst)
        }
    }

    fn awaited() -> (Sender<u32>, Awaited) {
        let (sender, receiver) = handover();
        let mut awaited = Awaited { receiver, wakes: Arc::default() };
        assert_eq!(awaited.poll(), Poll::Pending);
        (sender, awaited)
    }

    fn send_all(senders: Vec<Sender<u32>>) {
        let mut bells = Bells::default();
        for (sender, answer) in senders.into_iter().zip(0..) {
            sender.send(answer, &mut bells);
        }
        bells.ring();
    }

    #[test]
    fn one_future_of_a_thread_is_woken_and_wakes_the_others() {
        let (senders, mut futures): (Vec<_>, Vec<_>) = (0..3).map(|_| awaited()).unzip();
        send_all(senders);
        assert_eq!(futures.iter().map(Awaited::wakes).collect::<Vec<_>>(), [0, 0, 1]);
        assert_eq!(futures[2].poll(), Poll::Ready(2));
        assert_eq!(futures.iter().map(Awaited::wakes).collect::<Vec<_>>(), [1, 1, 1]);
        assert_eq!((futures[0].poll(), futures[1].poll()), (Poll::Ready(0), Poll::Ready(1)));
    }

    #[test]
    fn a_dropped_future_still_wakes_the_others() {
        let (senders, mut futures): (Vec<_>, Vec<_>) = (0..2).map(|_| awaited()).unzip();
        send_all(senders);
        drop(futures.pop());
        assert_eq!(futures[0].wakes(), 1);
        assert_eq!(futures[0].poll(), Poll::Ready(0));
    }

    #[test]
    fn a_future_dropped_before_the_answer_takes_no_place() {
        let (senders, mut futures): (Vec<_>, Vec<_>) = (0..2).map(|_| awaited()).unzip();
        drop(futures.pop());
        send_all(senders);
        assert_eq!(futures[0].wakes(), 1);
    }

    #[test]
    fn an_answer_that_comes_before_the_first_poll_is_there() {
        let (sender, receiver) = handover();
        send_all(vec![sender]);
        let mut awaited = Awaited { receiver, wakes: Arc::default() };
        assert_eq!(awaited.poll(), Poll::Ready(0));
    }

    #[test]
    fn futures_of_different_threads_are_each_woken() {
        let (sender, here) = awaited();
        let (other_sender, there) = thread::spawn(awaited).join().unwrap();
        send_all(vec![sender, other_sender]);
        assert_eq!((here.wakes(), there.wakes()), (1, 1));
    }
}
