//! The checkpointer: a thread with a connection of its own that copies the write-ahead log into the
//! database, so that the writer does not have to stop for it.
//!
//! A checkpoint competes with the writer for the disk. While the writer keeps up with what comes, the
//! log is checkpointed every few milliseconds: each checkpoint is short and delays a commit only a little.
//! While the writer is saturated, every checkpoint costs throughput, and a page that many
//! transactions change is best copied once for all of them. So the log grows then, and the writer
//! checkpoints it when it is large (`wal_autocheckpoint`). That setting also ends a log that never
//! stops growing because there is always one more transaction: what is left to copy is little, and
//! the next transaction begins the log anew. Measurements: `docs/adr/0002-sqlite.md`.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::connection::{AUTOCHECKPOINT, open_checkpointer};
use crate::OpenError;
use crate::queue::{Dequeued, Queue};

/// The pause between two checkpoints while the writer keeps up.
const PAUSE: Duration = Duration::from_millis(5);
/// The pause before the next look when there is nothing to do.
const PAUSE_WHEN_IDLE: Duration = Duration::from_millis(100);
/// How many units a batch has on average from which on the writer counts as saturated: units that
/// come faster than they are committed share a commit. (The time that the writer is busy says less. At
/// 3,000 bookings a second, one to a commit, it waits for the disk nearly all the time, and could do
/// many times as much.)
const SATURATED: f64 = 16.0;
/// The weight of the latest observation in that average.
const WEIGHT: f64 = 0.2;
/// The size of the log, in pages, from which on it is reported.
const LARGE: u64 = 2 * AUTOCHECKPOINT;
/// Pages have 4 KiB.
const PAGES_PER_MIB: u64 = 256;

/// The longest pause, while a snapshot that is open for long keeps the log from being checkpointed.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// How many batches the writer has run since it started, and how many units were in them.
#[derive(Default)]
pub(super) struct BatchCount {
    batches: AtomicU64,
    units: AtomicU64,
}

impl BatchCount {
    /// Counts a batch of so many units.
    pub(super) fn add(&self, units: usize) {
        self.batches.fetch_add(1, Ordering::Relaxed);
        self.units.fetch_add(units as u64, Ordering::Relaxed);
    }

    /// How many batches and units were counted since the last call.
    fn take(&self) -> (u64, u64) {
        (self.batches.swap(0, Ordering::Relaxed), self.units.swap(0, Ordering::Relaxed))
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

/// When to checkpoint.
#[derive(Debug)]
struct Schedule {
    /// How many units a batch has: a moving average.
    batch: f64,
    /// How long to wait before the next look.
    pause: Duration,
    /// How much of the log the last checkpoint left copied.
    copied: Option<u64>,
}

impl Schedule {
    const fn new() -> Self {
        Self { batch: 0.0, pause: PAUSE_WHEN_IDLE, copied: None }
    }

    /// Whether to checkpoint now, when the writer has run so many batches with so many units since the
    /// last look.
    #[expect(clippy::cast_precision_loss, reason = "an average of counts that are far from 2^53")]
    fn look(&mut self, batches: u64, units: u64, log: Log) -> bool {
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

    /// Sets the pause after a checkpoint that `took` so long. One that copied nothing, because a
    /// snapshot still needs the database as it is, doubles the pause.
    fn checkpointed(&mut self, took: Duration, log: Log) {
        self.pause = if self.copied == Some(log.copied) && !log.is_copied() {
            self.pause.saturating_mul(2).clamp(PAUSE, PAUSE_MAX)
        } else {
            took.max(PAUSE)
        };
        self.copied = Some(log.copied);
    }
}

/// Reports a log that has become large, once until it is small again.
#[derive(Debug, Default)]
struct SizeReport {
    is_large: bool,
}

impl SizeReport {
    /// The message, if there is something to report.
    fn look(&mut self, log: Log) -> Option<String> {
        let was_large = std::mem::replace(&mut self.is_large, log.pages >= LARGE);
        (self.is_large && !was_large).then(|| {
            format!(
                "the write-ahead log has grown to {} MiB: a reader of the database, perhaps another process, \
                 has kept a transaction open for long, or the disk is too slow; the log grows until it ends",
                log.pages / PAGES_PER_MIB
            )
        })
    }
}

/// The thread.
pub(super) struct Checkpointer {
    /// Closed when the store is.
    closing: Arc<Queue<()>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Checkpointer {
    /// Starts the thread, for the database at `path`, whose writer counts its `batches`.
    pub(super) fn start(path: &Path, batches: Arc<BatchCount>) -> Result<Self, OpenError> {
        let connection = open_checkpointer(path)?;
        let closing = Arc::new(Queue::new(1));
        let closed = Arc::clone(&closing);
        let thread = std::thread::Builder::new()
            .name("checkpointer".into())
            .spawn(move || run(&connection, &batches, &closed))
            .map_err(OpenError::Thread)?;
        Ok(Self { closing, thread: Mutex::new(Some(thread)) })
    }

    /// Ends the thread. Waits for a checkpoint that it is at.
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

fn run(connection: &Connection, count: &BatchCount, closing: &Queue<()>) {
    let (mut schedule, mut report, mut has_failed) = (Schedule::new(), SizeReport::default(), false);
    while closing.take_all(&mut VecDeque::new(), schedule.pause) == Dequeued::Idle {
        let (batches, units) = count.take();
        let result = log(connection, "PRAGMA wal_checkpoint(NOOP)").and_then(|size| {
            if let Some(message) = report.look(size) {
                log::warn!("{message}");
            }
            if schedule.look(batches, units, size) {
                let begun = Instant::now();
                let size = log(connection, "PRAGMA wal_checkpoint(PASSIVE)")?;
                schedule.checkpointed(begun.elapsed(), size);
            }
            Ok(())
        });
        let is_reported = std::mem::replace(&mut has_failed, result.is_err());
        if let Err(error) = result {
            schedule.pause = PAUSE_MAX;
            if !is_reported {
                log::warn!("the write-ahead log cannot be checkpointed: {error}");
            }
        }
    }
}

/// Runs a checkpoint of some kind, and returns the size that the log has then.
fn log(connection: &Connection, checkpoint: &str) -> rusqlite::Result<Log> {
    // There is no log, -1, before the first transaction.
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

    /// A schedule after many looks at a writer whose batches have so many units.
    fn schedule_at(batch: u64) -> Schedule {
        let mut schedule = Schedule::new();
        for _ in 0..100 {
            schedule.look(10, 10 * batch, BACKLOG);
        }
        schedule
    }

    #[test]
    fn a_log_is_checkpointed_while_batches_are_small() {
        for (batch, is_due) in [(0, true), (1, true), (15, true), (17, false), (1_000, false)] {
            assert_eq!(schedule_at(batch).look(10, 10 * batch, BACKLOG), is_due, "{batch}");
        }
    }

    #[test]
    fn a_moment_without_work_or_with_a_burst_changes_little() {
        // The average is over some looks, of which the last counts a fifth.
        let mut schedule = schedule_at(30);
        let is_due = [(); 4].map(|()| schedule.look(0, 0, BACKLOG));
        assert_eq!(is_due, [false, false, true, true]);
        assert!(schedule_at(1).look(1, 64, BACKLOG));
    }

    #[test]
    fn a_log_that_is_copied_is_left_alone() {
        let mut schedule = schedule_at(0);
        assert!(!schedule.look(0, 0, Log { pages: 100, copied: 100 }));
        assert_eq!(schedule.pause, PAUSE_WHEN_IDLE);
        assert!(!schedule.look(0, 0, Log::default()));
    }

    #[test]
    fn the_pause_is_as_long_as_the_checkpoint_and_at_least_a_few_milliseconds() {
        let mut schedule = schedule_at(1);
        schedule.checkpointed(Duration::from_millis(1), Log { pages: 100, copied: 100 });
        assert_eq!(schedule.pause, PAUSE);
        schedule.checkpointed(Duration::from_millis(40), Log { pages: 200, copied: 150 });
        assert_eq!(schedule.pause, Duration::from_millis(40));
    }

    #[test]
    fn checkpoints_that_copy_nothing_become_rare_until_one_does() {
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
        let mut is_reported = |pages| report.look(Log { pages, copied: 0 }).is_some();
        assert_eq!(
            [LARGE - 1, LARGE, LARGE + 1, LARGE - 1, LARGE].map(&mut is_reported),
            [false, true, false, false, true]
        );
        let message = SizeReport::default().look(Log { pages: LARGE, copied: 0 }).unwrap();
        assert!(message.contains("grown to 234 MiB"), "{message}");
    }

    #[test]
    fn the_log_is_copied_without_the_writer() {
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
        checkpointer.close();
    }
}
