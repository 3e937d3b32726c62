//! Copying between databases: all of it or nothing, and what arrives works on.

mod filled;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use domain::error::StorageError;
use domain::ports::{ReadTx, Store};
use domain::{AccountId, BookingFilter, SignedDuration};
use filled::{fill, open, told};
use storage::DatabaseUrl;
use storage::OpenError;
use storage::copy::{CopiedTable, CopyError, Progress, Step, copy};
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
    database.url().parse().expect("the server's URL is one")
}

fn copied(from: &DatabaseUrl, to: &DatabaseUrl) -> Vec<CopiedTable> {
    copy(from, to, &mut |_| ()).expect("it can be copied")
}

fn refused(from: &DatabaseUrl, to: &DatabaseUrl) -> CopyError {
    copy(from, to, &mut |_| ()).expect_err("it cannot be copied")
}

/// Runs the copy until it comes to a table, and pulls it down there.
fn stop_at(step: Step, from: &DatabaseUrl, to: &DatabaseUrl) {
    let mut pull_down = |at: Progress| assert!(at.step != step, "stopped by the test");
    assert!(catch_unwind(AssertUnwindSafe(|| copy(from, to, &mut pull_down))).is_err());
}

/// Books one day after the other, and looks at the list.
fn book_on(url: &DatabaseUrl, account: AccountId) {
    let (store, ids) = (open(url), CountingIds::new(9));
    for number in 0..30 {
        let id = ids.booking();
        let on = day("2026-03-20") + SignedDuration::from_hours(24 * (number % 15));
        let new = booking(account, id, on);
        block_on(store.write::<_, StorageError>(move |tx| tx.insert_booking(&new))).expect("it can be booked");
        let filter = BookingFilter { from: Some(on), to: Some(on), ..BookingFilter::default() };
        let list = move |tx: &mut dyn ReadTx| tx.list_bookings(account, &filter, None, 2);
        let newest = block_on(store.read::<_, StorageError>(list)).expect("it can be listed");
        assert_eq!(newest.items[0].id, id);
    }
    assert_eq!(block_on(store.verify()), Ok(Vec::new()));
    store.close();
}

#[test]
fn what_goes_there_and_back_is_the_same_in_every_row_and_works_on() {
    let Some(server) = postgres::shared() else { return };
    let (dir, database) = (new_dir(), server.create_database());
    let (first, there, back) = (file(&dir, "first.db"), on_server(&database), file(&dir, "back.db"));
    let filled = fill(&first);
    let before = told(&first, filled);
    let tables = copied(&first, &there);
    assert_eq!(told(&there, filled), before);
    assert_eq!(copied(&there, &back), tables);
    assert_eq!(told(&back, filled), before);
    for table in &tables {
        assert!(table.rows > 0, "{table:?}");
    }
    assert_eq!(tables.iter().find(|table| table.name == "bookings").map(|table| table.rows), Some(62));
    for url in [&there, &back] {
        book_on(url, filled.busy);
    }
    assert_eq!(told(&first, filled), before);
}

#[test]
fn a_copy_of_a_copy_has_the_same_checksums_whatever_is_counted_where() {
    let dir = new_dir();
    let (first, second, third) = (file(&dir, "first.db"), file(&dir, "second.db"), file(&dir, "third.db"));
    fill(&first);
    let tables = copied(&first, &second);
    assert_eq!(copied(&second, &third), tables);
    assert!(tables.iter().enumerate().all(|(index, one)| tables[..index].iter().all(|it| it.checksum != one.checksum)));
}

#[test]
fn a_target_that_has_rows_is_refused_and_left_as_it_is() {
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
fn a_copy_that_is_stopped_leaves_the_target_empty_and_is_begun_anew() {
    let dir = new_dir();
    let database = postgres::shared().map(postgres::Server::create_database);
    let from = file(&dir, "from.db");
    let filled = fill(&from);
    for to in [Some(file(&dir, "to.db")), database.as_ref().map(on_server)].into_iter().flatten() {
        // The next one is refused if the one before has left anything.
        for step in [Step::Copying("audit_entries"), Step::Completing, Step::Comparing("bookings"), Step::Verifying] {
            stop_at(step, &from, &to);
        }
        copied(&from, &to);
        assert_eq!(told(&to, filled), told(&from, filled));
    }
}

#[test]
fn what_is_written_while_it_is_copied_is_not_in_the_copy() {
    let dir = new_dir();
    let database = postgres::shared().map(postgres::Server::create_database);
    let first = file(&dir, "first.db");
    let filled = fill(&first);
    let there = database.as_ref().map(on_server);
    if let Some(there) = &there {
        copied(&first, there);
    }
    for (number, from) in [Some(first), there].into_iter().flatten().enumerate() {
        let (to, before, mut is_booked) = (file(&dir, &format!("{number}.db")), told(&from, filled), false);
        copy(&from, &to, &mut |at| {
            if at.step == Step::Copying("bookings") && !std::mem::replace(&mut is_booked, true) {
                book_on(&from, filled.busy);
            }
        })
        .expect("it can be copied");
        assert!(is_booked && told(&from, filled) != before);
        assert_eq!(told(&to, filled), before);
    }
}

#[test]
fn the_progress_counts_each_row_twice_up_to_the_end() {
    let dir = new_dir();
    let from = file(&dir, "from.db");
    fill(&from);
    let mut seen: Vec<Progress> = Vec::new();
    let tables = copy(&from, &file(&dir, "to.db"), &mut |at| seen.push(at)).expect("it can be copied");
    assert!(seen.is_sorted_by_key(|at| at.done));
    let rows: u64 = tables.iter().map(|table| table.rows).sum();
    assert_eq!(seen.last().map(|at| (at.done, at.total)), Some((2 * rows, 2 * rows)));
}

#[test]
fn what_is_no_source_is_refused_and_not_made_one() {
    let dir = new_dir();
    let (missing, to) = (file(&dir, "missing.db"), file(&dir, "to.db"));
    assert!(matches!(refused(&missing, &to), CopyError::Missing(_)));
    assert_eq!(entries(dir.path()), Vec::<String>::new());
    let from = file(&dir, "from.db");
    fill(&from);
    let again = DatabaseUrl::Sqlite(dir.path().join(".").join("from.db"));
    assert!(matches!(refused(&from, &again), CopyError::Same(_)));
    // As no Headroom has left it yet, and as an older one may have.
    std::fs::write(dir.path().join("empty.db"), "").expect("a file");
    assert!(matches!(refused(&file(&dir, "empty.db"), &to), CopyError::Open(OpenError::NoSchema { .. })));
    assert_eq!(std::fs::metadata(dir.path().join("empty.db")).expect("it is there").len(), 0);
    if let Some(database) = postgres::shared().map(postgres::Server::create_database) {
        assert!(matches!(refused(&on_server(&database), &to), CopyError::Open(OpenError::NoSchema { .. })));
        assert!(matches!(refused(&on_server(&database), &on_server(&database)), CopyError::Same(_)));
    }
    assert!(!dir.path().join("to.db").exists());
}

fn entries(dir: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(dir).expect("it can be listed");
    entries.map(|entry| entry.expect("it can be listed").file_name().to_string_lossy().into_owned()).collect()
}
