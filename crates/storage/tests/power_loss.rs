//! Acknowledged writes survive a power cut at any moment.
//!
//! A process books on a disk whose writes and syncs are recorded, and lists each acknowledged
//! booking. The record is then replayed up to some moment: all writes that were synced by then, and
//! all, none or some sectors of later ones. The resulting database must open, verify, and have
//! every booking that was acknowledged before that moment.
//!
//! As a control, another process does not sync its commits (`synchronous=NORMAL`) and must lose
//! some. (The same setting in the store makes the first test fail.)
//!
//! `HEADROOM_POWER_CUTS` is the number of power cuts of the store (default: 300).

use std::env;
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::thread;

use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{AccountId, Booking, BookingId, SignedDuration, Uuid};
use rusqlite::Connection;
use storage::{SqliteOptions, SqliteStore};
use tempfile::TempDir;
use testkit::block_on;
use testkit::disk::{self, Record, Rng, WatchedDisk};
use testkit::fixtures::{account, booking, day};

/// How many power cuts are replayed of the store, unless a variable says otherwise, and of each
/// control.
const CUTS: usize = 300;
const CUTS_OF_CONTROL: usize = 100;
/// How often the process opens the store, how many clients book then, and how often each of them.
const ROUNDS: u64 = 3;
const CLIENTS: u64 = 4;
const BOOKINGS: u64 = 20;

/// The environment variable with the workload of [`the_process_that_is_recorded`].
const WORKLOAD: &str = "POWER_LOSS_WORKLOAD";

const DATABASE: &str = "headroom.db";
const ACKNOWLEDGED: &str = "acknowledged";

#[test]
fn acknowledged_bookings_survive_a_power_cut_at_any_moment() {
    let cuts = env::var("HEADROOM_POWER_CUTS").map_or(CUTS, |text| text.parse().expect("a number of power cuts"));
    let record = record_of("store");
    let (mut acknowledged_at_most, mut found) = (0, 0);
    for_each_cut(&record, cuts, |directory, steps, acknowledged| {
        acknowledged_at_most = acknowledged_at_most.max(acknowledged.len());
        found += acknowledged.len();
        let store = SqliteStore::open(&directory.join(DATABASE), SqliteOptions { readers: 1, ..Default::default() });
        let store = store.unwrap_or_else(|error| panic!("cut after step {steps}: {error}"));
        assert_eq!(block_on(store.verify()), Ok(Vec::new()), "cut after step {steps}");
        assert_eq!(lost(&store, acknowledged), Vec::<Uuid>::new(), "cut after step {steps}: acknowledged and lost");
    });
    assert!(acknowledged_at_most > 0, "no booking was acknowledged before any cut");
    println!("{cuts} power cuts in {} steps: {found} acknowledged bookings found, 0 lost", record.len());
}

/// The ids of bookings that do not exist.
fn lost(store: &SqliteStore, mut acknowledged: Vec<Uuid>) -> Vec<Uuid> {
    let lost = store.read::<_, StorageError>(move |tx| {
        let mut lost = Vec::new();
        for id in acknowledged.drain(..) {
            let booking = booking_of(id);
            if tx.find_booking(booking.account_id, booking.id)?.is_none() {
                lost.push(id);
            }
        }
        Ok(lost)
    });
    block_on(lost).expect("the read succeeds")
}

#[test]
fn unsynced_commits_do_not_survive_a_power_cut() {
    let lost = |synchronous| {
        let record = record_of(synchronous);
        let mut lost = 0;
        for_each_cut(&record, CUTS_OF_CONTROL, |directory, _, acknowledged| {
            let connection = Connection::open(directory.join(DATABASE)).expect("the database opens");
            let mut statement = connection.prepare("SELECT 1 FROM rows WHERE id = ?1").expect("the table exists");
            lost +=
                acknowledged.iter().filter(|id| !statement.exists([id.as_bytes()]).expect("it can be read")).count();
        });
        lost
    };
    assert_eq!(lost("FULL"), 0);
    assert_ne!(lost("NORMAL"), 0);
}

/// Runs a workload in a process of its own, and returns the record of its writes.
fn record_of(workload: &str) -> Record {
    let parent = tempfile::tempdir().expect("a temporary directory");
    let disk = WatchedDisk::new(parent.path());
    let mut process = Command::new(env::current_exe().expect("the test is a program"));
    process.args(["--exact", "the_process_that_is_recorded", "--nocapture"]).env(WORKLOAD, workload);
    disk.preload(&mut process);
    let output = process.output().expect("the test can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    disk.record()
}

/// Cuts the power at `cuts` moments spread over the whole record, and calls `check` with the
/// resulting directory, the number of steps before, and the ids that were acknowledged before.
fn for_each_cut(record: &Record, cuts: usize, mut check: impl FnMut(&Path, usize, Vec<Uuid>)) {
    // The schema is written before.
    let first = record.first_write_to(ACKNOWLEDGED).expect("something is acknowledged");
    let mut rng = Rng::new(1);
    let mut moments: Vec<usize> = (0..cuts).map(|_| first + rng.below(record.len() - first + 1)).collect();
    // In order, so that the record is replayed once.
    moments.sort_unstable();
    let mut replay = record.replay();
    for steps in moments {
        replay.advance_to(steps);
        let directory = directory_in_memory();
        replay.cut_power(&mut rng, directory.path());
        let acknowledged = replay.contents(ACKNOWLEDGED);
        let ids = acknowledged.chunks(16).map(|id| Uuid::from_slice(id).expect("16 bytes")).collect();
        check(directory.path(), steps, ids);
    }
}

/// A temporary directory, in memory where that is possible: the files that a power cut left need
/// not survive another one.
fn directory_in_memory() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a temporary directory")
}

/// The process that the other tests start. As a test of its own it does nothing.
#[test]
fn the_process_that_is_recorded() {
    let Ok(workload) = env::var(WORKLOAD) else { return };
    let directory = disk::directory_of_this_process();
    match workload.as_str() {
        "store" => book(&directory),
        synchronous => insert(&directory, synchronous),
    }
}

/// Several clients book, each on an account of its own, in several rounds on the same database.
fn book(directory: &Path) {
    let acknowledged = acknowledged(directory);
    for round in 0..ROUNDS {
        let store = SqliteStore::open(&directory.join(DATABASE), SqliteOptions::default()).expect("the database opens");
        let write = |work: fn(&mut dyn WriteTx, Uuid) -> Result<(), StorageError>, id| {
            block_on(store.write::<_, StorageError>(move |tx| work(tx, id))).expect("it is written");
        };
        thread::scope(|scope| {
            for client in 0..CLIENTS {
                let (write, mut acknowledged) = (&write, &acknowledged);
                scope.spawn(move || {
                    if round == 0 {
                        let open = |tx: &mut dyn WriteTx, id| tx.insert_account(&account(account_of(id)));
                        write(open, Uuid::from_u64_pair(client, 0));
                    }
                    for number in 0..BOOKINGS {
                        let id = Uuid::from_u64_pair(client, 1 + round * BOOKINGS + number);
                        write(|tx, id| tx.insert_booking(&booking_of(id)), id);
                        acknowledged.write_all(id.as_bytes()).expect("the id is written");
                    }
                });
            }
        });
        store.close();
    }
}

fn account_of(id: Uuid) -> AccountId {
    AccountId::from_uuid(Uuid::from_u64_pair(id.as_u64_pair().0, 0))
}

fn booking_of(id: Uuid) -> Booking {
    let day = day("2026-03-20").saturating_add(SignedDuration::from_hours(24 * (id.as_u128() % 5) as i64));
    booking(account_of(id), BookingId::from_uuid(id), day)
}

/// Inserts rows, a commit each, with SQLite alone.
fn insert(directory: &Path, synchronous: &str) {
    let connection = Connection::open(directory.join(DATABASE)).expect("the database opens");
    connection.pragma_update(None, "journal_mode", "WAL").expect("the mode can be set");
    connection.execute_batch("CREATE TABLE rows (id BLOB PRIMARY KEY)").expect("a table can be made");
    connection.pragma_update(None, "synchronous", synchronous).expect("the setting can be made");
    for number in 0..CLIENTS * BOOKINGS {
        let id = Uuid::from_u64_pair(0, number);
        connection.execute("INSERT INTO rows VALUES (?1)", [id.as_bytes()]).expect("a row can be inserted");
        acknowledged(directory).write_all(id.as_bytes()).expect("the id is written");
    }
}

fn acknowledged(directory: &Path) -> File {
    let file = OpenOptions::new().create(true).append(true).open(directory.join(ACKNOWLEDGED));
    file.expect("the file can be opened")
}
