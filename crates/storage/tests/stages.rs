//! The stages of a unit of work are recorded for callers that ask for them, in both stores.

use std::sync::mpsc::channel;
use std::time::Instant;

use domain::AccountId;
use domain::error::StorageError;
use domain::ports::{Store, WriteTx};
use storage::{AnyStore, PostgresOptions, PostgresStore, SqliteOptions, SqliteStore, Stage, UnitStages};
use testkit::block_on;
use testkit::fixtures::{CountingIds, account};
use testkit::postgres::Database;

const COMMIT: Stage = Stage::Commit { units: 1 };

/// A store with an account.
fn sqlite(write_queue_max: usize) -> (AnyStore, AccountId, tempfile::TempDir) {
    let dir = tempfile::tempdir().expect("a directory");
    let options = SqliteOptions { write_queue_max, ..SqliteOptions::default() };
    let store = SqliteStore::open(&dir.path().join("test.db"), options).expect("a new database").into();
    let id = CountingIds::default().account();
    if write_queue_max > 0 {
        insert(&store, id);
    }
    (store, id, dir)
}

/// A store with an account, in a database that is dropped with the last value.
fn postgres() -> Option<(AnyStore, AccountId, Database)> {
    let database = testkit::postgres::shared()?.create_database();
    let store = PostgresStore::open(&database.url().parse().expect("a URL"), PostgresOptions::default());
    let (store, id) = (AnyStore::Postgres(store.expect("an empty database")), CountingIds::default().account());
    insert(&store, id);
    Some((store, id, database))
}

fn insert(store: &AnyStore, id: AccountId) {
    let insert = move |tx: &mut dyn WriteTx| tx.insert_account(&account(id));
    block_on(store.write::<_, StorageError>(insert)).expect("the account is new");
}

fn of(stages: &UnitStages) -> Vec<Stage> {
    stages.times().into_iter().map(|it| it.stage).collect()
}

/// Asserts that the stages follow each other between two instants.
#[track_caller]
fn assert_tiled(stages: &UnitStages, begun: Instant) {
    let times = stages.times();
    let (first, last) = (times.first().expect("stages"), times.last().expect("stages"));
    assert!(begun <= first.begun && last.ended <= Instant::now(), "{times:?}");
    assert!(times.iter().all(|it| it.begun <= it.ended), "{times:?}");
    assert!(times.windows(2).all(|pair| pair[0].ended == pair[1].begun), "{times:?}");
}

/// Runs a write, a refused write and a read, and returns their stages.
fn stages_of_three(store: &AnyStore, id: AccountId) -> [Vec<Stage>; 3] {
    let (begun, stages) = (Instant::now(), [(); 3].map(|()| UnitStages::recorded()));
    let [written, refused, read] = stages.clone();
    let write = move |tx: &mut dyn WriteTx| tx.account_exists(id);
    assert_eq!(block_on(store.write_staged::<_, StorageError>(written, write)), Ok(true));
    let refuse = |_: &mut dyn WriteTx| Err(StorageError::Backend("refused".into()));
    assert!(block_on(store.write_staged::<(), _>(refused, refuse)).is_err());
    assert_eq!(block_on(store.read_staged::<_, StorageError>(read, move |tx| tx.account_exists(id))), Ok(true));
    stages.each_ref().map(|stages| {
        assert_tiled(stages, begun);
        of(stages)
    })
}

#[test]
fn the_stages_of_units_on_sqlite_are_recorded() {
    let (store, id, _dir) = sqlite(8);
    let write = vec![Stage::Queue, Stage::Work, Stage::Batch, COMMIT];
    // The refusal waits for the commit, too.
    assert_eq!(stages_of_three(&store, id), [write.clone(), write, vec![Stage::Queue, Stage::Connection, Stage::Work]]);
}

#[test]
fn units_of_a_batch_have_the_size_of_it_on_their_commits() {
    let (store, ..) = sqlite(8);
    let ((is_held, held), (release, released)) = (channel(), channel::<()>());
    let first = store.write(move |_| {
        is_held.send(()).expect("the test waits");
        released.recv().map_err(|error| StorageError::Backend(error.to_string()))
    });
    held.recv().expect("it runs");
    let stages = [(); 3].map(|()| UnitStages::recorded());
    let others = stages.clone().map(|stages| store.write_staged::<_, StorageError>(stages, |_| Ok(())));
    release.send(()).expect("it waits");
    assert_eq!(block_on(first), Ok(()));
    for other in others {
        assert_eq!(block_on(other), Ok(()));
    }
    for stages in stages {
        assert_eq!(of(&stages), [Stage::Queue, Stage::Work, Stage::Batch, Stage::Commit { units: 3 }]);
    }
}

#[test]
fn a_unit_that_is_refused_by_a_full_queue_was_in_no_other_stage() {
    let (store, ..) = sqlite(0);
    let stages = UnitStages::recorded();
    let refused = block_on(store.write_staged::<_, StorageError>(stages.clone(), |_| Ok(())));
    assert!(matches!(refused, Err(StorageError::Unavailable(_))), "{refused:?}");
    assert_eq!(of(&stages), [Stage::Queue]);
}

#[test]
fn the_stages_of_units_on_postgresql_are_recorded() {
    let Some((store, id, _database)) = postgres() else { return };
    let write = vec![Stage::Queue, Stage::Connection, Stage::Work, COMMIT];
    let without_commit = || vec![Stage::Queue, Stage::Connection, Stage::Work];
    assert_eq!(stages_of_three(&store, id), [write, without_commit(), without_commit()]);
}

#[test]
fn a_unit_that_waits_for_an_account_has_a_stage_of_it() {
    let Some((store, id, _database)) = postgres() else { return };
    let ((is_held, held), (release, released)) = (channel(), channel::<()>());
    let first = store.write(move |tx: &mut dyn WriteTx| {
        tx.lock_account(id)?;
        is_held.send(()).expect("the test waits");
        released.recv().map_err(|error| StorageError::Backend(error.to_string()))
    });
    held.recv().expect("it has the account");
    let (begun, stages) = (Instant::now(), UnitStages::recorded());
    let lock = move |tx: &mut dyn WriteTx| tx.lock_account(id).map(drop);
    let second = store.write_staged::<_, StorageError>(stages.clone(), lock);
    let waits = || match store.statistics().database {
        storage::statistics::DatabaseStatistics::Postgres(statistics) => statistics.waiting_for_account == 1,
        storage::statistics::DatabaseStatistics::Sqlite(_) => panic!("it is PostgreSQL"),
    };
    while !waits() {
        std::thread::yield_now();
    }
    release.send(()).expect("it waits");
    assert_eq!((block_on(first), block_on(second)), (Ok(()), Ok(())));
    assert_tiled(&stages, begun);
    let until_it_waits = [Stage::Queue, Stage::Connection, Stage::Work, Stage::Account];
    assert_eq!(of(&stages), [&until_it_waits[..], &[Stage::Connection, Stage::Work, Stage::Batch, COMMIT]].concat());
}
