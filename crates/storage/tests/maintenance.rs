//! Maintenance runs when a store is idle, and less often while it is busy.

use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use domain::error::StorageError;
use domain::ports::{Clock, Store};
use domain::{Fingerprint, IdempotencyKey, IdempotencyRecord, SignedDuration, Timestamp, use_cases};
use storage::{MaintenanceTask, PostgresOptions, PostgresStore, SqliteOptions, SqliteStore};
use tempfile::TempDir;
use testkit::block_on;
use testkit::fixtures::{FixedClock, NOW};
use testkit::postgres::Database;

/// How long a test waits for anything. Long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// Runs each test on a new store of each kind; on PostgreSQL if it is installed.
macro_rules! on_every_store {
    ($($test:ident)*) => {
        mod sqlite {
            $(#[test] fn $test() { super::$test(&super::sqlite().0); })*
        }
        mod postgres {
            $(#[test] fn $test() { if let Some(opened) = super::postgres() { super::$test(&opened.0); } })*
        }
    };
}

on_every_store! {
    an_idle_store_removes_old_records_in_bounded_steps
    a_store_that_is_never_idle_runs_maintenance_too
    a_step_that_fails_is_rolled_back
    a_step_that_panics_is_rolled_back
}

fn sqlite() -> (SqliteStore, TempDir) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store = SqliteStore::open(&dir.path().join("headroom.db"), SqliteOptions::default());
    (store.expect("a new database"), dir)
}

fn postgres() -> Option<(PostgresStore, Database)> {
    let database = testkit::postgres::shared()?.create_database();
    let url = database.url().parse().expect("a URL");
    let store = PostgresStore::open(&url, PostgresOptions::default());
    Some((store.expect("an empty database"), database))
}

/// A store that runs maintenance.
trait MaintainedStore: Store {
    fn set_maintenance(&self, tasks: Vec<MaintenanceTask>);
}

impl MaintainedStore for SqliteStore {
    fn set_maintenance(&self, tasks: Vec<MaintenanceTask>) {
        self.set_maintenance(tasks);
    }
}

impl MaintainedStore for PostgresStore {
    fn set_maintenance(&self, tasks: Vec<MaintenanceTask>) {
        self.set_maintenance(tasks);
    }
}

fn put(store: &impl Store, key: u8, created_at: Timestamp) -> IdempotencyKey {
    let key = IdempotencyKey([key; 32]);
    let record = IdempotencyRecord { key, fingerprint: Fingerprint([0; 32]), answer: [1; 500].into(), created_at };
    block_on(store.write::<_, StorageError>(move |tx| tx.put_idempotency_record(&record))).expect("the write succeeds");
    key
}

fn exists(store: &impl Store, key: IdempotencyKey) -> bool {
    let found = block_on(store.read::<_, StorageError>(move |tx| tx.find_idempotency_record(&key)));
    found.expect("the read succeeds").is_some()
}

fn an_idle_store_removes_old_records_in_bounded_steps(store: &impl MaintainedStore) {
    let clock = Arc::new(FixedClock::new(NOW));
    let old: Vec<_> = (0..25).map(|key| put(store, key, NOW)).collect();
    let young = put(store, 25, NOW + SignedDuration::from_micros(1));
    clock.set(NOW + SignedDuration::from_hours(24));
    let (sender, steps) = mpsc::channel();
    store.set_maintenance(vec![MaintenanceTask::new("remove old records", move |tx| {
        let removed = use_cases::remove_expired_idempotency_records(tx, clock.now(), 10)?;
        sender.send(removed).expect("the test waits for it");
        Ok(removed == 10)
    })]);
    let steps = [(); 3].map(|()| steps.recv_timeout(PATIENCE).expect("maintenance runs"));
    assert_eq!(steps, [10, 10, 5]);
    let end = Instant::now() + PATIENCE;
    while old.iter().any(|key| exists(store, *key)) {
        assert!(Instant::now() < end, "its steps are not committed");
    }
    assert!(exists(store, young));
}

fn a_store_that_is_never_idle_runs_maintenance_too(store: &impl MaintainedStore) {
    let (sender, steps) = mpsc::channel();
    store.set_maintenance(vec![MaintenanceTask::new("endless", move |_| {
        // The test drops the receiver after the last step that it waits for.
        let _ = sender.send(());
        Ok(true)
    })]);
    let (mut seen, end) = (0, Instant::now() + PATIENCE);
    while seen < 2 {
        // Not awaited, so that the queue is never empty.
        drop(store.write::<(), StorageError>(|_| Ok(())));
        seen += steps.try_iter().count();
        assert!(Instant::now() < end, "maintenance does not run");
    }
}

fn a_step_that_fails_is_rolled_back(store: &impl MaintainedStore) {
    assert_step_is_rolled_back(store, || Err(StorageError::Backend("a step that fails".to_owned())));
}

fn a_step_that_panics_is_rolled_back(store: &impl MaintainedStore) {
    assert_step_is_rolled_back(store, || panic!("a step that panics"));
}

fn assert_step_is_rolled_back(
    store: &impl MaintainedStore,
    end: impl Fn() -> Result<bool, StorageError> + Send + Sync + 'static,
) {
    put(store, 0, NOW);
    let (sender, steps) = mpsc::channel();
    store.set_maintenance(vec![MaintenanceTask::new("failing", move |tx| {
        tx.delete_idempotency_records(NOW, 1)?;
        sender.send(()).expect("the test waits for it");
        end()
    })]);
    steps.recv_timeout(PATIENCE).expect("maintenance runs");
    let delete = || block_on(store.write::<_, StorageError>(|tx| tx.delete_idempotency_records(NOW, 1)));
    let end = Instant::now() + PATIENCE;
    while delete() == Ok(0) {
        assert!(Instant::now() < end, "the step is not rolled back");
    }
}
