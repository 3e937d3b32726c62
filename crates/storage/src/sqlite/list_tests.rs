//! The work for a page of a list, in rows that are read and in statements.

use std::ops::ControlFlow;
use std::path::Path;

use domain::ports::{Accounts, Bookings, Members, Page, ReadBookings, ReadMembers, Users};
use domain::{
    Account, AccountId, AccountPosition, AccountSearch, Booking, BookingFilter, BookingPosition, Date, Name, Role,
};
use testkit::fixtures::{CountingIds, NOW, account, booking};

use super::transaction::Transaction;
use super::*;
use crate::tables::{Sql, Value};
use crate::tx::{Dialect, SqlConnection, Visit};

const DAY: Date = Date::constant(2026, 3, 25);

/// A connection that counts rows and statements.
struct CountingConnection<'c> {
    transaction: Transaction<'c>,
    /// Rows with all columns, so not those of an index entry.
    rows: usize,
    queries: usize,
}

impl SqlConnection for CountingConnection<'_> {
    fn dialect(&self) -> Dialect {
        self.transaction.dialect()
    }

    fn query(&mut self, sql: &'static Sql, params: &[Value<'_>], visit: &mut Visit<'_>) -> Result<(), StorageError> {
        self.queries += 1;
        let (is_whole, rows) = (sql.sqlite.contains("created_at"), &mut self.rows);
        let mut counted = |row: &dyn crate::tables::SqlRow| -> Result<ControlFlow<()>, StorageError> {
            *rows += usize::from(is_whole);
            visit(row)
        };
        self.transaction.query(sql, params, &mut counted)
    }

    fn execute(&mut self, sql: &'static Sql, params: &[Value<'_>]) -> Result<u64, StorageError> {
        self.transaction.execute(sql, params)
    }

    fn enter_account(&mut self, account: AccountId) -> Result<bool, StorageError> {
        self.transaction.enter_account(account)
    }
}

/// A database with two accounts.
struct Fixture {
    connection: Connection,
    ids: CountingIds,
    /// The account with the lower id first.
    accounts: [AccountId; 2],
}

impl Fixture {
    fn new() -> Self {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, Path::new("test.db")).unwrap();
        let ids = CountingIds::default();
        let fixture = Self { connection, accounts: [(); 2].map(|()| ids.account()), ids };
        fixture.insert_accounts(fixture.accounts.map(account));
        fixture
    }

    fn insert_accounts(&self, accounts: impl IntoIterator<Item = Account>) {
        let mut transaction = Transaction::new(&self.connection);
        let mut tx = SqlTx::new(&mut transaction);
        for account in accounts {
            tx.insert_account(&account).unwrap();
            tx.update_account(&account).unwrap();
        }
    }

    /// Inserts bookings on these days, each with whether it is removed.
    fn book(&self, account: AccountId, bookings: impl IntoIterator<Item = (Date, bool)>) {
        let mut transaction = Transaction::new(&self.connection);
        let mut tx = SqlTx::new(&mut transaction);
        for (day, is_removed) in bookings {
            let deleted_at = Some(NOW).filter(|_| is_removed);
            tx.insert_booking(&Booking { deleted_at, ..booking(account, self.ids.booking(), day) }).unwrap();
        }
    }

    /// What `list` returns, and how many rows and statements it reads.
    fn count<T>(&self, list: impl FnOnce(&mut SqlTx<'_>) -> Result<T, StorageError>) -> (T, usize, usize) {
        let transaction = Transaction::new(&self.connection);
        let mut counting = CountingConnection { transaction, rows: 0, queries: 0 };
        let listed = list(&mut SqlTx::new(&mut counting)).unwrap();
        (listed, counting.rows, counting.queries)
    }

    /// A page of the bookings of the second account.
    fn page(
        &self,
        filter: &BookingFilter,
        after: Option<BookingPosition>,
        max: usize,
    ) -> (Page<Booking, BookingPosition>, usize, usize) {
        self.count(|tx| tx.list_bookings(self.accounts[1], filter, after, max))
    }
}

/// The day that is `days` after [`DAY`].
fn day_after(days: i64) -> Date {
    DAY.checked_add(jiff::SignedDuration::from_hours(24 * days)).unwrap()
}

#[test]
fn a_page_of_bookings_reads_one_booking_more_than_it_holds() {
    let fixture = Fixture::new();
    fixture.book(fixture.accounts[1], (0..12).map(|number| (day_after(number / 3), false)));
    for max in [1, 2, 3, 4, 7, 11] {
        let (page, rows, _) = fixture.page(&BookingFilter::default(), None, max);
        assert_eq!((page.items.len(), rows), (max, max + 1));
    }
}

#[test]
fn a_page_reads_few_of_the_bookings_it_filters_out() {
    let fixture = Fixture::new();
    fixture.book(fixture.accounts[1], [(DAY, true); 1_500]);
    let (page, rows, queries) = fixture.page(&BookingFilter::default(), None, 10);
    assert_eq!((page.items.len(), page.next.is_some()), (0, true));
    // 11 bookings first, then 200 at a time up to 1,000. Each read finds the day first.
    assert_eq!((rows, queries), (11 + 5 * 200, 2 * (1 + 5)));
}

#[test]
fn a_page_reads_again_for_the_bookings_it_lacks() {
    let fixture = Fixture::new();
    fixture.book(fixture.accounts[1], (0..1_000).map(|number| (DAY, number % 2 == 0)));
    let (page, rows, _) = fixture.page(&BookingFilter::default(), None, 300);
    // Half of what is read is missing: 151 of the first 301. After 200 more, another 200.
    assert_eq!((page.items.len(), rows), (300, 301 + 200 + 200));
}

#[test]
fn a_position_beyond_the_filter_reads_no_booking_between() {
    let fixture = Fixture::new();
    fixture.book(fixture.accounts[1], (0..50).map(|number| (day_after(number / 10), false)));
    let after = BookingPosition { day: day_after(9), id: fixture.ids.booking() };
    let filter = BookingFilter { to: Some(DAY), ..BookingFilter::default() };
    let (page, rows, _) = fixture.page(&filter, Some(after), 100);
    assert_eq!((page.items.len(), rows), (10, 10));
}

#[test]
fn a_day_of_other_accounts_alone_is_skipped_with_the_day_before() {
    let fixture = Fixture::new();
    fixture.book(fixture.accounts[0], (0..10).map(|days| (day_after(days), false)));
    let filter = BookingFilter { from: Some(DAY), to: Some(day_after(9)), ..BookingFilter::default() };
    let (page, _, queries) = fixture.page(&filter, None, 100);
    assert_eq!((page.items.len(), page.next), (0, None));
    // For each two days one that finds a day and one that reads it.
    assert_eq!(queries, 10);
}

#[test]
fn a_list_of_accounts_reads_removed_ones_on_request_only() {
    let fixture = Fixture::new();
    let removed = (0..20).map(|_| Account { deleted_at: Some(NOW), ..account(fixture.ids.account()) });
    fixture.insert_accounts(removed);
    for (include_deleted, count) in [(false, 2), (true, 22)] {
        let (page, rows, _) = fixture.count(|tx| tx.list_accounts(None, include_deleted, None, 100));
        // The overrides of each account are read, too: no row.
        assert_eq!((page.items.len(), rows), (count, count));
    }
}

/// Up to `max` accounts of a user who is a member of `count` accounts, of which those that
/// `is_removed` says are removed, and how many rows it reads.
fn accounts_of_user(count: usize, is_removed: impl Fn(usize) -> bool, max: usize) -> (Page<Account, AccountId>, usize) {
    let fixture = Fixture::new();
    let user = fixture.ids.user();
    let accounts: Vec<Account> = (0..count)
        .map(|number| Account {
            deleted_at: Some(NOW).filter(|_| is_removed(number)),
            ..account(fixture.ids.account())
        })
        .collect();
    fixture.insert_accounts(accounts.iter().cloned());
    let mut transaction = Transaction::new(&fixture.connection);
    let mut tx = SqlTx::new(&mut transaction);
    tx.insert_user(&testkit::fixtures::user(user, "ann")).unwrap();
    for account in accounts {
        tx.put_member(account.id, user, Role::Owner, NOW).unwrap();
    }
    let (page, rows, _) = fixture.count(|tx| tx.list_accounts(Some(user), false, None, max));
    (page, rows)
}

#[test]
fn a_page_of_removed_accounts_reads_a_thousand() {
    let (page, rows) = accounts_of_user(1_100, |_| true, 1);
    assert_eq!((page.items.len(), page.next.is_some(), rows), (0, true, 1_000));
}

#[test]
fn a_page_reads_again_for_the_accounts_it_lacks() {
    let (page, rows) = accounts_of_user(100, |number| number % 2 == 0, 10);
    // 6 of the first 11 are not removed, 2 of the next 5, 2 of the next 3, and the last.
    assert_eq!((page.items.len(), page.next.is_some(), rows), (10, true, 11 + 5 + 3 + 1 + 1));
}

/// A page of a search for a name that `count` accounts have, of which those that `is_removed` says
/// are removed, and how many rows it reads. Accounts of other names are before and after them.
fn found_by_name(
    count: usize,
    is_removed: impl Fn(usize) -> bool,
    max: usize,
) -> (Page<Account, AccountPosition>, usize) {
    let fixture = Fixture::new();
    let named = |called: &str, deleted_at| Account {
        name: Name::parse(called).unwrap(),
        deleted_at,
        ..account(fixture.ids.account())
    };
    fixture.insert_accounts((0..40).map(|number| named(if number % 2 == 0 { "Aa" } else { "Zz" }, None)));
    fixture.insert_accounts((0..count).map(|number| named("Salon", Some(NOW).filter(|_| is_removed(number)))));
    let search = AccountSearch::parse("sal").unwrap();
    let (page, rows, _) = fixture.count(|tx| tx.search_accounts(None, &search, false, None, max));
    (page, rows)
}

#[test]
fn a_search_reads_one_account_more_than_its_page_holds() {
    for max in [1, 10, 30] {
        let (page, rows) = found_by_name(40, |_| false, max);
        assert_eq!((page.items.len(), page.next.is_some(), rows), (max, true, max + 1));
    }
}

#[test]
fn a_search_reads_few_of_the_removed_accounts_of_a_name() {
    let (page, rows) = found_by_name(1_500, |_| true, 10);
    // 11 accounts first, then 200 at a time up to 1,000.
    assert_eq!((page.items.len(), page.next.is_some(), rows), (0, true, 11 + 5 * 200));
}
