//! The statistics of a store as metric families.

use prometheus::proto::MetricFamily;
use storage::statistics::{DatabaseStatistics, PostgresStatistics, SqliteStatistics, StoreStatistics};

use super::families::{counter, gauge, histogram};

/// The families of either database.
pub(super) fn families(statistics: &StoreStatistics) -> Vec<MetricFamily> {
    let StoreStatistics { writes, reads, transactions, maintenance, database } = statistics;
    let queue = |name| vec![("queue", name)];
    let depths = [(queue("write"), writes.depth as u64), (queue("read"), reads.depth as u64)];
    let capacities = [(queue("write"), writes.capacity as u64), (queue("read"), reads.capacity as u64)];
    let steps = maintenance.iter().flat_map(|task| {
        let step = |result, count| (vec![("task", task.task), ("result", result)], count);
        [step("succeeded", task.succeeded), step("failed", task.failed)]
    });
    let mut families = vec![
        gauge("headroom_queue_depth", "Units of work that wait, by queue: write or read.", depths),
        gauge("headroom_queue_capacity", "Units of work that may wait, by queue.", capacities),
        counter(
            "headroom_queue_refusals_total",
            "Units of work refused with 503 because the queue was full, by queue.",
            [(queue("write"), writes.refused), (queue("read"), reads.refused)],
        ),
        histogram(
            "headroom_transaction_units",
            "Units of work that share a transaction and its commit (the batch size).",
            &transactions.units,
        ),
        histogram(
            "headroom_transaction_duration_seconds",
            "Time of a transaction that writes, commit included.",
            &transactions.seconds,
        ),
        histogram(
            "headroom_commit_duration_seconds",
            "Time of a commit, which includes the sync of the write-ahead log.",
            &transactions.commit_seconds,
        ),
        counter(
            "headroom_failed_transactions_total",
            "Transactions that could not be committed, such as for a full or faulty disk.",
            [(vec![], transactions.failed)],
        ),
        counter("headroom_maintenance_steps_total", "Maintenance steps, by task and result.", steps),
    ];
    match database {
        DatabaseStatistics::Sqlite(statistics) => families.extend(sqlite(statistics)),
        DatabaseStatistics::Postgres(statistics) => families.extend(postgres(statistics)),
    }
    families
}

fn sqlite(statistics: &SqliteStatistics) -> [MetricFamily; 4] {
    [
        histogram(
            "headroom_sqlite_checkpoint_duration_seconds",
            "Time of a checkpoint beside the writer.",
            &statistics.checkpoint_seconds,
        ),
        counter(
            "headroom_sqlite_failed_checkpoints_total",
            "Checkpoints that failed.",
            [(vec![], statistics.failed_checkpoints)],
        ),
        gauge(
            "headroom_sqlite_log_size_bytes",
            "The write-ahead log in use, as of the last look of the checkpointer, at most a second ago.",
            [(vec![], statistics.log_bytes)],
        ),
        gauge(
            "headroom_sqlite_log_backlog_bytes",
            "The part of the write-ahead log that is not yet copied into the database.",
            [(vec![], statistics.log_backlog_bytes)],
        ),
    ]
}

fn postgres(statistics: &PostgresStatistics) -> [MetricFamily; 8] {
    let state = |state| vec![("state", state)];
    let retries = statistics.retries.map(|(reason, count)| (vec![("reason", reason)], count));
    [
        gauge(
            "headroom_postgres_connections",
            "Connections to PostgreSQL, by state: in_use or idle.",
            [
                (state("in_use"), statistics.connections_in_use.into()),
                (state("idle"), statistics.connections_idle.into()),
            ],
        ),
        gauge(
            "headroom_postgres_connections_max",
            "Connections to PostgreSQL that may be open.",
            [(vec![], statistics.connections_max.into())],
        ),
        histogram(
            "headroom_postgres_connection_wait_seconds",
            "Time that a transaction waited for a connection.",
            &statistics.connection_wait_seconds,
        ),
        counter(
            "headroom_postgres_account_waits_total",
            "Units of work that had to wait for an account that another one of this process held.",
            [(vec![], statistics.account_waits)],
        ),
        gauge(
            "headroom_postgres_account_queue_depth",
            "Units of work that wait for an account now.",
            [(vec![], statistics.waiting_for_account as u64)],
        ),
        counter(
            "headroom_postgres_lock_timeouts_total",
            "Statements that waited in vain for a lock of another session.",
            [(vec![], statistics.lock_timeouts)],
        ),
        counter(
            "headroom_postgres_deadlines_exceeded_total",
            "Units of work and statements that ran out of time.",
            [(vec![], statistics.deadlines_exceeded)],
        ),
        counter(
            "headroom_postgres_retries_total",
            "Units of work that ran again, by reason: conflict, violation or connection.",
            retries,
        ),
    ]
}
