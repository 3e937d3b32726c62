//! The one writer: a thread that owns the writing connection and commits whatever has queued up as one batch.
//!
//! SQLite has one writer whatever we do. While one batch is being synced the next one queues up, so a sync is shared by
//! all who wait for it and nobody waits for a timer.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use domain::error::StorageError;
use rusqlite::Connection;

use super::connection::BUSY_TIMEOUT;
use super::journal::{self, Batch, Fold};
use super::tx::SqliteTx;
use crate::error::{commit_error, storage_error};
use crate::handover::Bells;
use crate::housekeeping::{Housekeeping, Step};
use crate::queue::{Queue, Taken};
use crate::unit::{Ran, WriteUnit};

pub(crate) type WriteQueue = Queue<Box<dyn WriteUnit>>;

/// How the units of a batch are kept apart.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Isolation {
    /// Not at all: enough for units that fail before they have written anything, as nearly all do that fail.
    None,
    /// By a savepoint each, which costs a fifth of the throughput.
    Savepoints,
}

/// Runs units from `queue` until it is closed and empty, and keeps house between them.
pub(super) fn run(
    connection: &Connection,
    journal: journal::Shared,
    queue: &Arc<WriteQueue>,
    mut housekeeping: Housekeeping,
) {
    let _close_queue = CloseOnDrop(Arc::clone(queue));
    let (mut units, mut batch) = (VecDeque::new(), Batch::new(journal));
    let mut log_is_moved = false;
    loop {
        let taken = queue.take_all(&mut units, housekeeping.patience());
        match taken {
            Taken::Jobs => {
                run_batch(connection, &mut units, &mut batch);
                log_is_moved = false;
            }
            Taken::Idle => {}
            Taken::Closed => break,
        }
        if let Some(Step { unit, result }) = housekeeping.next(taken) {
            units.push_back(unit);
            run_batch(connection, &mut units, &mut batch);
            housekeeping.note(&result);
            log_is_moved = false;
        } else if taken == Taken::Idle && !log_is_moved {
            log_is_moved = checkpoint(connection, Checkpoint::Restart);
        }
    }
    if let Err(error) = fold(connection, &mut batch) {
        log::warn!("the accounts' rows are not up to date; they will be when the database is opened next: {error}");
        roll_back(connection);
    }
    checkpoint(connection, Checkpoint::Truncate);
}

/// Brings the accounts' rows up to date.
pub(super) fn fold(connection: &Connection, batch: &mut Batch) -> Result<(), StorageError> {
    loop {
        begin(connection, batch)?;
        if batch.is_folded() {
            roll_back(connection);
            return Ok(());
        }
        end(connection, batch, Fold::All)?;
    }
}

fn begin(connection: &Connection, batch: &mut Batch) -> Result<(), StorageError> {
    execute(connection, "BEGIN IMMEDIATE").map_err(storage_error)?;
    batch.begin(connection)
}

fn end(connection: &Connection, batch: &mut Batch, fold: Fold) -> Result<(), StorageError> {
    batch.finish(connection, fold)?;
    execute(connection, "COMMIT").map_err(commit_error)?;
    batch.committed();
    Ok(())
}

/// Nobody may wait for a writer that is gone, even if it went by a panic.
struct CloseOnDrop(Arc<WriteQueue>);

impl Drop for CloseOnDrop {
    fn drop(&mut self) {
        self.0.close();
        // What is still queued is dropped, and says so to whoever awaits it.
        while self.0.take().is_some() {}
    }
}

/// Runs the units in one transaction, and answers all of them when it is durable.
fn run_batch(connection: &Connection, units: &mut VecDeque<Box<dyn WriteUnit>>, batch: &mut Batch) {
    let mut bells = Bells::default();
    let committed = commit(connection, units, batch, &mut bells);
    if let Err(error) = &committed {
        log::error!("a batch of {} units was not committed: {error}", units.len());
        roll_back(connection);
    }
    for mut unit in units.drain(..) {
        unit.answer(committed.clone(), &mut bells);
    }
    bells.ring();
}

fn commit(
    connection: &Connection,
    units: &mut VecDeque<Box<dyn WriteUnit>>,
    batch: &mut Batch,
    bells: &mut Bells,
) -> Result<(), StorageError> {
    begin(connection, batch)?;
    if run_units(connection, units, batch, Isolation::None, bells)? == Undone::No {
        // Only the whole batch can be undone now. The units run again, each where it can be undone alone.
        roll_back(connection);
        begin(connection, batch)?;
        run_units(connection, units, batch, Isolation::Savepoints, bells)?;
    }
    end(connection, batch, Fold::InStep)
}

/// Whether nothing is left of what failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Undone {
    Yes,
    No,
}

/// Runs the units, up to the first that leaves something behind. Those that panic are answered and leave the batch.
fn run_units(
    connection: &Connection,
    units: &mut VecDeque<Box<dyn WriteUnit>>,
    batch: &mut Batch,
    isolation: Isolation,
    bells: &mut Bells,
) -> Result<Undone, StorageError> {
    let mut index = 0;
    while let Some(unit) = units.get_mut(index) {
        let (ran, undone) = run_unit(connection, unit.as_mut(), batch, isolation)?;
        if ran == Ran::Panicked {
            if let Some(mut unit) = units.remove(index) {
                unit.answer(Ok(()), bells);
            }
        } else {
            index += 1;
        }
        if undone == Undone::No {
            return Ok(Undone::No);
        }
    }
    Ok(Undone::Yes)
}

/// Runs one unit. An error means that the whole transaction is lost.
fn run_unit(
    connection: &Connection,
    unit: &mut dyn WriteUnit,
    batch: &mut Batch,
    isolation: Isolation,
) -> Result<(Ran, Undone), StorageError> {
    let command = |sql| execute(connection, sql).map_err(storage_error);
    if isolation == Isolation::Savepoints {
        command("SAVEPOINT unit")?;
    }
    let mut tx = SqliteTx::of_batch(connection, batch);
    let (ran, wrote) = (unit.run(&mut tx), tx.wrote());
    batch.end_unit(ran == Ran::Kept);
    // A full disk, for one, makes SQLite roll the transaction back by itself.
    if connection.is_autocommit() {
        return Err(StorageError::Unavailable("the database undid the transaction".into()));
    }
    let left_behind = ran != Ran::Kept && wrote;
    if isolation == Isolation::Savepoints {
        if left_behind {
            command("ROLLBACK TO unit")?;
        }
        command("RELEASE unit")?;
    }
    let undone = if left_behind && isolation == Isolation::None { Undone::No } else { Undone::Yes };
    Ok((ran, undone))
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

/// What becomes of the write-ahead log once it has been moved into the database.
#[derive(Clone, Copy, Debug)]
enum Checkpoint {
    /// It is overwritten from its beginning. A sync of blocks that exist is cheaper than one that makes the file longer.
    Restart,
    /// It is emptied.
    Truncate,
}

/// Moves the write-ahead log into the database, unless somebody is using it; says whether it did.
fn checkpoint(connection: &Connection, then: Checkpoint) -> bool {
    let sql = match then {
        Checkpoint::Restart => "PRAGMA wal_checkpoint(RESTART)",
        Checkpoint::Truncate => "PRAGMA wal_checkpoint(TRUNCATE)",
    };
    let checkpoint = || {
        // Nobody shall wait for this: whoever reads just now is left alone.
        connection.busy_timeout(Duration::ZERO)?;
        let busy = connection.query_row(sql, [], |row| row.get::<_, bool>(0));
        connection.busy_timeout(BUSY_TIMEOUT)?;
        busy
    };
    match checkpoint() {
        Ok(busy) => !busy,
        Err(error) => {
            log::warn!("cannot move the write-ahead log into the database: {error}");
            false
        }
    }
}
