//! Idempotency records: committed with their effects, found again, deleted when expired.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use domain::error::StorageError;
use domain::ports::Store;
use domain::{Fingerprint, IdempotencyKey, IdempotencyRecord, SignedDuration, Timestamp};

use super::{commit, look};
use crate::block_on;
use crate::fixtures::{NOW, instant};

fn record(key: u8, created_at: Timestamp) -> IdempotencyRecord {
    let answer = (0..=u8::MAX).cycle().take(1000).chain([key]).collect();
    IdempotencyRecord { key: IdempotencyKey([key; 32]), fingerprint: Fingerprint([!key; 32]), answer, created_at }
}

fn put(store: &impl Store, record: &IdempotencyRecord) {
    let record = record.clone();
    commit(store, move |tx| tx.put_idempotency_record(&record));
}

/// The record, in a read. A unit of work finds the same.
fn found(store: &impl Store, key: IdempotencyKey) -> Option<IdempotencyRecord> {
    let read = look(store, move |tx| tx.find_idempotency_record(&key));
    assert_eq!(commit(store, move |tx| tx.lock_idempotency_key(&key)), read);
    read
}

/// Also with an empty response, and at any age.
pub fn a_record_is_found_by_its_key(store: &impl Store) {
    let old = record(2, instant("1999-12-31T23:59:59.999999Z"));
    let empty = IdempotencyRecord { answer: [].into(), ..record(3, NOW) };
    let records = [record(1, NOW), old, empty];
    assert_eq!(records.each_ref().map(|record| found(store, record.key)), [const { None }; 3]);
    for record in &records {
        put(store, record);
    }
    assert_eq!(records.each_ref().map(|record| found(store, record.key)), records.map(Some));
}

/// Records of other keys stay.
pub fn a_record_replaces_an_older_one_of_its_key(store: &impl Store) {
    let (older, other) = (record(1, NOW), record(2, NOW));
    let later = NOW + SignedDuration::from_hours(24);
    let newer = IdempotencyRecord { key: older.key, ..record(9, later) };
    for record in [&older, &other, &newer] {
        put(store, record);
    }
    assert_eq!([found(store, older.key), found(store, other.key)], [Some(newer), Some(other)]);
}

/// Including one created at the instant.
pub fn old_records_are_deleted_oldest_first_in_bounded_steps(store: &impl Store) {
    let microsecond = SignedDuration::from_micros(1);
    let ages = [NOW + microsecond, NOW - microsecond, NOW, NOW - microsecond * 2];
    for (key, created_at) in (0..).zip(ages) {
        put(store, &record(key, created_at));
    }
    let delete = |max| commit(store, move |tx| tx.delete_idempotency_records(NOW, max));
    let are_there = || [0, 1, 2, 3].map(|key| found(store, IdempotencyKey([key; 32])).is_some());
    assert_eq!((delete(0), are_there()), (0, [true; 4]));
    assert_eq!((delete(2), are_there()), (2, [true, false, true, false]));
    assert_eq!((delete(usize::MAX), are_there()), (1, [true, false, false, false]));
    assert_eq!((delete(1), are_there()), (0, [true, false, false, false]));
}

/// In its own unit or with other writes, repeatedly.
pub fn a_write_probe_can_be_put_at_any_time(store: &impl Store) {
    for at in [NOW, NOW, instant("1999-12-31T23:59:59.999999Z")] {
        commit(store, move |tx| tx.put_write_probe(at));
    }
    let kept = record(1, NOW);
    commit(store, move |tx| {
        tx.put_write_probe(NOW)?;
        tx.put_idempotency_record(&kept)
    });
    assert!(found(store, IdempotencyKey([1; 32])).is_some());
}

/// So the request can be retried.
pub fn a_record_of_a_failed_unit_is_not_kept(store: &impl Store) {
    let refused = record(1, NOW);
    let key = refused.key;
    let answer = block_on(store.write(move |tx| {
        tx.put_idempotency_record(&refused)?;
        Err::<(), _>(StorageError::Backend("refused after all".to_owned()))
    }));
    assert!(answer.is_err());
    assert_eq!(found(store, key), None);
}

/// Each unit looks for the stored response and acts if it is missing: exactly one acts.
pub fn concurrent_units_with_one_key_act_once(store: &impl Store) {
    let done = Arc::new(AtomicUsize::new(0));
    thread::scope(|scope| {
        for thread in 0..16 {
            let done = Arc::clone(&done);
            scope.spawn(move || {
                let own = IdempotencyRecord { fingerprint: Fingerprint([thread; 32]), ..record(1, NOW) };
                let is_first = commit(store, move |tx| {
                    let is_first = tx.lock_idempotency_key(&own.key)?.is_none();
                    if is_first {
                        tx.put_idempotency_record(&own)?;
                    }
                    Ok(is_first)
                });
                done.fetch_add(usize::from(is_first), Ordering::Relaxed);
            });
        }
    });
    assert_eq!(done.load(Ordering::Relaxed), 1);
    assert!(found(store, IdempotencyKey([1; 32])).is_some());
}
