//! The span of the request that a thread serves. The threads that serve requests interleave them,
//! so the span is set whenever a request's future is polled, and the log lines meanwhile have its
//! ids.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::time::Instant;

use super::span::RequestSpan;
use crate::logging::with_trace;

thread_local! {
    static CURRENT: RefCell<Option<Rc<RequestSpan>>> = const { RefCell::new(None) };
}

/// The span of the request that this thread serves now, if it is traced.
pub(crate) fn current() -> Option<Rc<RequestSpan>> {
    CURRENT.with_borrow(Clone::clone)
}

/// Restores the span that was set before.
struct Restore(Option<Rc<RequestSpan>>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0.take());
    }
}

/// The future of a request with this span.
pub(crate) async fn in_span<F: Future>(span: Rc<RequestSpan>, future: F) -> F::Output {
    let mut future = pin!(future);
    poll_fn(|context| {
        let _restore = Restore(CURRENT.replace(Some(Rc::clone(&span))));
        with_trace(Some(span.ids()), || future.as_mut().poll(context))
    })
    .await
}

/// The steps that hash passwords, which take the most time of a login.
pub(crate) const HASH_PASSWORD: &str = "password.hash";
pub(crate) const VERIFY_PASSWORD: &str = "password.verify";

/// A step of a request that is no unit of work: it has a child span, if the request is sampled.
pub(crate) async fn step<F: Future>(name: &'static str, future: F) -> F::Output {
    let Some(span) = current().filter(|span| span.is_sampled()) else { return future.await };
    let begun = Instant::now();
    let output = future.await;
    span.add_step(name, begun, Instant::now());
    output
}
