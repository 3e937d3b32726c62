//! Copies between databases: complete or empty, and usable.

mod filled;
mod metered;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use domain::error::StorageError;
use domain::ports::{ReadTx, Store};
use domain::{AccountId, BookingFilter, SignedDuration};
use filled::{contents, fill, open};
use storage::DatabaseUrl;
use storage::OpenError;
use storage::copy::{CopiedTable, CopyError, CopyStep, Progress, copy};
use tempfile::TempDir;
use testkit::fixtures::{CountingIds, booking, day, user};
use testkit::{block_on, postgres};

fn file(dir: &TempDir, name: &str) -> DatabaseUrl {
    DatabaseUrl::Sqlite(dir.path().join(name))
}

fn new_dir() -> TempDir {
    tempfile::tempdir().expect("a temporary directory")
}

fn on_server(database: &postgres::Database) -> DatabaseUrl {
    database.url().parse().expect("a URL")
}

fn copied(from: &DatabaseUrl, to: &DatabaseUrl) -> Vec<CopiedTable> {
    copy(from, to, &mut |_| ()).expect("the copy succeeds")
}

fn refused(from: &DatabaseUrl, to: &DatabaseUrl) -> CopyError {
    copy(from, to, &mut |_| ()).expect_err("the copy is refused")
}

/// Runs the copy up to a step, in which it panics.
fn stop_at(step: CopyStep, from: &DatabaseUrl, to: &DatabaseUrl) {
    let mut panic_at = |at: Progress| assert!(at.step != step, "stopped by the test");
    assert!(catch_unwind(AssertUnwindSafe(|| copy(from, to, &mut panic_at))).is_err());
}

/// Books day after day, and lists the bookings.
fn book_on(url: &DatabaseUrl, account: AccountId) {
    let (store, ids) = (open(url), CountingIds::new(9));
    for number in 0..30 {
        let id = ids.booking();
        let on = day("2026-03-20") + SignedDuration::from_hours(24 * (number % 15));
        let new = booking(account, id, on);
        block_on(store.write::<_, StorageError>(move |tx| tx.insert_booking(&new))).expect("the write succeeds");
        let filter = BookingFilter { from: Some(on), to: Some(on), ..BookingFilter::default() };
        let list = move |tx: &mut dyn ReadTx| tx.list_bookings(account, &filter, None, 2);
        let newest = block_on(store.read::<_, StorageError>(list)).expect("the list can be read");
        assert_eq!(newest.items[0].id, id);
    }
    assert_eq!(block_on(store.verify()), Ok(Vec::new()));
    store.close();
}

#[test]
fn a_copy_to_postgresql_and_back_has_the_same_rows() {
    let Some(server) = postgres::shared() else { return };
    let (dir, database) = (new_dir(), server.create_database());
    let (first, there, back) = (file(&dir, "first.db"), on_server(&database), file(&dir, "back.db"));
    let filled = fill(&first);
    let before = contents(&first, filled);
    let tables = copied(&first, &there);
    assert_eq!(contents(&there, filled), before);
    assert_eq!(copied(&there, &back), tables);
    assert_eq!(contents(&back, filled), before);
    for table in &tables {
        assert!(table.rows > 0, "{table:?}");
    }
    assert_eq!(tables.iter().find(|table| table.name == "bookings").map(|table| table.rows), Some(62));
    for url in [&there, &back] {
        book_on(url, filled.busy);
    }
    assert_eq!(contents(&first, filled), before);
}

#[test]
fn a_copy_of_a_copy_has_the_same_checksums() {
    let dir = new_dir();
    let (first, second, third) = (file(&dir, "first.db"), file(&dir, "second.db"), file(&dir, "third.db"));
    fill(&first);
    let tables = copied(&first, &second);
    assert_eq!(copied(&second, &third), tables);
    assert!(tables.iter().enumerate().all(|(index, one)| tables[..index].iter().all(|it| it.checksum != one.checksum)));
}

#[test]
fn a_target_with_rows_is_refused_and_unchanged() {
    let dir = new_dir();
    let database = postgres::shared().map(postgres::Server::create_database);
    let from = file(&dir, "from.db");
    fill(&from);
    for to in [Some(file(&dir, "to.db")), database.as_ref().map(on_server)].into_iter().flatten() {
        let ann = user(CountingIds::default().user(), "ann");
        let store = open(&to);
        block_on(store.write::<_, StorageError>(move |tx| tx.insert_user(&ann))).expect("a user");
        let refusal = refused(&from, &to);
        assert!(matches!(&refusal, CopyError::NotEmpty { table, .. } if table == "users"), "{refusal}");
        let users = block_on(store.read::<_, StorageError>(|tx| tx.list_users(None, 9))).expect("users");
        assert_eq!(users.len(), 1);
        store.close();
    }
}

#[test]
fn a_copy_that_is_stopped_leaves_the_target_empty() {
    let dir = new_dir();
    let database = postgres::shared().map(postgres::Server::create_database);
    let from = file(&dir, "from.db");
    let filled = fill(&from);
    for to in [Some(file(&dir, "to.db")), database.as_ref().map(on_server)].into_iter().flatten() {
        // Each copy would be refused if the one before had left any rows.
        for step in [
            CopyStep::Copying("audit_entries"),
            CopyStep::Completing,
            CopyStep::Comparing("bookings"),
            CopyStep::Verifying,
        ] {
            stop_at(step, &from, &to);
        }
        copied(&from, &to);
        assert_eq!(contents(&to, filled), contents(&from, filled));
    }
}

#[test]
fn writes_during_the_copy_are_not_in_the_copy() {
    let dir = new_dir();
    let database = postgres::shared().map(postgres::Server::create_database);
    let first = file(&dir, "first.db");
    let filled = fill(&first);
    let there = database.as_ref().map(on_server);
    if let Some(there) = &there {
        copied(&first, there);
    }
    for (number, from) in [Some(first), there].into_iter().flatten().enumerate() {
        let (to, before, mut is_booked) = (file(&dir, &format!("{number}.db")), contents(&from, filled), false);
        copy(&from, &to, &mut |at| {
            if at.step == CopyStep::Copying("bookings") && !std::mem::replace(&mut is_booked, true) {
                book_on(&from, filled.busy);
            }
        })
        .expect("the copy succeeds");
        assert!(is_booked && contents(&from, filled) != before);
        assert_eq!(contents(&to, filled), before);
    }
}

#[test]
fn the_progress_counts_each_row_twice() {
    let dir = new_dir();
    let from = file(&dir, "from.db");
    fill(&from);
    let mut seen: Vec<Progress> = Vec::new();
    let tables = copy(&from, &file(&dir, "to.db"), &mut |at| seen.push(at)).expect("the copy succeeds");
    assert!(seen.is_sorted_by_key(|at| at.done));
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    assert_eq!(seen.last().map(|at| (at.done, at.total)), Some((2 * rows, 2 * rows)));
}

#[test]
fn a_database_without_a_schema_is_refused_as_a_source() {
    let dir = new_dir();
    let (missing, to) = (file(&dir, "missing.db"), file(&dir, "to.db"));
    assert!(matches!(refused(&missing, &to), CopyError::Missing(_)));
    assert_eq!(entries(dir.path()), Vec::<String>::new());
    let from = file(&dir, "from.db");
    fill(&from);
    let again = DatabaseUrl::Sqlite(dir.path().join(".").join("from.db"));
    assert!(matches!(refused(&from, &again), CopyError::Same(_)));
    // A file without a schema.
    std::fs::write(dir.path().join("empty.db"), "").expect("a file");
    assert!(matches!(refused(&file(&dir, "empty.db"), &to), CopyError::Open(OpenError::NoSchema { .. })));
    assert_eq!(std::fs::metadata(dir.path().join("empty.db")).expect("the file exists").len(), 0);
    if let Some(database) = postgres::shared().map(postgres::Server::create_database) {
        assert!(matches!(refused(&on_server(&database), &to), CopyError::Open(OpenError::NoSchema { .. })));
        assert!(matches!(refused(&on_server(&database), &on_server(&database)), CopyError::Same(_)));
    }
    assert!(!dir.path().join("to.db").exists());
}

fn entries(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("the list can be read");
    entries.map(|entry| entry.expect("the list can be read").file_name().to_string_lossy().into_owned()).collect()
}
