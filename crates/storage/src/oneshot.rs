//! A oneshot channel from a worker thread to the future that awaits the answer, with one wake-up
//! per thread and batch.
//!
//! Waking a task of another thread costs a lock and, when its runtime sleeps, a system call. So the
//! answers of a batch are all sent first, and then one future of each awaiting thread is woken. The
//! first future of a thread that receives its answer, or is dropped, wakes the others from their
//! own thread.

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::sync::{Arc, Mutex, MutexGuard, PoisonError, ThreadId, current};

/// The two ends of a channel for one answer.
pub(crate) fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let slot = Arc::new(Mutex::new(Slot::Pending(None)));
    (Sender(Arc::clone(&slot)), Receiver(slot))
}

enum Slot<T> {
    /// No answer yet. The waker of the future that awaits it, and the thread it was polled on.
    Pending(Option<(ThreadId, Waker)>),
    /// The answer, and the wakers of the same batch and thread.
    Answered(T, Option<Arc<ThreadWakers>>),
    /// The answer was received, or the receiver was dropped.
    Closed,
}

fn lock<T>(slot: &Mutex<T>) -> MutexGuard<'_, T> {
    // Of the code under these locks only `Waker::clone` can panic, and it leaves the slot
    // unchanged.
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sending end, held by the worker.
pub(crate) struct Sender<T>(Arc<Mutex<Slot<T>>>);

impl<T> Sender<T> {
    /// Stores the answer. The future that awaits it is woken by [`Wakers::wake`].
    pub(crate) fn send(self, answer: T, wakers: &mut Wakers) {
        let mut slot = lock(&self.0);
        match &mut *slot {
            Slot::Pending(waiting) => {
                let neighbours = waiting.take().map(|(thread, waker)| wakers.add(thread, waker));
                *slot = Slot::Answered(answer, neighbours);
            }
            // The receiver was dropped. The answer is dropped after the lock is released.
            Slot::Answered(..) | Slot::Closed => drop(slot),
        }
    }
}

/// The receiving end: a future of the answer.
pub(crate) struct Receiver<T>(Arc<Mutex<Slot<T>>>);

impl<T> Receiver<T> {
    /// Receives the answer if it has been sent. Closes the channel in that case, or if `closing`.
    pub(crate) fn take(&self, closing: bool) -> Option<T> {
        let mut slot = lock(&self.0);
        if !closing && matches!(*slot, Slot::Pending(_)) {
            return None;
        }
        let previous = std::mem::replace(&mut *slot, Slot::Closed);
        drop(slot);
        let Slot::Answered(answer, neighbours) = previous else { return None };
        if let Some(neighbours) = neighbours {
            neighbours.wake_all();
        }
        Some(answer)
    }
}

impl<T> Future for Receiver<T> {
    type Output = T;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<T> {
        if let Slot::Pending(waiting) = &mut *lock(&self.0) {
            let thread = current().id();
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

/// The wakers of the futures of one thread that a batch has answered and that are not woken yet.
#[derive(Default)]
struct ThreadWakers(Mutex<Vec<Waker>>);

impl ThreadWakers {
    fn wake_all(&self) {
        let wakers = std::mem::take(&mut *lock(&self.0));
        for waker in wakers {
            waker.wake();
        }
    }
}

/// The wakers of the futures that a batch has answered, grouped by thread.
#[derive(Default)]
pub(crate) struct Wakers(Vec<(ThreadId, Arc<ThreadWakers>)>);

impl Wakers {
    fn add(&mut self, thread: ThreadId, waker: Waker) -> Arc<ThreadWakers> {
        let group = if let Some((_, group)) = self.0.iter().find(|(known, _)| *known == thread) {
            Arc::clone(group)
        } else {
            let group = Arc::new(ThreadWakers::default());
            self.0.push((thread, Arc::clone(&group)));
            group
        };
        lock(&group.0).push(waker);
        group
    }

    /// Wakes one future per thread. A waker that is still in its group belongs to a future that has
    /// not received its answer yet; when it does, or is dropped, it wakes those that remain.
    pub(crate) fn wake(&mut self) {
        for (_, group) in self.0.drain(..) {
            let first = lock(&group.0).pop();
            if let Some(waker) = first {
                waker.wake();
            }
        }
    }
}

impl Drop for Wakers {
    /// A worker that panics between two answers wakes the futures that it has answered.
    fn drop(&mut self) {
        self.wake();
    }
}

#[cfg(test)]
#[path = "oneshot/tests.rs"]
mod tests;
