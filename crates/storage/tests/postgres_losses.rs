//! A unit whose connection is lost is retried if that is safe, and only then.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{Fingerprint, IdempotencyKey, IdempotencyRecord};
use storage::statistics::DatabaseStatistics;
use storage::{PostgresOptions, PostgresStore};
use testkit::block_on;
use testkit::fixtures::NOW;
use testkit::postgres::Database;

const KEY: IdempotencyKey = IdempotencyKey([1; 32]);

fn open() -> Option<(PostgresStore, Arc<Database>)> {
    let database = testkit::postgres::shared()?.create_database();
    let url = database.url().parse().expect("a URL");
    let store = PostgresStore::open(&url, PostgresOptions::default()).expect("an empty database");
    Some((store, Arc::new(database)))
}

/// Terminates the connections of the store that fulfil a condition.
fn terminate(database: &Database, which: &str) {
    let connections = format!("WHERE datname = current_database() AND pid <> pg_backend_pid() AND {which}");
    // Terminates all before it waits for each.
    for function in ["pg_terminate_backend(pid)", "pg_terminate_backend(pid, 10000)"] {
        let sql = format!("SELECT {function} FROM pg_stat_activity {connections}");
        database.execute(&sql).expect("the server's own user may do that");
    }
}

const IN_A_TRANSACTION: &str = "xact_start IS NOT NULL";

fn put(tx: &mut dyn WriteTx) -> Result<(), StorageError> {
    let record = IdempotencyRecord { key: KEY, fingerprint: Fingerprint([0; 32]), answer: [1].into(), created_at: NOW };
    tx.put_idempotency_record(&record)
}

fn exists(store: &PostgresStore) -> bool {
    let found = block_on(store.read::<_, StorageError>(|tx| tx.find_idempotency_record(&KEY)));
    found.expect("the read succeeds").is_some()
}

#[test]
fn a_unit_that_loses_its_connection_before_the_commit_is_retried() {
    let Some((store, database)) = open() else { return };
    let runs = Arc::new(AtomicU32::new(0));
    let (counted, server) = (Arc::clone(&runs), Arc::clone(&database));
    let result = block_on(store.write::<_, StorageError>(move |tx| {
        put(tx)?;
        if counted.fetch_add(1, Ordering::Relaxed) < 2 {
            terminate(&server, IN_A_TRANSACTION);
        }
        tx.find_idempotency_record(&KEY).map(|found| found.is_some())
    }));
    assert_eq!((result, runs.load(Ordering::Relaxed)), (Ok(true), 3));
    assert!(exists(&store));
    let DatabaseStatistics::Postgres(statistics) = store.statistics().database else { panic!("it is PostgreSQL") };
    assert_eq!(statistics.retries, [("conflict", 0), ("violation", 0), ("connection", 2)]);
}

#[test]
fn a_unit_that_loses_its_connection_in_the_commit_is_not_retried() {
    let Some((store, database)) = open() else { return };
    let runs = Arc::new(AtomicU32::new(0));
    let (counted, server) = (Arc::clone(&runs), Arc::clone(&database));
    let result = block_on(store.write::<_, StorageError>(move |tx| {
        counted.fetch_add(1, Ordering::Relaxed);
        put(tx)?;
        // After this statement the commit comes next.
        tx.find_idempotency_record(&KEY)?;
        terminate(&server, IN_A_TRANSACTION);
        Ok(())
    }));
    assert!(matches!(result, Err(StorageError::OutcomeUnknown(_))), "{result:?}");
    assert_eq!(runs.load(Ordering::Relaxed), 1);
    assert!(!exists(&store));
}

#[test]
fn connections_that_were_closed_while_idle_are_skipped() {
    let Some((store, database)) = open() else { return };
    for _ in 0..3 {
        // Not awaited one by one, so that many connections are opened.
        let reads: Vec<_> =
            (0..64).map(|_| store.read::<_, StorageError>(|tx| tx.find_idempotency_record(&KEY))).collect();
        let writes: Vec<_> = (0..64).map(|_| store.write::<_, StorageError>(|_| Ok(()))).collect();
        for (read, write) in reads.into_iter().zip(writes) {
            assert!(block_on(read).is_ok() && block_on(write).is_ok());
        }
        terminate(&database, "true");
        assert_eq!(block_on(store.write::<_, StorageError>(|tx| tx.find_idempotency_record(&KEY))), Ok(None));
        terminate(&database, "true");
        assert!(!exists(&store));
    }
}
