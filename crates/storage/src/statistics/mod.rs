//! Statistics of a store since it was opened, for monitoring. The threads of a store count in
//! recorders (`record.rs`); a snapshot of them is made when it is asked for.
//!
//! They are plain numbers, so that this crate knows nothing of the system that monitors it
//! (docs/adr/0021-monitoring.md).

mod record;

pub(crate) use record::{Count, Gauge, Histogram, TransactionRecord};

use crate::queue::QueueLoad;

/// Statistics of a store.
#[derive(Clone, Debug)]
pub struct StoreStatistics {
    /// The queue of units that write.
    pub writes: QueueStatistics,
    /// The queue of units that read.
    pub reads: QueueStatistics,
    /// The transactions that write.
    pub transactions: TransactionStatistics,
    /// The maintenance tasks, by name.
    pub maintenance: Vec<TaskStatistics>,
    /// What only one of the databases has.
    pub database: DatabaseStatistics,
}

/// Statistics of a queue.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct QueueStatistics {
    /// How many units wait now.
    pub depth: usize,
    /// How many may wait.
    pub capacity: usize,
    /// How many units were refused because the queue was full.
    pub refused: u64,
}

impl From<QueueLoad> for QueueStatistics {
    fn from(load: QueueLoad) -> Self {
        Self { depth: load.depth, capacity: load.capacity, refused: load.refused }
    }
}

/// Statistics of the transactions that write. On SQLite each is a batch, on PostgreSQL a unit or
/// the turn of an account.
#[derive(Clone, Debug)]
pub struct TransactionStatistics {
    /// How many units of work each contained.
    pub units: Distribution,
    /// How long each took, commit included, in seconds.
    pub seconds: Distribution,
    /// How long each commit took, sync included, in seconds.
    pub commit_seconds: Distribution,
    /// How many could not be committed.
    pub failed: u64,
}

/// Statistics of a maintenance task.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TaskStatistics {
    /// The task's name.
    pub task: &'static str,
    /// How many of its steps succeeded.
    pub succeeded: u64,
    /// How many of its steps failed.
    pub failed: u64,
}

/// Statistics that only one of the databases has.
#[derive(Clone, Debug)]
pub enum DatabaseStatistics {
    /// Those of SQLite.
    Sqlite(SqliteStatistics),
    /// Those of PostgreSQL.
    Postgres(PostgresStatistics),
}

/// Statistics of an SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStatistics {
    /// How long each checkpoint took that did not run within a commit, in seconds.
    pub checkpoint_seconds: Distribution,
    /// How many checkpoints failed.
    pub failed_checkpoints: u64,
    /// How much of the write-ahead log is in use, in bytes.
    pub log_bytes: u64,
    /// How much of it is not yet in the database, in bytes.
    pub log_backlog_bytes: u64,
}

impl SqliteStatistics {
    /// Those of a store that writes nothing.
    pub(crate) fn unused() -> Self {
        let checkpoint_seconds = Histogram::of_durations().snapshot();
        Self { checkpoint_seconds, failed_checkpoints: 0, log_bytes: 0, log_backlog_bytes: 0 }
    }
}

/// Statistics of the sessions with a PostgreSQL database.
#[derive(Clone, Debug)]
pub struct PostgresStatistics {
    /// How many connections are in use.
    pub connections_in_use: u32,
    /// How many connections are open and idle.
    pub connections_idle: u32,
    /// How many connections may be open.
    pub connections_max: u32,
    /// How long each transaction waited for a connection, in seconds.
    pub connection_wait_seconds: Distribution,
    /// How many units had to wait for an account that another unit of this process held.
    pub account_waits: u64,
    /// How many units wait for an account now.
    pub waiting_for_account: usize,
    /// How many statements waited in vain for a lock of another session.
    pub lock_timeouts: u64,
    /// How many units ran out of time: before they began, or in a statement.
    pub deadlines_exceeded: u64,
    /// How often a unit ran again, by the reason: `conflict`, `violation` or `connection`.
    pub retries: [(&'static str, u64); 3],
}

/// How observed values are distributed.
#[derive(Clone, Debug, PartialEq)]
pub struct Distribution {
    /// Upper bounds, and how many values are at most as large, in ascending order.
    pub buckets: Vec<(f64, u64)>,
    /// How many values were observed.
    pub count: u64,
    /// The sum of all values.
    pub sum: f64,
}
