//! Units that wait for the same account share a transaction in its turn, and fail independently.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{AccountId, BookingId, Date, UserId};
use storage::statistics::{DatabaseStatistics, PostgresStatistics};
use storage::{PostgresOptions, PostgresStore};
use testkit::block_on;
use testkit::fixtures::{self, CountingIds};
use testkit::postgres::Database;

const DAY: Date = Date::constant(2031, 5, 5);

type Answer = Result<(), StorageError>;
type Pending<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

/// A store with two workers and three accounts.
///
/// While a unit keeps one worker busy, the other one runs all other units in order. So when the
/// last unit is answered, all before it are answered, too, or wait for their account.
struct Fixture {
    store: PostgresStore,
    database: Arc<Database>,
    ids: CountingIds,
    accounts: [AccountId; 3],
    /// How often units have run.
    runs: Arc<AtomicUsize>,
    /// The accounts on which units have booked, in order, rolled back or not.
    booked: Arc<Mutex<Vec<AccountId>>>,
}

impl Fixture {
    /// Statistics of the sessions.
    fn statistics(&self) -> PostgresStatistics {
        match self.store.statistics().database {
            DatabaseStatistics::Postgres(statistics) => statistics,
            DatabaseStatistics::Sqlite(_) => panic!("it is PostgreSQL"),
        }
    }

    fn open(settings: &str) -> Option<Self> {
        let database = Arc::new(testkit::postgres::shared()?.create_database());
        let separator = if database.url().contains('?') { '&' } else { '?' };
        let url = format!("{}{separator}options={settings}", database.url());
        let options = PostgresOptions { writers: 2, ..PostgresOptions::default() };
        let store = PostgresStore::open(&url.parse().expect("a URL"), options).expect("an empty database");
        let ids = CountingIds::default();
        let accounts = [(); 3].map(|()| ids.account());
        let insert = move |tx: &mut dyn WriteTx| {
            accounts.iter().try_for_each(|account| tx.insert_account(&fixtures::account(*account)))
        };
        block_on(store.write::<_, StorageError>(insert)).expect("accounts");
        Some(Self { store, database, ids, accounts, runs: Arc::default(), booked: Arc::default() })
    }

    /// Writes a unit that locks an account, and then does `more`.
    fn write(
        &self,
        account: AccountId,
        mut more: impl FnMut(&mut dyn WriteTx) -> Answer + Send + 'static,
    ) -> Pending<'_> {
        let runs = Arc::clone(&self.runs);
        Box::pin(self.store.write(move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            tx.lock_account(account)?;
            more(tx)
        }))
    }

    /// Writes a unit that books on an account, and then does `more`.
    fn book_and(
        &self,
        account: AccountId,
        mut more: impl FnMut(&mut dyn WriteTx, BookingId) -> Answer + Send + 'static,
    ) -> Pending<'_> {
        let (id, booked) = (self.ids.booking(), Arc::clone(&self.booked));
        self.write(account, move |tx| {
            tx.insert_booking(&fixtures::booking(account, id, DAY))?;
            booked.lock().expect("no thread panicked with it").push(account);
            more(tx, id)
        })
    }

    fn book(&self, account: AccountId, count: usize) -> Vec<Pending<'_>> {
        (0..count).map(|_| self.book_and(account, |_, _| Ok(()))).collect()
    }

    /// Writes a unit that books on an account, and holds it until the test sends a signal.
    fn hold(&self, account: AccountId) -> (Pending<'_>, Sender<()>) {
        let (go_on, signal): (_, Receiver<()>) = channel();
        let (held, is_held) = channel();
        let unit = self.book_and(account, move |_, _| {
            held.send(()).expect("the test waits for it");
            signal.recv().expect("the test goes on");
            Ok(())
        });
        is_held.recv().expect("the unit holds the account");
        (unit, go_on)
    }

    /// Waits until all units are answered or wait for their account.
    fn settle(&self) {
        assert_eq!(block_on(self.store.write::<_, StorageError>(|_| Ok(()))), Ok(()));
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    /// Asserts the number that a query returns.
    #[track_caller]
    fn assert_number(&self, expected: usize, query: &str) {
        let sql = format!(
            "DO $$ DECLARE found bigint := ({query});
             BEGIN ASSERT found = {expected}, format('%s, and not {expected}', found); END $$"
        );
        self.database.execute(&sql).expect(query);
    }

    /// Asserts the number of bookings, also in the counters, and of the transactions that inserted
    /// them.
    #[track_caller]
    fn assert_booked(&self, bookings: usize, transactions: usize) {
        self.assert_number(bookings, "SELECT count(*) FROM bookings");
        self.assert_number(bookings, "SELECT sum(used) FROM usage_counters");
        self.assert_number(transactions, "SELECT count(DISTINCT xmin::text) FROM bookings");
        assert_eq!(block_on(self.store.verify()), Ok(Vec::new()));
    }
}

fn refusal() -> StorageError {
    StorageError::Backend("refused by this test".into())
}

fn lock_timeout() -> StorageError {
    StorageError::Unavailable("canceling statement due to lock timeout (55P03)".into())
}

#[track_caller]
fn assert_all(units: Vec<Pending<'_>>, expected: &Answer) {
    for unit in units {
        assert_eq!(block_on(unit), *expected);
    }
}

#[test]
fn units_that_wait_for_an_account_share_a_transaction() {
    let Some(fixture) = Fixture::open("") else { return };
    let account = fixture.accounts[0];
    let (first, go_on) = fixture.hold(account);
    let mut waiting = fixture.book(account, 50);
    let refused = fixture.write(account, |_| Err(refusal()));
    waiting.extend(fixture.book(account, 50));
    fixture.settle();
    go_on.send(()).expect("it waits");
    waiting.push(first);
    assert_all(waiting, &Ok(()));
    assert_all(vec![refused], &Err(refusal()));
    // The first, 64 and the others. The unit that was refused before it wrote caused no retry.
    fixture.assert_booked(101, 3);
    // Of the 64 units of the first turn, one was refused.
    let largest = "SELECT max(count) FROM (SELECT count(*) FROM bookings GROUP BY xmin::text) AS turns";
    fixture.assert_number(63, largest);
    assert_eq!(fixture.runs(), 1 + 2 * 101, "once until they had to wait, and once in their turn");
    let statistics = fixture.statistics();
    assert_eq!((statistics.account_waits, statistics.waiting_for_account), (101, 0));
    let units = fixture.store.statistics().transactions.units;
    let at_most = |bound: f64| units.buckets.iter().find(|bucket| bucket.0 >= bound).expect("a bound").1;
    assert_eq!(at_most(64.0) - at_most(32.0), 2, "{units:?}");
}

#[test]
fn a_unit_that_fails_after_it_wrote_is_rolled_back_alone() {
    let Some(fixture) = Fixture::open("") else { return };
    let account = fixture.accounts[0];
    let (first, go_on) = fixture.hold(account);
    let mut waiting = fixture.book(account, 10);
    let refused = fixture.book_and(account, |_, _| Err(refusal()));
    waiting.extend(fixture.book(account, 10));
    let violating = fixture.book_and(account, move |tx, id| tx.insert_booking(&fixtures::booking(account, id, DAY)));
    waiting.extend(fixture.book(account, 10));
    let panicking = fixture.book_and(account, |_, _| panic!("a unit of this test panics"));
    waiting.extend(fixture.book(account, 10));
    fixture.settle();
    go_on.send(()).expect("it waits");
    waiting.push(first);
    assert_all(waiting, &Ok(()));
    assert_all(vec![refused], &Err(refusal()));
    let violation = block_on(violating).expect_err("the id is taken").to_string();
    assert!(violation.contains("23505"), "{violation}");
    assert_eq!(block_on(panicking), Err(StorageError::Backend("the unit of work panicked".into())));
    // Three times ten units before a failing one, each alone, and the last ten together.
    fixture.assert_booked(41, 1 + 30 + 1);
}

#[test]
fn an_unknown_commit_outcome_is_that_of_all_units_of_the_turn() {
    let Some(fixture) = Fixture::open("") else { return };
    let account = fixture.accounts[0];
    let (first, go_on) = fixture.hold(account);
    let mut waiting = fixture.book(account, 10);
    let database = Arc::clone(&fixture.database);
    waiting.push(fixture.book_and(account, move |_, _| {
        let others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                     AND xact_start IS NOT NULL";
        database.execute(&format!("SELECT pg_terminate_backend(pid, 10000) {others}")).expect("the owner may do that");
        Ok(())
    }));
    fixture.settle();
    go_on.send(()).expect("it waits");
    assert_eq!(block_on(first), Ok(()));
    let outcomes: Vec<_> = waiting.into_iter().map(block_on).collect();
    assert!(outcomes.iter().all(|it| matches!(it, Err(StorageError::OutcomeUnknown(_)))), "{outcomes:?}");
    fixture.assert_booked(1, 1);
}

#[test]
fn units_that_wait_for_an_account_of_a_foreign_session_fail_together() {
    let Some(fixture) = Fixture::open("") else { return };
    let [account, other, _] = fixture.accounts;
    let foreign = format!("SELECT FROM accounts WHERE id = '{}' FOR UPDATE", account.uuid());
    let foreign = fixture.database.begin(&foreign).expect("no unit holds the account");
    let waiting = fixture.book(account, 100);
    assert_all(fixture.book(other, 1), &Ok(()));
    assert_all(waiting, &Err(lock_timeout()));
    // Only the first waited for the account's row.
    assert_eq!(fixture.runs(), 1 + 100);
    assert_eq!(fixture.statistics().lock_timeouts, 1);
    drop(foreign);
    assert_all(fixture.book(account, 1), &Ok(()));
}

#[test]
fn a_unit_whose_wait_for_another_lock_times_out_fails_alone() {
    // A short timeout, so that the other units still have time.
    let Some(fixture) = Fixture::open("-c%20lock_timeout=300ms") else { return };
    let account = fixture.accounts[0];
    let user: UserId = fixture.ids.user();
    let insert = move |tx: &mut dyn WriteTx| tx.insert_user(&fixtures::user(user, "ann"));
    block_on(fixture.store.write::<_, StorageError>(insert)).expect("a user");
    let foreign = fixture.database.begin("SELECT FROM users FOR UPDATE").expect("no unit holds the user");
    let (first, go_on) = fixture.hold(account);
    let mut waiting = fixture.book(account, 10);
    let alone = fixture.write(account, move |tx| tx.lock_user(user).map(drop));
    waiting.extend(fixture.book(account, 10));
    fixture.settle();
    go_on.send(()).expect("it waits");
    waiting.push(first);
    assert_all(waiting, &Ok(()));
    assert_all(vec![alone], &Err(lock_timeout()));
    drop(foreign);
    fixture.assert_booked(21, 1 + 10 + 1);
}

#[test]
fn a_unit_of_another_account_does_not_wait_for_a_busy_account() {
    let Some(fixture) = Fixture::open("") else { return };
    let [busy_account, other, third] = fixture.accounts;
    let (first, go_on) = fixture.hold(busy_account);
    let mut waiting = fixture.book(busy_account, 200);
    fixture.settle();
    // One worker holds the busy account, and the other one holds this.
    let (busy, stop) = fixture.hold(third);
    let alone = fixture.book(other, 1);
    go_on.send(()).expect("it waits");
    assert_all(alone, &Ok(()));
    stop.send(()).expect("it waits");
    waiting.extend([first, busy]);
    assert_all(waiting, &Ok(()));
    let booked = fixture.booked.lock().expect("no thread panicked with it").clone();
    let before = booked.iter().take_while(|account| **account != other).filter(|account| **account == busy_account);
    assert_eq!(before.count(), 1, "the unit that held the account");
    // The first, the other two accounts, and 200 in turns of up to 64.
    fixture.assert_booked(203, 3 + 4);
}

#[test]
fn a_store_that_is_closed_finishes_the_units_that_wait_for_an_account() {
    let Some(fixture) = Fixture::open("") else { return };
    let account = fixture.accounts[0];
    let (first, go_on) = fixture.hold(account);
    let mut waiting = fixture.book(account, 100);
    fixture.settle();
    std::thread::scope(|scope| {
        scope.spawn(|| fixture.store.close());
        while fixture.store.is_open() {
            std::thread::yield_now();
        }
        go_on.send(()).expect("it waits");
    });
    waiting.push(first);
    assert_all(waiting, &Ok(()));
    fixture.assert_number(101, "SELECT count(*) FROM bookings");
}

#[test]
fn recording_the_use_of_an_api_key_waits_for_no_lock() {
    let Some(fixture) = Fixture::open("") else { return };
    let (user, key) = (fixture.ids.user(), fixture.ids.api_key());
    let insert = move |tx: &mut dyn WriteTx| {
        tx.insert_user(&fixtures::user(user, "ann"))?;
        tx.insert_api_key(&fixtures::api_key(key, user))
    };
    block_on(fixture.store.write::<_, StorageError>(insert)).expect("an API key");
    let foreign = fixture.database.begin("SELECT FROM api_keys FOR NO KEY UPDATE").expect("no unit holds the key");
    assert_eq!(block_on(fixture.store.write(move |tx| tx.touch_api_key(key, fixtures::NOW))), Ok(()));
    drop(foreign);
}
