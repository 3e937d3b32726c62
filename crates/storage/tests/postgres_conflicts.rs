//! A unit that conflicts with others is retried, and not without end.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;

use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use storage::{PostgresOptions, PostgresStore};
use testkit::block_on;
use testkit::fixtures::{self, CountingIds};
use testkit::postgres::Database;

const CONFLICT: &str = "serialization_failure";
const VIOLATION: &str = "unique_violation";

/// A store in which each of the first inserts of a user fails.
struct Fixture {
    store: PostgresStore,
    _database: Database,
    ids: CountingIds,
    /// How often the units of [`Fixture::write`] have run.
    runs: Arc<AtomicUsize>,
}

impl Fixture {
    /// The first `count` inserts fail with the condition: each at once, or in its COMMIT if
    /// `timing` is `DEFERRED`.
    fn open(condition: &str, timing: &str, count: usize) -> Option<Self> {
        let database = testkit::postgres::shared()?.create_database();
        // Two workers: while a unit keeps one busy, the other one runs all other units in order.
        let options = PostgresOptions { writers: 2, ..PostgresOptions::default() };
        let store = PostgresStore::open(&database.url().parse().expect("a URL"), options).expect("an empty database");
        // A rollback does not reset the sequence.
        let trigger = format!(
            "CREATE SEQUENCE inserts;
             CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                 IF nextval('inserts') <= {count} THEN
                     RAISE EXCEPTION 'a failure of this test' USING ERRCODE = '{condition}';
                 END IF;
                 RETURN NULL;
             END $$;
             CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON users
                 DEFERRABLE INITIALLY {timing} FOR EACH ROW EXECUTE FUNCTION fail()"
        );
        database.execute(&trigger).expect("the owner can create a trigger");
        Some(Self { store, _database: database, ids: CountingIds::default(), runs: Arc::default() })
    }

    /// Writes a unit that does `first`, and then inserts a user.
    fn write(
        &self,
        mut first: impl FnMut(&mut dyn WriteTx) -> Result<(), StorageError> + Send + 'static,
    ) -> Pin<Box<dyn Future<Output = Result<(), StorageError>> + '_>> {
        let (id, runs) = (self.ids.user(), Arc::clone(&self.runs));
        Box::pin(self.store.write(move |tx| {
            runs.fetch_add(1, Ordering::SeqCst);
            first(tx)?;
            tx.insert_user(&fixtures::user(id, &id.to_string()))
        }))
    }

    fn runs(&self) -> usize {
        self.runs.load(Ordering::SeqCst)
    }

    fn count_users(&self) -> usize {
        let users = block_on(self.store.read::<_, StorageError>(|tx| tx.list_users(None, 100)));
        users.expect("the read succeeds").len()
    }
}

#[test]
fn a_unit_that_conflicts_runs_eight_times_at_most() {
    for timing in ["IMMEDIATE", "DEFERRED"] {
        for (conflicts, users) in [(7, 1), (8, 0)] {
            let Some(fixture) = Fixture::open(CONFLICT, timing, conflicts) else { return };
            let result = block_on(fixture.write(|_| Ok(())));
            match (users, &result) {
                (1, Ok(())) | (0, Err(StorageError::Unavailable(_))) => {}
                _ => panic!("{timing}: after {conflicts} conflicts {result:?}"),
            }
            assert_eq!((fixture.runs(), fixture.count_users()), (8, users), "{timing}");
        }
    }
}

#[test]
fn a_unit_that_violates_an_index_runs_twice() {
    for timing in ["IMMEDIATE", "DEFERRED"] {
        for (violations, users) in [(1, 1), (2, 0)] {
            let Some(fixture) = Fixture::open(VIOLATION, timing, violations) else { return };
            let result = block_on(fixture.write(|_| Ok(())));
            match (users, &result) {
                (1, Ok(())) | (0, Err(StorageError::Backend(_))) => {}
                _ => panic!("{timing}: after {violations} violations {result:?}"),
            }
            assert_eq!((fixture.runs(), fixture.count_users()), (2, users), "{timing}");
        }
    }
}

#[test]
fn a_unit_that_panics_after_a_conflict_is_not_retried() {
    let Some(fixture) = Fixture::open(CONFLICT, "IMMEDIATE", 1) else { return };
    let (id, runs) = (fixture.ids.user(), Arc::clone(&fixture.runs));
    let result = block_on(fixture.store.write::<(), StorageError>(move |tx| {
        runs.fetch_add(1, Ordering::SeqCst);
        tx.insert_user(&fixtures::user(id, "ann")).expect("the first insert conflicts");
        Ok(())
    }));
    assert_eq!(result, Err(StorageError::Backend("the unit of work panicked".into())));
    assert_eq!((fixture.runs(), fixture.count_users()), (1, 0));
}

/// PostgreSQL rolls the transaction back even if the unit returns a success.
#[test]
fn a_unit_that_ignores_a_failed_statement_fails() {
    for condition in ["raise_exception", VIOLATION] {
        let Some(fixture) = Fixture::open(condition, "IMMEDIATE", 2) else { return };
        let id = fixture.ids.user();
        let result = block_on(fixture.store.write::<(), StorageError>(move |tx| {
            tx.insert_user(&fixtures::user(id, "ann")).unwrap_or_default();
            Ok(())
        }));
        assert!(matches!(result, Err(StorageError::Backend(_))), "{condition}: {result:?}");
        assert_eq!(fixture.count_users(), 0);
    }
}

#[test]
fn units_of_a_turn_whose_commit_conflicts_run_alone() {
    let Some(fixture) = Fixture::open(CONFLICT, "DEFERRED", 1) else { return };
    let account = fixture.ids.account();
    let insert = move |tx: &mut dyn WriteTx| tx.insert_account(&fixtures::account(account));
    block_on(fixture.store.write::<_, StorageError>(insert)).expect("an account");
    let ((held, is_held), (go_on, signal)) = (channel(), channel::<()>());
    let holding = fixture.store.write::<_, StorageError>(move |tx| {
        tx.lock_account(account)?;
        held.send(()).expect("the test waits for it");
        signal.recv().expect("the test goes on");
        Ok(())
    });
    is_held.recv().expect("the unit holds the account");
    let waiting: Vec<_> = (0..10).map(|_| fixture.write(move |tx| tx.lock_account(account).map(drop))).collect();
    // When this unit is answered, the ones before it wait.
    assert_eq!(block_on(fixture.store.write::<_, StorageError>(|_| Ok(()))), Ok(()));
    go_on.send(()).expect("it waits");
    assert_eq!(block_on(holding), Ok(()));
    assert!(waiting.into_iter().all(|unit| block_on(unit) == Ok(())));
    assert_eq!((fixture.runs(), fixture.count_users()), (3 * 10, 10), "once to wait, once in the turn, once alone");
}
