//! A counter that differs from its rows is found, in both databases.

use domain::error::StorageError;
use domain::ports::{Discrepancy, Store};
use domain::{AccountId, Charge, Timestamp, UNBOUNDED, window_of_day};
use storage::verify::{self, Verification};
use storage::{AnyStore, DatabaseUrl, StoreOptions};
use testkit::fixtures::{
    CountingIds, NOW, account, allocation, booking, day, instant, metric_key, staff_member, usage_record,
};
use testkit::{block_on, postgres};

const DAY: &str = "2026-03-29";
const MONTH: &str = "2026-03-01T00:00:00Z";

/// Opens an account with rows that counters of every kind count.
fn fill(store: &impl Store) -> AccountId {
    let ids = CountingIds::default();
    let id = ids.account();
    let write = store.write(move |tx| {
        tx.insert_account(&account(id))?;
        tx.insert_staff_member(&staff_member(id, ids.staff()))?;
        tx.insert_booking(&booking(id, ids.booking(), day(DAY)))?;
        let metered = booking(id, ids.booking(), day("2026-03-30"));
        tx.insert_booking(&metered)?;
        let charge = Charge { metric: metric_key("bookings_ever"), window_start: UNBOUNDED, quantity: 1 };
        tx.charge(id, metered.id.uuid(), &[charge], true)?;
        for quantity in [3, 4] {
            let record = usage_record(id, ids.usage_record(), "sms", quantity);
            tx.insert_usage_record(&record)?;
            let windows = [("sms_per_minute", NOW), ("sms_per_month", instant(MONTH)), ("sms_ever", UNBOUNDED)];
            let charges =
                windows.map(|(metric, window_start)| Charge { metric: metric_key(metric), window_start, quantity });
            tx.charge(id, record.id.uuid(), &charges, true)?;
        }
        let unrecorded = Charge { metric: metric_key("calls"), window_start: NOW, quantity: 3 };
        tx.charge(id, ids.usage_record().uuid(), &[unrecorded], false)?;
        tx.put_allocation(&allocation(id, "disks", "a", 5))?;
        tx.put_allocation(&allocation(id, "disks", "b", 6))?;
        Ok::<_, StorageError>(id)
    });
    block_on(write).expect("the rows are new")
}

/// A counter that differs: the metric, the window, the counter, the rows.
type Differing = (&'static str, Timestamp, u64, u64);

/// The statements that change a counter or a row, and the counters that differ then.
fn tampered() -> Vec<(&'static str, Vec<Differing>)> {
    let (on, month) = (window_of_day(day(DAY)), instant(MONTH));
    vec![
        (
            "UPDATE usage_counters SET used = used + 1 WHERE metric = 'sms_per_minute'",
            vec![("sms_per_minute", NOW, 8, 7)],
        ),
        (
            "UPDATE usage_counters SET used = used - 1 WHERE metric = 'sms_per_month'",
            vec![("sms_per_month", month, 6, 7)],
        ),
        ("DELETE FROM usage_counters WHERE metric = 'sms_per_month'", vec![("sms_per_month", month, 0, 7)]),
        ("DELETE FROM usage_counters WHERE metric = 'sms_ever'", vec![("sms_ever", UNBOUNDED, 0, 7)]),
        ("DELETE FROM charges WHERE metric = 'sms_ever' AND quantity = 3", vec![("sms_ever", UNBOUNDED, 7, 4)]),
        ("DELETE FROM charges WHERE metric = 'sms_per_minute'", vec![("sms_per_minute", NOW, 7, 0)]),
        (
            "UPDATE charges SET quantity = 10 WHERE quantity = 3 AND metric = 'sms_per_month'",
            vec![("sms_per_month", month, 7, 14)],
        ),
        ("UPDATE usage_counters SET used = 12 WHERE metric = 'disks'", vec![("disks", UNBOUNDED, 12, 11)]),
        ("DELETE FROM usage_counters WHERE metric = 'disks'", vec![("disks", UNBOUNDED, 0, 11)]),
        ("DELETE FROM allocations WHERE key = 'a'", vec![("disks", UNBOUNDED, 11, 6)]),
        (
            "UPDATE allocations SET meter = 'files' WHERE key = 'a'",
            vec![("files", UNBOUNDED, 0, 5), ("disks", UNBOUNDED, 11, 6)],
        ),
        ("DELETE FROM staff_members", vec![("staff", UNBOUNDED, 1, 0)]),
        ("DELETE FROM charges WHERE metric = 'bookings_ever'", vec![("bookings_ever", UNBOUNDED, 1, 0)]),
        ("DELETE FROM bookings WHERE day = (SELECT min(day) FROM bookings)", vec![("bookings_per_day", on, 1, 0)]),
        ("UPDATE usage_counters SET used = 9 WHERE metric = 'calls'", vec![]),
        ("DELETE FROM usage_counters WHERE metric = 'calls'", vec![]),
    ]
}

/// Asserts that each statement is found on a database of its own.
fn assert_found(fresh: impl Fn() -> Option<(DatabaseUrl, Box<dyn Fn(&str)>)>) {
    for (sql, expected) in tampered() {
        let Some((url, execute)) = fresh() else { return };
        let store = AnyStore::open(&url, StoreOptions { connections: 2, ..StoreOptions::default() });
        let store = store.expect("the database opens");
        let account_id = fill(&store);
        assert_eq!(block_on(store.verify()), Ok(Vec::new()));
        execute(sql);
        let mut found = block_on(store.verify()).expect("the database can be read");
        found.sort_by_key(ToString::to_string);
        let expected: Vec<Discrepancy> = expected
            .into_iter()
            .map(|(metric, window_start, counter, rows)| {
                let metric = metric_key(metric);
                Discrepancy::Counter { account_id, metric, window_start, counter, rows }
            })
            .collect();
        assert_eq!(found, expected, "{sql}");
        store.close();
    }
}

#[test]
fn a_tampered_counter_is_found_on_sqlite() {
    assert_found(|| {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("headroom.db");
        let execute = move |sql: &str| {
            let path = dir.path().join("headroom.db");
            let connection = rusqlite::Connection::open(path).expect("the file is a database");
            assert!(connection.execute(sql, []).expect("the statement is valid") > 0, "{sql}");
        };
        Some((DatabaseUrl::Sqlite(path), Box::new(execute)))
    });
}

#[test]
fn a_tampered_counter_is_found_on_postgresql() {
    assert_found(|| {
        let database = postgres::shared()?.create_database();
        let url = database.url().parse().expect("a URL");
        Some((url, Box::new(move |sql: &str| database.execute(sql).expect("the statement is valid"))))
    });
}

/// More accounts than one chunk has, and windows in the past and in the future.
#[test]
fn every_window_of_many_accounts_is_compared() {
    const ACCOUNTS: u64 = 2_100;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let url = DatabaseUrl::Sqlite(dir.path().join("headroom.db"));
    let store = AnyStore::open(&url, StoreOptions::default()).expect("the database opens");
    let write = store.write(move |tx| {
        let ids = CountingIds::default();
        for _ in 0..ACCOUNTS {
            let (id, on) = (ids.account(), day(DAY));
            tx.insert_account(&account(id))?;
            tx.put_allocation(&allocation(id, "disks", "a", 5))?;
            tx.insert_booking(&booking(id, ids.booking(), on))?;
            for (window_start, has_records) in [(UNBOUNDED, true), (NOW, true), (window_of_day(on), true), (NOW, false)]
            {
                let metric = metric_key(if has_records { "sms" } else { "calls" });
                let charge = Charge { metric, window_start, quantity: 2 };
                let record = usage_record(id, ids.usage_record(), "sms", 2);
                tx.insert_usage_record(&record)?;
                tx.charge(id, record.id.uuid(), &[charge], has_records)?;
            }
        }
        Ok::<_, StorageError>(())
    });
    block_on(write).expect("the rows are new");
    let verify = || block_on(store.verify_in_chunks(true)).expect("the database can be read");
    let expected = Verification {
        accounts: ACCOUNTS,
        bookings: ACCOUNTS,
        allocations: ACCOUNTS,
        charges: 3 * ACCOUNTS,
        usage_counters: 6 * ACCOUNTS,
        unrecorded_counters: ACCOUNTS,
        ..Verification::default()
    };
    assert_eq!(verify(), expected);
    let connection = rusqlite::Connection::open(dir.path().join("headroom.db")).expect("the file is a database");
    connection.execute("UPDATE usage_counters SET used = used + 1", []).expect("the statement is valid");
    let found = verify();
    assert_eq!((found.findings_total, found.findings.len()), (5 * ACCOUNTS, verify::FINDINGS_MAX));
}
