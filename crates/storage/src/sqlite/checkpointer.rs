//! The checkpointer: a thread with a connection of its own that copies the write-ahead log into the
//! database, so that the writer does not have to stop for it.
//!
//! A checkpoint competes with the writer for the disk. While the writer keeps up with the load, the
//! log is checkpointed every few milliseconds: each checkpoint is short and hardly delays a commit.
//! While the writer is saturated, every checkpoint costs throughput, and a page that many
//! transactions change is best copied once for all of them. So the log grows then, and the writer
//! checkpoints it when it is large (`wal_autocheckpoint`). That setting also bounds the log under a
//! load without pauses: little is left to copy, and the next transaction restarts the log.
//! Measurements: `docs/adr/0002-sqlite.md`.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connection::{AUTOCHECKPOINT, PAGE_BYTES, open_checkpointer};
use crate::OpenError;
use crate::queue::{Dequeued, Queue};
use crate::statistics::{Count, Gauge, Histogram, SqliteStatistics};

/// The pause between two checkpoints while the writer keeps up.
const PAUSE: Duration = Duration::from_millis(5);
/// The pause when there is nothing to checkpoint.
const PAUSE_WHEN_IDLE: Duration = Duration::from_millis(100);
/// The average number of units in a batch at which the writer is saturated: units that arrive
/// faster than they are committed share a commit. The time that the writer is busy is a poor
/// measure: at 3,000 bookings a second, each with a commit of its own, it waits for the disk nearly
/// all the time, and could commit many times as many.
const SATURATED: f64 = 16.0;
/// The weight of the latest observation in that average.
const WEIGHT: f64 = 0.2;
/// The size of the log, in pages, at which it is reported.
const LARGE: u64 = 2 * AUTOCHECKPOINT;
const PAGES_PER_MIB: u64 = 1024 * 1024 / PAGE_BYTES;

/// The longest pause, while an old snapshot keeps the log from being checkpointed.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How many batches the writer has run since it started, and how many units were in them.
#[derive(Default)]
pub(super) struct BatchCount {
    batches: AtomicU64,
    units: AtomicU64,
}

impl BatchCount {
    /// Counts a batch with this number of units.
    pub(super) fn add(&self, units: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.units.fetch_add(units as u64, Ordering::Relaxed);
    }

    /// The numbers of batches and units since the last call.
    fn take(&self) -> (u64, u64) {
        (self.batches.swap(0, Ordering::Relaxed), self.units.swap(0, Ordering::Relaxed))
    }
}

/// Records checkpoints, and the size of the log.
struct CheckpointRecord {
    durations: Histogram,
    failed: Count,
    log_bytes: Gauge,
    backlog_bytes: Gauge,
}

impl CheckpointRecord {
    fn new() -> Self {
        let (log_bytes, backlog_bytes) = Default::default();
        Self { durations: Histogram::of_durations(), failed: Count::default(), log_bytes, backlog_bytes }
    }

    fn note_size(&self, log: Log) {
        self.log_bytes.set(log.pages * PAGE_BYTES);
        self.backlog_bytes.set(log.pages.saturating_sub(log.copied) * PAGE_BYTES);
    }
}

/// The size of the write-ahead log, in pages.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
struct Log {
    pages: u64,
    /// How many of them have been copied into the database.
    copied: u64,
}

impl Log {
    const fn is_copied(self) -> bool {
        self.copied >= self.pages
    }
}

/// Decides when to checkpoint.
#[derive(Debug)]
struct Schedule {
    /// The moving average of the number of units in a batch.
    batch: f64,
    /// The pause before the next decision.
    pause: Duration,
    /// How many pages were copied after the last checkpoint.
    copied: Option<u64>,
}

impl Schedule {
    const fn new() -> Self {
        Self { batch: 0.0, pause: PAUSE_WHEN_IDLE, copied: None }
    }

    /// Whether to checkpoint now. `batches` and `units` are those since the last decision.
    #[expect(clippy::cast_precision_loss, reason = "an average of counts that are far from 2^53")]
    fn decide(&mut self, batches: u64, units: u64, log: Log) -> bool {
        let batch = units as f64 / batches.max(1) as f64;
        self.batch += WEIGHT * (batch - self.batch);
        if log.is_copied() {
            self.pause = PAUSE_WHEN_IDLE;
            return false;
        }
        if self.batch >= SATURATED {
            self.pause = PAUSE;
            return false;
        }
        true
    }

    /// Sets the pause after a checkpoint that took so long. A checkpoint that copied nothing,
    /// because of an old snapshot, doubles the pause.
    fn checkpointed(&mut self, took: Duration, log: Log) {
        self.pause = if self.copied == Some(log.copied) && !log.is_copied() {
            self.pause.saturating_mul(2).clamp(PAUSE, PAUSE_MAX)
        } else {
            took.max(PAUSE)
        };
        self.copied = Some(log.copied);
    }
}

/// Reports a large log once, until it is small again.
#[derive(Debug, Default)]
struct SizeReport {
    is_large: bool,
}

impl SizeReport {
    /// The message to report, if any.
    fn message(&mut self, log: Log) -> Option<String> {
        let was_large = std::mem::replace(&mut self.is_large, log.pages >= LARGE);
        (self.is_large && !was_large).then(|| {
            format!(
                "the write-ahead log has grown to {} MiB and keeps growing: a reader of the database, perhaps \
                 another process, has a long transaction, or the disk is too slow",
                log.pages / PAGES_PER_MIB
            )
        })
    }
}

/// The checkpointer thread.
pub(super) struct Checkpointer {
    /// Closed with the store.
    closing: Arc<Queue<()>>,
    record: Arc<CheckpointRecord>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpointer {
    /// Starts the thread for the database at `path`. The writer counts its `batches`.
    pub(super) fn start(path: &Path, batches: Arc<BatchCount>) -> Result<Self, OpenError> {
        let connection = open_checkpointer(path)?;
        let closing = Arc::new(Queue::new(1));
        let record = Arc::new(CheckpointRecord::new());
        let (closed, recorded) = (Arc::clone(&closing), Arc::clone(&record));
        let thread = std::thread::Builder::new()
            .name("checkpointer".into())
            .spawn(move || run(&connection, &batches, &recorded, &closed))
            .map_err(OpenError::Thread)?;
        Ok(Self { closing, record, thread: Mutex::new(Some(thread)) })
    }

    pub(super) fn statistics(&self) -> SqliteStatistics {
        SqliteStatistics {
            checkpoint_seconds: self.record.durations.snapshot(),
            failed_checkpoints: self.record.failed.get(),
            log_bytes: self.record.log_bytes.get(),
            log_backlog_bytes: self.record.backlog_bytes.get(),
        }
    }

    /// Ends the thread, after the checkpoint that it runs.
    pub(super) fn close(&self) {
        self.closing.close();
        let mut thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner);
        if thread.take().is_some_and(|thread| thread.join().is_err()) {
            log::error!("the checkpointer thread panicked");
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.close();
    }
}

fn run(connection: &Connection, count: &BatchCount, record: &CheckpointRecord, closing: &Queue<()>) {
    let (mut schedule, mut report, mut has_failed) = (Schedule::new(), SizeReport::default(), false);
    while closing.take_all(&mut VecDeque::new(), schedule.pause) == Dequeued::Idle {
        let (batches, units) = count.take();
        let result = log(connection, "PRAGMA wal_checkpoint(NOOP)").and_then(|size| {
            record.note_size(size);
            if let Some(message) = report.message(size) {
                log::warn!("{message}");
            }
            if schedule.decide(batches, units, size) {
                let begun = Instant::now();
                let size = log(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
                let took = begun.elapsed();
                record.durations.observe_duration(took);
                record.note_size(size);
                schedule.checkpointed(took, size);
            }
            Ok(())
        });
        let is_reported = std::mem::replace(&mut has_failed, result.is_err());
        if let Err(error) = result {
            schedule.pause = PAUSE_MAX;
            record.failed.increment();
            if !is_reported {
                log::warn!("the write-ahead log cannot be checkpointed: {error}");
            }
        }
    }
}

/// Runs a checkpoint command, and returns the size of the log after it.
fn log(connection: &Connection, checkpoint: &str) -> rusqlite::Result<Log> {
    // The size is -1 before the first transaction, when there is no log.
    let pages = |size: i64| u64::try_from(size).unwrap_or(0);
    connection
        .prepare_cached(checkpoint)?
        .query_row([], |row| Ok(Log { pages: pages(row.get(1)?), copied: pages(row.get(2)?) }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::open_writer;

    const BACKLOG: Log = Log { pages: 100, copied: 40 };

    /// A schedule after many decisions with batches of this size.
    fn schedule_at(batch: u64) -> Schedule {
        let mut schedule = Schedule::new();
        for _ in 0..100 {
            schedule.decide(10, 10 * batch, BACKLOG);
        }
        schedule
    }

    #[test]
    fn a_log_is_checkpointed_while_batches_are_small() {
        for (batch, is_due) in [(0, true), (1, true), (15, true), (17, false), (1_000, false)] {
            assert_eq!(schedule_at(batch).decide(10, 10 * batch, BACKLOG), is_due, "{batch}");
        }
    }

    #[test]
    fn a_short_pause_or_burst_changes_little() {
        // The latest of the observations has the weight of a fifth.
        let mut schedule = schedule_at(30);
        let is_due = [(); 4].map(|()| schedule.decide(0, 0, BACKLOG));
        assert_eq!(is_due, [false, false, true, true]);
        assert!(schedule_at(1).decide(1, 64, BACKLOG));
    }

    #[test]
    fn a_copied_log_is_not_checkpointed() {
        let mut schedule = schedule_at(0);
        assert!(!schedule.decide(0, 0, Log { pages: 100, copied: 100 }));
        assert_eq!(schedule.pause, PAUSE_WHEN_IDLE);
        assert!(!schedule.decide(0, 0, Log::default()));
    }

    #[test]
    fn the_pause_is_as_long_as_the_checkpoint() {
        let mut schedule = schedule_at(1);
        schedule.checkpointed(Duration::from_millis(1), Log { pages: 100, copied: 100 });
        assert_eq!(schedule.pause, PAUSE);
        schedule.checkpointed(Duration::from_millis(40), Log { pages: 200, copied: 150 });
        assert_eq!(schedule.pause, Duration::from_millis(40));
    }

    #[test]
    fn checkpoints_that_copy_nothing_become_rare() {
        let mut schedule = schedule_at(1);
        schedule.checkpointed(PAUSE, BACKLOG);
        let pauses = [(); 9].map(|()| {
            schedule.checkpointed(PAUSE, BACKLOG);
            schedule.pause.as_millis()
        });
        assert_eq!(pauses, [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
        schedule.checkpointed(PAUSE, Log { pages: 100, copied: 41 });
        assert_eq!(schedule.pause, PAUSE);
    }

    #[test]
    fn a_large_log_is_reported_once_until_it_is_small_again() {
        let mut report = SizeReport::default();
        let mut is_reported = |pages| report.message(Log { pages, copied: 0 }).is_some();
        assert_eq!(
            [LARGE - 1, LARGE, LARGE + 1, LARGE - 1, LARGE].map(&mut is_reported),
            [false, true, false, false, true]
        );
        let message = SizeReport::default().message(Log { pages: LARGE, copied: 0 }).unwrap();
        assert!(message.contains("grown to 234 MiB"), "{message}");
    }

    #[test]
    fn the_checkpointer_copies_the_log() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("headroom.db");
        let writer = open_writer(&path).unwrap();
        writer.execute_batch("CREATE TABLE t (x)").unwrap();
        let checkpointer = Checkpointer::start(&path, Arc::default()).unwrap();
        let end = Instant::now() + Duration::from_secs(30);
        loop {
            let size = log(&writer, "PRAGMA wal_checkpoint(NOOP)").unwrap();
            assert_ne!(size.pages, 0);
            if size.is_copied() {
                break;
            }
            assert!(Instant::now() < end, "{size:?}");
        }
        while checkpointer.statistics().checkpoint_seconds.count == 0 {
            assert!(Instant::now() < end, "{:?}", checkpointer.statistics());
            std::thread::yield_now();
        }
        let statistics = checkpointer.statistics();
        assert!(statistics.log_bytes >= PAGE_BYTES && statistics.failed_checkpoints == 0, "{statistics:?}");
        checkpointer.close();
    }
}
