//! Units that wait for the same account share a transaction when its turn comes, and none of them suffers from another.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use domain::{AccountId, BookingId, Date, UserId};
use storage::{PostgresOptions, PostgresStore};
use testkit::block_on;
use testkit::fixtures::{self, CountingIds};
use testkit::postgres::Database;

const DAY: Date = Date::constant(2031, 5, 5);

type Answer = Result<(), StorageError>;
type Pending<'a> = Pin<Box<dyn Future<Output = Answer> + 'a>>;

/// A store with two workers and three accounts.
///
/// While a unit keeps one worker busy, the other one runs all units that are written, in order. So when a unit that was
/// written last is answered, all before it either are answered, too, or wait for their account.
struct House {
    store: PostgresStore,
    database: Arc<Database>,
    ids: CountingIds,
    accounts: [AccountId; 3],
    /// How often units have begun to run.
    runs: Arc<AtomicUsize>,
    /// The accounts that units have booked on, in order, also if that was rolled back later.
    booked: Arc<Mutex<Vec<AccountId>>>,
}

impl House {
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

    /// Writes a unit that books on an account, and has it until the test says that it may go on.
    fn hold(&self, account: AccountId) -> (Pending<'_>, Sender<()>) {
        let (go_on, told): (_, Receiver<()>) = channel();
        let (has_it, is_held) = channel();
        let unit = self.book_and(account, move |_, _| {
            has_it.send(()).expect("the test waits for it");
            told.recv().expect("the test goes on");
            Ok(())
        });
        is_held.recv().expect("the unit has the account");
        (unit, go_on)
    }

    /// Waits until all units that were written either are answered or wait for their account.
    fn settle(&self) {
        assert_eq!(block_on(self.store.write::<_, StorageError>(|_| Ok(()))), Ok(()));
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    /// Asserts a number that the database has.
    #[track_caller]
    fn assert_number(&self, expected: usize, query: &str) {
        let sql = format!(
            "DO $$ DECLARE found bigint := ({query});
             BEGIN ASSERT found = {expected}, format('%s, and not {expected}', found); END $$"
        );
        self.database.execute(&sql).expect(query);
    }

    /// Asserts how many bookings there are, how many are counted, and in how many transactions they were made.
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
    let Some(house) = House::open("") else { return };
    let account = house.accounts[0];
    let (first, go_on) = house.hold(account);
    let mut waiting = house.book(account, 50);
    let refused = house.write(account, |_| Err(refusal()));
    waiting.extend(house.book(account, 50));
    house.settle();
    go_on.send(()).expect("it waits");
    waiting.push(first);
    assert_all(waiting, &Ok(()));
    assert_all(vec![refused], &Err(refusal()));
    // The first, 64 and the others. That one refused before it wrote made none of them run again.
    house.assert_booked(101, 3);
    assert_eq!(house.runs(), 1 + 2 * 101, "once until they had to wait, and once in their turn");
}

#[test]
fn a_unit_that_fails_after_it_wrote_is_rolled_back_without_the_others_of_its_turn() {
    let Some(house) = House::open("") else { return };
    let account = house.accounts[0];
    let (first, go_on) = house.hold(account);
    let mut waiting = house.book(account, 10);
    let refused = house.book_and(account, |_, _| Err(refusal()));
    waiting.extend(house.book(account, 10));
    let violating = house.book_and(account, move |tx, id| tx.insert_booking(&fixtures::booking(account, id, DAY)));
    waiting.extend(house.book(account, 10));
    let panicking = house.book_and(account, |_, _| panic!("a unit of this test panics"));
    waiting.extend(house.book(account, 10));
    house.settle();
    go_on.send(()).expect("it waits");
    waiting.push(first);
    assert_all(waiting, &Ok(()));
    assert_all(vec![refused], &Err(refusal()));
    let violation = block_on(violating).expect_err("the id is taken").to_string();
    assert!(violation.contains("23505"), "{violation}");
    assert_eq!(block_on(panicking), Err(StorageError::Backend("the unit of work panicked".into())));
    // Three times the ten before, each alone, and the last ten together.
    house.assert_booked(41, 1 + 30 + 1);
}

#[test]
fn all_units_of_a_turn_have_an_unknown_outcome_if_its_commit_has() {
    let Some(house) = House::open("") else { return };
    let account = house.accounts[0];
    let (first, go_on) = house.hold(account);
    let mut waiting = house.book(account, 10);
    let database = Arc::clone(&house.database);
    waiting.push(house.book_and(account, move |_, _| {
        let those = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
                     AND xact_start IS NOT NULL";
        database.execute(&format!("SELECT pg_terminate_backend(pid, 10000) {those}")).expect("the owner may do that");
        Ok(())
    }));
    house.settle();
    go_on.send(()).expect("it waits");
    assert_eq!(block_on(first), Ok(()));
    let outcomes: Vec<_> = waiting.into_iter().map(block_on).collect();
    assert!(outcomes.iter().all(|it| matches!(it, Err(StorageError::OutcomeUnknown(_)))), "{outcomes:?}");
    house.assert_booked(1, 1);
}

#[test]
fn all_units_that_wait_for_an_account_that_a_foreign_session_holds_fail_with_the_first() {
    let Some(house) = House::open("") else { return };
    let [account, other, _] = house.accounts;
    let foreign = format!("SELECT FROM accounts WHERE id = '{}' FOR UPDATE", account.uuid());
    let foreign = house.database.begin(&foreign).expect("no unit has the account");
    let waiting = house.book(account, 100);
    assert_all(house.book(other, 1), &Ok(()));
    assert_all(waiting, &Err(lock_timeout()));
    // The first asked for the account's row. Another that had would have had no time left.
    assert_eq!(house.runs(), 1 + 100);
    drop(foreign);
    assert_all(house.book(account, 1), &Ok(()));
}

#[test]
fn a_unit_that_waits_for_another_lock_in_vain_fails_alone() {
    // Short, so that there is time left for the others.
    let Some(house) = House::open("-c%20lock_timeout=300ms") else { return };
    let account = house.accounts[0];
    let user: UserId = house.ids.user();
    let insert = move |tx: &mut dyn WriteTx| tx.insert_user(&fixtures::user(user, "ann"));
    block_on(house.store.write::<_, StorageError>(insert)).expect("a user");
    let foreign = house.database.begin("SELECT FROM users FOR UPDATE").expect("no unit has the user");
    let (first, go_on) = house.hold(account);
    let mut waiting = house.book(account, 10);
    let alone = house.write(account, move |tx| tx.lock_user(user).map(drop));
    waiting.extend(house.book(account, 10));
    house.settle();
    go_on.send(()).expect("it waits");
    waiting.push(first);
    assert_all(waiting, &Ok(()));
    assert_all(vec![alone], &Err(lock_timeout()));
    drop(foreign);
    house.assert_booked(21, 1 + 10 + 1);
}

#[test]
fn a_unit_of_another_account_waits_for_no_turn_of_a_crowd() {
    let Some(house) = House::open("") else { return };
    let [crowded, other, third] = house.accounts;
    let (first, go_on) = house.hold(crowded);
    let mut crowd = house.book(crowded, 200);
    house.settle();
    // One worker has the crowded account, and the other one this.
    let (busy, stop) = house.hold(third);
    let alone = house.book(other, 1);
    go_on.send(()).expect("it waits");
    assert_all(alone, &Ok(()));
    stop.send(()).expect("it waits");
    crowd.extend([first, busy]);
    assert_all(crowd, &Ok(()));
    let booked = house.booked.lock().expect("no thread panicked with it").clone();
    let before = booked.iter().take_while(|account| **account != other).filter(|account| **account == crowded);
    assert_eq!(before.count(), 1, "the unit that had the account");
    // The first, the other two accounts, and 200 in turns of up to 64.
    house.assert_booked(203, 3 + 4);
}

#[test]
fn a_store_that_is_closed_finishes_the_units_that_wait_for_an_account() {
    let Some(house) = House::open("") else { return };
    let account = house.accounts[0];
    let (first, go_on) = house.hold(account);
    let mut waiting = house.book(account, 100);
    house.settle();
    std::thread::scope(|scope| {
        scope.spawn(|| house.store.close());
        while house.store.is_open() {
            std::thread::yield_now();
        }
        go_on.send(()).expect("it waits");
    });
    waiting.push(first);
    assert_all(waiting, &Ok(()));
    house.assert_number(101, "SELECT count(*) FROM bookings");
}

#[test]
fn noting_the_use_of_an_api_key_waits_for_no_lock() {
    let Some(house) = House::open("") else { return };
    let (user, key) = (house.ids.user(), house.ids.api_key());
    let insert = move |tx: &mut dyn WriteTx| {
        tx.insert_user(&fixtures::user(user, "ann"))?;
        tx.insert_api_key(&fixtures::api_key(key, user))
    };
    block_on(house.store.write::<_, StorageError>(insert)).expect("an API key");
    let foreign = house.database.begin("SELECT FROM api_keys FOR NO KEY UPDATE").expect("no unit has the key");
    assert_eq!(block_on(house.store.write(move |tx| tx.touch_api_key(key, fixtures::NOW))), Ok(()));
    drop(foreign);
}
