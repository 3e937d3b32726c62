//! The counts of spans: waiting, exported and dropped.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

/// The counts of spans since the start, for monitoring.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct SpanCounts {
    /// How many the collector has accepted.
    pub(crate) exported: u64,
    /// How many were dropped because the queue was full.
    pub(crate) queue_full: u64,
    /// How many were dropped because the collector did not accept them in time.
    pub(crate) export_failed: u64,
}

/// Counts spans.
#[derive(Debug, Default)]
pub(super) struct SpanRecord {
    /// How many wait in the queue.
    queued: AtomicUsize,
    exported: AtomicU64,
    queue_full: AtomicU64,
    export_failed: AtomicU64,
}

impl SpanRecord {
    /// Counts a span into a queue of this size. Returns whether it has room.
    pub(super) fn enqueue(&self, queue_max: usize) -> bool {
        let has_room = self.queued.fetch_add(1, Ordering::Relaxed) < queue_max;
        if !has_room {
            self.queued.fetch_sub(1, Ordering::Relaxed);
            self.queue_full.fetch_add(1, Ordering::Relaxed);
        }
        has_room
    }

    /// Counts spans out of the queue.
    pub(super) fn dequeue(&self, spans: usize) {
        self.queued.fetch_sub(spans, Ordering::Relaxed);
    }

    /// Counts spans that the collector has accepted or not.
    pub(super) fn count_export(&self, spans: usize, is_accepted: bool) {
        let count = if is_accepted { &self.exported } else { &self.export_failed };
        count.fetch_add(u64::try_from(spans).unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    /// How many spans wait in the queue.
    pub(super) fn queued(&self) -> usize {
        self.queued.load(Ordering::Relaxed)
    }

    pub(super) fn snapshot(&self) -> SpanCounts {
        let [exported, queue_full, export_failed] =
            [&self.exported, &self.queue_full, &self.export_failed].map(|count| count.load(Ordering::Relaxed));
        SpanCounts { exported, queue_full, export_failed }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_find_the_queue_full_are_counted() {
        let record = SpanRecord::default();
        assert_eq!([(); 5].map(|()| record.enqueue(3)), [true, true, true, false, false]);
        record.dequeue(2);
        assert_eq!([(); 3].map(|()| record.enqueue(3)), [true, true, false]);
        record.count_export(2, true);
        record.count_export(1, false);
        assert_eq!(record.queued(), 3);
        assert_eq!(record.snapshot(), SpanCounts { exported: 2, queue_full: 3, export_failed: 1 });
    }
}
