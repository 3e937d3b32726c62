//! What threads of a store count in: atomics, so that no thread waits for another one or for the
//! system that monitors it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::{Distribution, TransactionStatistics};

/// How many events there were.
#[derive(Debug, Default)]
pub(crate) struct Count(AtomicU64);

impl Count {
    /// Counts one more.
    pub(crate) fn increment(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A number that rises and falls.
#[derive(Debug, Default)]
pub(crate) struct Gauge(AtomicU64);

impl Gauge {
    pub(crate) fn set(&self, value: u64) {
        self.0.store(value, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The upper bounds of durations, in nanoseconds: 100 µs to 5 s.
const DURATIONS: [u64; 15] = [
    100_000,
    250_000,
    500_000,
    1_000_000,
    2_500_000,
    5_000_000,
    10_000_000,
    25_000_000,
    50_000_000,
    100_000_000,
    250_000_000,
    500_000_000,
    1_000_000_000,
    2_500_000_000,
    5_000_000_000,
];
/// The upper bounds of numbers of units.
const UNITS: [u64; 11] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024, 4096];
const NANOSECONDS_PER_SECOND: f64 = 1e9;

/// Counts values in buckets.
#[derive(Debug)]
pub(crate) struct Histogram {
    bounds: &'static [u64],
    /// What a value is divided by in a snapshot.
    scale: f64,
    /// How many values each bucket has; the last one has those beyond all bounds.
    counts: Box<[AtomicU64]>,
    sum: AtomicU64,
}

impl Histogram {
    /// Of durations, which a snapshot has in seconds.
    pub(crate) fn of_durations() -> Self {
        Self::new(&DURATIONS, NANOSECONDS_PER_SECOND)
    }

    /// Of numbers of units.
    pub(crate) fn of_units() -> Self {
        Self::new(&UNITS, 1.0)
    }

    fn new(bounds: &'static [u64], scale: f64) -> Self {
        let counts = (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect();
        Self { bounds, scale, counts, sum: AtomicU64::new(0) }
    }

    pub(crate) fn observe(&self, value: u64) {
        let bucket = self.bounds.partition_point(|&bound| bound < value);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    pub(crate) fn observe_duration(&self, duration: Duration) {
        self.observe(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX));
    }

    /// The values so far. Those that are observed meanwhile may be in the sum alone.
    #[expect(clippy::cast_precision_loss, reason = "monitoring computes with f64")]
    pub(crate) fn snapshot(&self) -> Distribution {
        let sum = self.sum.load(Ordering::Relaxed) as f64 / self.scale;
        let mut count = 0;
        let mut cumulated = self.counts.iter().map(|bucket| {
            count += bucket.load(Ordering::Relaxed);
            count
        });
        let bounds = self.bounds.iter().map(|&bound| bound as f64 / self.scale);
        let buckets = bounds.zip(cumulated.by_ref()).collect();
        // Those beyond all bounds.
        cumulated.for_each(drop);
        Distribution { buckets, count, sum }
    }
}

/// Records the transactions that write.
#[derive(Debug)]
pub(crate) struct TransactionRecord {
    units: Histogram,
    durations: Histogram,
    commits: Histogram,
    failed: Count,
}

impl Default for TransactionRecord {
    fn default() -> Self {
        let [durations, commits] = [(); 2].map(|()| Histogram::of_durations());
        Self { units: Histogram::of_units(), durations, commits, failed: Count::default() }
    }
}

impl TransactionRecord {
    /// Records a commit that began at this instant and ends now.
    pub(crate) fn commit_ended(&self, begun: Instant) {
        self.commits.observe_duration(begun.elapsed());
    }

    /// Records a transaction of so many units that began at this instant and ends now.
    pub(crate) fn ended(&self, units: usize, begun: Instant, is_committed: bool) {
        self.units.observe(units as u64);
        self.durations.observe_duration(begun.elapsed());
        if !is_committed {
            self.failed.increment();
        }
    }

    pub(crate) fn snapshot(&self) -> TransactionStatistics {
        TransactionStatistics {
            units: self.units.snapshot(),
            seconds: self.durations.snapshot(),
            commit_seconds: self.commits.snapshot(),
            failed: self.failed.get(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_in_the_first_bucket_that_is_not_below_it() {
        let histogram = Histogram::of_units();
        assert_eq!(histogram.snapshot().count, 0);
        for units in [0, 1, 2, 3, 4096, 4097, 10_000] {
            histogram.observe(units);
        }
        let Distribution { buckets, count, sum } = histogram.snapshot();
        assert_eq!(buckets[..3], [(1.0, 2), (2.0, 3), (4.0, 4)]);
        assert_eq!((buckets[9], buckets[10]), ((1024.0, 4), (4096.0, 5)));
        assert_eq!((buckets.len(), count, sum.to_string().as_str()), (11, 7, "18199"));
    }

    #[test]
    fn a_duration_is_in_seconds() {
        let histogram = Histogram::of_durations();
        histogram.observe_duration(Duration::from_micros(2_500));
        histogram.observe_duration(Duration::from_secs(2));
        let Distribution { buckets, count, sum } = histogram.snapshot();
        let of = |bound: f64| buckets.iter().find(|(its, _)| its.to_string() == bound.to_string()).map(|it| it.1);
        assert_eq!([0.001, 0.0025, 1.0, 2.5, 5.0].map(of), [0, 1, 1, 2, 2].map(Some));
        assert_eq!((count, sum.to_string().as_str()), (2, "2.0025"));
    }

    #[test]
    fn bounds_ascend() {
        assert!(DURATIONS.is_sorted() && UNITS.is_sorted());
    }
}
