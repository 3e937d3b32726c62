//! The answers of a store while its disk fails, and its recovery afterwards.
//!
//! A writer that ignores the error of a COMMIT makes all tests fail.
//!
//! With `HEADROOM_DISK_FAULTS=all` every single file operation fails in turn, and not a sample.

use std::env;
use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;

use domain::error::StorageError;
use domain::ports::Store;
use domain::{AccountId, Uuid};
use storage::{SqliteOptions, SqliteStore};
use testkit::block_on;
use testkit::disk::{
    DiskFault, FailingOperation, WatchedDisk, directory_of_this_process, has_failed_in_this_process,
    set_fault_of_this_process,
};
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

#[test]
fn a_store_survives_any_failing_operation_on_its_file() {
    run_with("any, old file");
}

#[test]
fn a_store_survives_any_failing_operation_on_a_new_file() {
    run_with("any, new file");
}

fn run_with(fails: &str) {
    let parent = tempfile::tempdir().expect("a temporary directory");
    let disk = WatchedDisk::new(parent.path());
    let mut process = Command::new(env::current_exe().expect("the test is a program"));
    process.args(["--exact", "the_process_whose_disk_fails", "--nocapture"]).env(FAILS, fails);
    disk.preload(&mut process);
    let output = process.output().expect("the test can be started");
    let [stdout, stderr] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    assert!(output.status.success(), "{stdout}{stderr}");
    println!("{stdout}");
}

/// The process that the other tests start. As a test of its own it does nothing.
#[test]
fn the_process_whose_disk_fails() {
    let Ok(fails) = env::var(FAILS) else { return };
    let path = directory_of_this_process().join("headroom.db");
    if fails.starts_with("any") {
        return fail_in_turn(&path, fails.ends_with("new file"));
    }
    let store = SqliteStore::open(&path, SqliteOptions::default()).expect("the database opens");
    assert_eq!(insert(&store, [1, 2]), [Ok(()), Ok(())]);
    set_fault_of_this_process(Some(if fails == "sync" { DiskFault::Sync } else { DiskFault::Full }));
    for answer in insert(&store, [3, 4]) {
        match (fails.as_str(), &answer) {
            ("sync", Err(StorageError::OutcomeUnknown(_))) | ("space", Err(StorageError::Unavailable(_))) => {}
            _ => panic!("a unit that was not committed is answered {answer:?}"),
        }
    }
    let find = |store: &SqliteStore| find(store, 1..10).expect("the read succeeds");
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
fn find(store: &SqliteStore, ids: Range<u64>) -> Result<Vec<u64>, StorageError> {
    block_on(store.read(move |tx| {
        let mut found = Vec::new();
        for id in ids {
            if tx.find_account(account_id(id))?.is_some() {
                found.push(id);
            }
        }
        Ok(found)
    }))
}

fn account_id(id: u64) -> AccountId {
    AccountId::from_uuid(Uuid::from_u64_pair(0, id))
}

/// Makes each kind of operation fail, once and permanently: the first, the second … until the file has
/// been opened, written and closed without reaching the number.
fn fail_in_turn(path: &Path, is_new: bool) {
    let is_complete = env::var("HEADROOM_DISK_FAULTS").is_ok_and(|text| text == "all");
    let mut ids = Ids(1000);
    for operation in FailingOperation::ALL {
        for is_lasting in [false, true] {
            let (mut number, mut rounds) = (1, 0);
            while survive(path, is_new, DiskFault::Nth { operation, number, is_lasting }, &mut ids) {
                rounds += 1;
                number += if is_complete { 1 } else { 1 + number / 2 };
            }
            println!("{operation:?}, lasting: {is_lasting}: {rounds} rounds, up to number {number}");
            assert!(rounds > 0 || operation == FailingOperation::Truncate, "no {operation:?} has failed");
        }
    }
}

/// The ids of accounts that no round has used yet.
struct Ids(u64);

impl Ids {
    fn next<const N: usize>(&mut self) -> [u64; N] {
        [(); N].map(|()| {
            self.0 += 1;
            self.0
        })
    }
}

/// Opens the file, inserts accounts and closes it, with the fault until it has made an operation
/// fail. Then all is well, and nothing is lost. Returns whether an operation has failed.
fn survive(path: &Path, is_new: bool, fault: DiskFault, ids: &mut Ids) -> bool {
    let begin = ids.0 + 1;
    if is_new {
        for suffix in ["", "-wal", "-shm"] {
            // Not every file exists.
            let _ = fs::remove_file(format!("{}{suffix}", path.display()));
        }
    }
    let open = || SqliteStore::open(path, SqliteOptions { readers: 1, ..Default::default() });
    let mut known = Known::default();
    set_fault_of_this_process(Some(fault));
    // A server that cannot open its database ends, and says why.
    if let Ok(store) = open() {
        for _ in 0..6 {
            known.insert(&store, ids.next(), fault);
            let found = find(&store, begin..ids.0 + 1).unwrap_or_else(|error| panic!("{fault:?}: a read: {error}"));
            known.assert_agrees(&found, fault);
        }
        if has_failed_in_this_process() {
            set_fault_of_this_process(None);
            let before = known.acknowledged.len();
            known.insert(&store, ids.next(), fault);
            assert_eq!(known.acknowledged.len(), before + 2, "{fault:?}: writes fail after it");
        }
        store.close();
    }
    let has_failed = has_failed_in_this_process();
    set_fault_of_this_process(None);
    let store = open().unwrap_or_else(|error| panic!("{fault:?}: the file does not open again: {error}"));
    known.assert_agrees(&find(&store, begin..ids.0 + 1).expect("the read succeeds"), fault);
    assert_eq!(insert(&store, ids.next()), [Ok(()), Ok(())], "{fault:?}");
    assert_eq!(block_on(store.verify()), Ok(Vec::new()), "{fault:?}");
    has_failed
}

/// What the answers said. An unknown outcome says nothing.
#[derive(Default)]
struct Known {
    acknowledged: Vec<u64>,
    refused: Vec<u64>,
}

impl Known {
    fn insert(&mut self, store: &SqliteStore, ids: [u64; 2], fault: DiskFault) {
        for (id, answer) in ids.into_iter().zip(insert(store, ids)) {
            match answer {
                Ok(()) => self.acknowledged.push(id),
                Err(StorageError::Unavailable(_)) => self.refused.push(id),
                Err(StorageError::OutcomeUnknown(_)) => {}
                Err(other) => panic!("{fault:?}: a write is answered {other:?}"),
            }
        }
    }

    #[track_caller]
    fn assert_agrees(&self, found: &[u64], fault: DiskFault) {
        let lost: Vec<_> = self.acknowledged.iter().filter(|id| !found.contains(id)).collect();
        let written: Vec<_> = self.refused.iter().filter(|id| found.contains(id)).collect();
        assert!(lost.is_empty() && written.is_empty(), "{fault:?}: lost {lost:?}, refused and written {written:?}");
    }
}
