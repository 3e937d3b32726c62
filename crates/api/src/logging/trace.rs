//! The trace of the request for which a thread works. Its log lines meanwhile have the ids.

use std::cell::Cell;

/// The ids of a trace and of a span in it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TraceIds {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
}

thread_local! {
    static CURRENT: Cell<Option<TraceIds>> = const { Cell::new(None) };
}

/// Restores the ids that were set before.
struct Restore(Option<TraceIds>);

impl Drop for Restore {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Runs code whose log lines have these ids.
pub(crate) fn with_trace<T>(ids: Option<TraceIds>, run: impl FnOnce() -> T) -> T {
    let _restore = Restore(CURRENT.replace(ids));
    run()
}

/// The ids for a line that is logged now.
pub(super) fn current() -> Option<TraceIds> {
    CURRENT.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_restored_also_after_a_panic() {
        let ids = |span_id| Some(TraceIds { trace_id: 1, span_id });
        with_trace(ids(2), || {
            with_trace(ids(3), || assert_eq!(current(), ids(3)));
            let panicked = std::panic::catch_unwind(|| with_trace(ids(4), || panic!("a unit of this test panics")));
            assert!(panicked.is_err());
            assert_eq!(current(), ids(2));
        });
        assert_eq!(current(), None);
    }
}
