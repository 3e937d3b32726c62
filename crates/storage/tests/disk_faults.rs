//! The answers of a store while its disk fails, and its recovery afterwards.
//!
//! A writer that ignores the error of a COMMIT makes both tests fail.

use std::process::Command;

use domain::error::StorageError;
use domain::ports::Store;
use domain::{AccountId, Uuid};
use storage::{SqliteOptions, SqliteStore};
use testkit::block_on;
use testkit::disk::{DiskFault, WatchedDisk, directory_of_this_process, set_fault_of_this_process};
use testkit::fixtures::account;

/// The environment variable with the fault of [`the_process_whose_disk_fails`].
const FAILS: &str = "DISK_FAULTS_FAILS";

#[test]
fn a_commit_that_cannot_be_synced_has_an_unknown_outcome() {
    run_with("sync");
}

#[test]
fn a_unit_that_does_not_fit_on_the_disk_is_unavailable() {
    run_with("space");
}

fn run_with(fails: &str) {
    let parent = tempfile::tempdir().expect("a temporary directory");
    let disk = WatchedDisk::new(parent.path());
    let mut process = Command::new(std::env::current_exe().expect("the test is a program"));
    process.args(["--exact", "the_process_whose_disk_fails", "--nocapture"]).env(FAILS, fails);
    disk.preload(&mut process);
    let output = process.output().expect("the test can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The process that the other tests start. As a test of its own it does nothing.
#[test]
fn the_process_whose_disk_fails() {
    let Ok(fails) = std::env::var(FAILS) else { return };
    let path = directory_of_this_process().join("headroom.db");
    let store = SqliteStore::open(&path, SqliteOptions::default()).expect("the database opens");
    assert_eq!(insert(&store, [1, 2]), [Ok(()), Ok(())]);
    set_fault_of_this_process(Some(if fails == "sync" { DiskFault::Sync } else { DiskFault::Full }));
    for answer in insert(&store, [3, 4]) {
        match (fails.as_str(), &answer) {
            ("sync", Err(StorageError::OutcomeUnknown(_))) | ("space", Err(StorageError::Unavailable(_))) => {}
            _ => panic!("a unit that was not committed is answered {answer:?}"),
        }
    }
    assert_eq!(find(&store), [1, 2], "a snapshot has rows that are not durable");
    let failed = store.statistics().transactions.failed;
    assert!((1..=2).contains(&failed), "two units are in one batch or in two, and {failed} failed");
    set_fault_of_this_process(None);
    assert_eq!(insert(&store, [5, 6]), [Ok(()), Ok(())]);
    assert_eq!(find(&store), [1, 2, 5, 6]);
    assert_eq!(block_on(store.verify()), Ok(Vec::new()));
    store.close();
    let store = SqliteStore::open(&path, SqliteOptions::default()).expect("the database opens again");
    assert_eq!(find(&store), [1, 2, 5, 6]);
}

/// Inserts accounts with these ids, each in a unit of its own: in one batch, if they queue up.
fn insert<const N: usize>(store: &SqliteStore, ids: [u64; N]) -> [Result<(), StorageError>; N] {
    ids.map(|id| store.write(move |tx| tx.insert_account(&account(account_id(id))))).map(block_on)
}

/// The ids of the accounts that exist.
fn find(store: &SqliteStore) -> Vec<u64> {
    let exists = |id: &u64| {
        let id = account_id(*id);
        block_on(store.read::<_, StorageError>(move |tx| tx.find_account(id))).expect("the read succeeds").is_some()
    };
    (1..10).filter(exists).collect()
}

fn account_id(id: u64) -> AccountId {
    AccountId::from_uuid(Uuid::from_u64_pair(0, id))
}
