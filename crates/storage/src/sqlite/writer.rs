//! The writer: a thread that owns the writing connection and commits all queued units as one batch
//! (group commit).
//!
//! SQLite allows one writer at a time in any case. While one batch is synced, the next one queues
//! up. So all units of a batch share one sync, and none waits for a timer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::{Duration, Instant};

use domain::error::StorageError;
use rusqlite::Connection;

use super::checkpointer::BatchCount;
use super::error::{commit_error, storage_error};
use super::transaction::Transaction;
use crate::maintenance::{MaintenanceSchedule, MaintenanceStep};
use crate::oneshot::Wakers;
use crate::queue::{Dequeued, Queue};
use crate::stages::Stage;
use crate::statistics::TransactionRecord;
use crate::tx::SqlTx;
use crate::unit::{Outcome, WriteUnit};

pub(crate) type WriteQueue = Queue<Box<dyn WriteUnit>>;

/// How the units of a batch are isolated from each other.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Isolation {
    /// None, which is enough for units that fail before they write, as nearly all failing units do.
    None,
    /// A savepoint for each unit. It costs a fifth of the throughput.
    Savepoints,
}

/// Runs units from `queue` until it is closed and empty, and maintenance steps between batches.
pub(super) fn run(
    connection: &Connection,
    queue: &Arc<WriteQueue>,
    mut maintenance: MaintenanceSchedule,
    batches: &BatchCount,
    record: &TransactionRecord,
) {
    let _close_queue = CloseOnDrop(Arc::clone(queue));
    let mut units = VecDeque::new();
    loop {
        let dequeued = queue.take_all(&mut units, maintenance.idle_after());
        let begun = Instant::now();
        match dequeued {
            Dequeued::Jobs => {
                batches.add(units.len());
                run_batch(connection, &mut units, record);
            }
            Dequeued::Idle => {}
            Dequeued::Closed => break,
        }
        if let Some(MaintenanceStep { unit, result }) = maintenance.next(begun, dequeued) {
            units.push_back(unit);
            run_batch(connection, &mut units, record);
            maintenance.record(Instant::now(), &result);
        }
    }
    truncate_log(connection);
}

fn begin(connection: &Connection) -> Result<(), StorageError> {
    execute(connection, "BEGIN IMMEDIATE").map_err(storage_error)
}

/// Closes the queue when the writer ends, also by a panic, so that no caller waits forever.
struct CloseOnDrop(Arc<WriteQueue>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
        // Units that are still queued are dropped, which answers them with an error.
        while self.0.take().is_some() {}
    }
}

/// Runs the units in one transaction, and answers them when it is durable.
fn run_batch(connection: &Connection, units: &mut VecDeque<Box<dyn WriteUnit>>, record: &TransactionRecord) {
    let (begun, count) = (Instant::now(), units.len());
    let mut wakers = Wakers::default();
    let committed = commit(connection, units, &mut wakers, record);
    record.ended(count, begun, committed.is_ok());
    if let Err(error) = &committed {
        log::error!("a batch of {} units was not committed: {error}", units.len());
        roll_back(connection);
    }
    for mut unit in units.drain(..) {
        unit.answer(committed.clone(), &mut wakers);
    }
    wakers.wake();
}

fn commit(
    connection: &Connection,
    units: &mut VecDeque<Box<dyn WriteUnit>>,
    wakers: &mut Wakers,
    record: &TransactionRecord,
) -> Result<(), StorageError> {
    begin(connection)?;
    if run_units(connection, units, Isolation::None, wakers)? == BatchState::Dirty {
        // Only the whole batch can be rolled back now. The units run again, each in a savepoint.
        roll_back(connection);
        begin(connection)?;
        run_units(connection, units, Isolation::Savepoints, wakers)?;
    }
    let stage = Stage::Commit { units: units.len() };
    for unit in &*units {
        unit.stages().begin(stage);
    }
    let begun = Instant::now();
    let committed = execute(connection, "COMMIT").map_err(commit_error);
    record.commit_ended(begun);
    committed
}

/// Whether the transaction contains writes of a unit that failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum BatchState {
    /// No such writes: it may be committed.
    Clean,
    /// Such writes: it must be rolled back.
    Dirty,
}

/// Runs the units, up to the first that makes the batch dirty. Units that panic are answered and
/// removed from the batch.
fn run_units(
    connection: &Connection,
    units: &mut VecDeque<Box<dyn WriteUnit>>,
    isolation: Isolation,
    wakers: &mut Wakers,
) -> Result<BatchState, StorageError> {
    let mut index = 0;
    while let Some(unit) = units.get_mut(index) {
        let (outcome, state) = run_unit(connection, unit.as_mut(), isolation)?;
        if outcome == Outcome::Panicked {
            if let Some(mut unit) = units.remove(index) {
                unit.answer(Ok(()), wakers);
            }
        } else {
            index += 1;
        }
        if state == BatchState::Dirty {
            return Ok(BatchState::Dirty);
        }
    }
    Ok(BatchState::Clean)
}

/// Runs one unit. An error means that the whole transaction was rolled back.
fn run_unit(
    connection: &Connection,
    unit: &mut dyn WriteUnit,
    isolation: Isolation,
) -> Result<(Outcome, BatchState), StorageError> {
    let command = |sql| execute(connection, sql).map_err(storage_error);
    if isolation == Isolation::Savepoints {
        command("SAVEPOINT unit")?;
    }
    let mut transaction = Transaction::new(connection);
    let outcome = unit.run(&mut SqlTx::new(&mut transaction));
    unit.stages().begin(Stage::Batch);
    // SQLite rolls the transaction back by itself after some errors, a full disk among them.
    if connection.is_autocommit() {
        return Err(StorageError::Unavailable("the database rolled the transaction back".into()));
    }
    let has_failed_writes = outcome != Outcome::Succeeded && transaction.has_written();
    if isolation == Isolation::Savepoints {
        if has_failed_writes {
            command("ROLLBACK TO unit")?;
        }
        command("RELEASE unit")?;
    }
    let is_dirty = has_failed_writes && isolation == Isolation::None;
    Ok((outcome, if is_dirty { BatchState::Dirty } else { BatchState::Clean }))
}

fn execute(connection: &Connection, sql: &str) -> rusqlite::Result<()> {
    connection.prepare_cached(sql)?.execute([]).map(drop)
}

fn roll_back(connection: &Connection) {
    if !connection.is_autocommit()
        && let Err(error) = execute(connection, "ROLLBACK")
    {
        log::error!("cannot roll back: {error}");
    }
}

/// Copies the whole write-ahead log into the database and truncates it, unless another process uses
/// it.
fn truncate_log(connection: &Connection) {
    let truncate = || {
        // Do not wait for the other process.
        connection.busy_timeout(Duration::ZERO)?;
        // A truncating checkpoint holds the write lock while it copies. A passive one does not, and
        // leaves to it only what is committed meanwhile.
        connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
    };
    if let Err(error) = truncate() {
        log::warn!("the write-ahead log cannot be truncated: {error}");
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use domain::ports::WriteTx;
    use testkit::block_on;
    use testkit::fixtures::{CountingIds, account};

    use super::super::{open_writer, schema};
    use super::*;
    use crate::stages::UnitStages;
    use crate::unit::write_unit;

    /// Runs a batch of a unit that succeeds and one that does `work` and is refused. Returns how
    /// often the first one ran.
    fn count_runs_beside(mut work: impl FnMut(&mut dyn WriteTx) -> Result<(), StorageError> + Send + 'static) -> usize {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, Path::new("test.db")).unwrap();
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&runs);
        let (unit, result) = write_unit::<_, StorageError>(UnitStages::default(), move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(())
        });
        let refusal = StorageError::Backend("refused".into());
        let refused = refusal.clone();
        let (refused_unit, refused_result) = write_unit::<(), _>(UnitStages::default(), move |tx| {
            work(tx)?;
            Err(refused.clone())
        });
        run_batch(&connection, &mut VecDeque::from([unit, refused_unit]), &TransactionRecord::default());
        assert_eq!((block_on(result), block_on(refused_result)), (Ok(()), Err(refusal)));
        runs.load(Ordering::Relaxed)
    }

    #[test]
    fn a_unit_refused_after_a_write_makes_its_batch_run_again() {
        let account = account(CountingIds::default().account());
        assert_eq!(count_runs_beside(move |tx| tx.insert_account(&account)), 2);
    }

    #[test]
    fn a_unit_refused_before_it_writes_repeats_no_other() {
        let account = CountingIds::default().account();
        assert_eq!(count_runs_beside(move |tx| tx.lock_account(account).map(drop)), 1);
    }

    #[test]
    fn a_writer_that_ends_leaves_no_caller_waiting() {
        let queue = Arc::new(WriteQueue::new(1));
        let (unit, result) = write_unit::<(), StorageError>(UnitStages::default(), |_| Ok(()));
        assert!(queue.push(unit).is_ok());
        drop(CloseOnDrop(Arc::clone(&queue)));
        assert!(queue.is_closed());
        assert!(matches!(block_on(result), Err(StorageError::Unavailable(_))), "it never ran");
    }

    #[test]
    fn the_log_is_truncated_beside_an_idle_connection() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db");
        let [connection, _idle] = [(); 2].map(|()| open_writer(&path).unwrap());
        connection.execute_batch("CREATE TABLE t (x)").unwrap();
        let size = || dir.path().join("headroom.db-wal").metadata().unwrap().len();
        assert_ne!(size(), 0);
        truncate_log(&connection);
        assert_eq!(size(), 0);
    }
}
