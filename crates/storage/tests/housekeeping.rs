//! The store clears up when nobody waits for it, and now and then when somebody always does.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use domain::error::StorageError;
use domain::ports::{Clock, Store};
use domain::{Fingerprint, IdempotencyKey, IdempotencyRecord, SignedDuration, Timestamp, use_cases};
use storage::{SqliteOptions, SqliteStore};
use tempfile::TempDir;
use testkit::block_on;
use testkit::fixtures::{FixedClock, NOW};

/// How long anything that a test waits for may take: much longer than it does, for a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(30);

fn open() -> (SqliteStore, TempDir) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store = SqliteStore::open(&dir.path().join("headroom.db"), SqliteOptions::default());
    (store.expect("a new database"), dir)
}

fn put(store: &SqliteStore, key: u8, created_at: Timestamp) -> IdempotencyKey {
    let key = IdempotencyKey([key; 32]);
    let record = IdempotencyRecord { key, fingerprint: Fingerprint([0; 32]), answer: [1; 500].into(), created_at };
    block_on(store.write::<_, StorageError>(move |tx| tx.put_idempotency_record(&record))).expect("it can be written");
    key
}

fn is_there(store: &SqliteStore, key: IdempotencyKey) -> bool {
    let found = block_on(store.read::<_, StorageError>(move |tx| tx.find_idempotency_record(&key)));
    found.expect("it can be looked for").is_some()
}

#[test]
fn an_idle_store_forgets_what_is_a_day_old_in_small_steps() {
    let (store, _dir) = open();
    let clock = Arc::new(FixedClock::new(NOW));
    let old: Vec<_> = (0..25).map(|key| put(&store, key, NOW)).collect();
    let young = put(&store, 25, NOW + SignedDuration::from_micros(1));
    clock.set(NOW + SignedDuration::from_hours(24));
    let (sender, steps) = mpsc::channel();
    let sender = Mutex::new(sender);
    store.keep_house(move |tx| {
        let forgotten = use_cases::forget_old_records(tx, clock.now(), 10)?;
        sender.lock().unwrap().send(forgotten).unwrap();
        Ok(forgotten == 10)
    });
    let steps = [(); 3].map(|()| steps.recv_timeout(PATIENCE).expect("it clears up"));
    assert_eq!(steps, [10, 10, 5]);
    // Whoever writes waits for the last step to be committed.
    put(&store, 26, NOW);
    assert!(old.into_iter().all(|key| !is_there(&store, key)) && is_there(&store, young));
}

#[test]
fn a_store_that_is_never_idle_clears_up_as_well() {
    let (store, _dir) = open();
    let (sender, steps) = mpsc::channel();
    let sender = Mutex::new(sender);
    store.keep_house(move |_| {
        // Nobody receives the steps after the last that is waited for.
        let _ = sender.lock().unwrap().send(());
        Ok(true)
    });
    let (mut seen, end) = (0, Instant::now() + PATIENCE);
    while seen < 2 {
        // Not awaited, so that there is always one more.
        drop(store.write::<(), StorageError>(|_| Ok(())));
        seen += steps.try_iter().count();
        assert!(Instant::now() < end, "it does not clear up");
    }
}

#[test]
fn a_step_that_fails_or_panics_is_undone_and_harms_nobody() {
    for panics in [false, true] {
        let (store, _dir) = open();
        let key = put(&store, 0, NOW);
        let (sender, steps) = mpsc::channel();
        let sender = Mutex::new(sender);
        store.keep_house(move |tx| {
            tx.delete_idempotency_records(NOW, 1)?;
            sender.lock().unwrap().send(()).unwrap();
            assert!(!panics, "a step that panics");
            Err(StorageError::Backend("a step that fails".to_owned()))
        });
        steps.recv_timeout(PATIENCE).expect("it clears up");
        put(&store, 1, NOW);
        assert!(is_there(&store, key), "panics: {panics}");
    }
}
