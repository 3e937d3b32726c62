//! The PostgreSQL store passes the conformance suite.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::AccountSearch;
use domain::error::StorageError;
use domain::ports::{Discrepancy, ReadTx, Store, WriteTx};
use storage::{PostgresOptions, PostgresStore};
use testkit::block_on;
use testkit::fixtures::{self, CountingIds};
use testkit::postgres::Database;

fn fresh() -> Option<(PostgresStore, Database)> {
    let database = testkit::postgres::shared()?.create_database();
    let url = database.url().parse().expect("a URL");
    let store = PostgresStore::open(&url, PostgresOptions::default());
    Some((store.expect("an empty database"), database))
}

testkit::conformance!(fresh);

#[test]
fn postgres_and_the_model_agree_on_every_answer() {
    testkit::model::agrees_with_the_model(12, fresh);
}

#[test]
fn no_accepted_sequence_passes_a_limit() {
    testkit::model::no_accepted_sequence_passes_a_limit(12, fresh);
}

#[test]
fn histories_of_holds_are_linearizable() {
    testkit::linearizability::check(40, fresh);
}

/// Only the row of the account keeps units of different servers apart.
#[test]
fn histories_of_holds_on_two_servers_are_linearizable() {
    testkit::linearizability::check(40, || {
        let (store, database) = fresh()?;
        let url = database.url().parse().expect("a URL");
        let other = PostgresStore::open(&url, PostgresOptions::default()).expect("the same database");
        Some((TwoServers { stores: [store, other], units: AtomicUsize::new(0) }, database))
    });
}

/// Two stores on the same database, as of two servers, which get units by turns.
struct TwoServers {
    stores: [PostgresStore; 2],
    units: AtomicUsize,
}

impl TwoServers {
    fn next(&self) -> &PostgresStore {
        &self.stores[self.units.fetch_add(1, Ordering::Relaxed) % 2]
    }
}

impl Store for TwoServers {
    fn write<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send {
        self.next().write(work)
    }

    fn read<T: Send + 'static, E: From<StorageError> + Send + 'static>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send {
        self.next().read(work)
    }

    fn verify(&self) -> impl Future<Output = Result<Vec<Discrepancy>, StorageError>> + Send {
        self.next().verify()
    }
}

#[test]
fn a_closed_or_dropped_store_leaves_no_connection() {
    let no_connections = "DO $$ BEGIN
        FOR attempt IN 1..300 LOOP
            IF NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                           AND backend_type = 'client backend' AND pid <> pg_backend_pid()) THEN
                RETURN;
            END IF;
            PERFORM pg_sleep(0.1), pg_stat_clear_snapshot();
        END LOOP;
        RAISE EXCEPTION 'the store is still connected';
    END $$";
    for is_closed in [true, false] {
        let Some((store, database)) = fresh() else { return };
        let write = |store: &PostgresStore| block_on(store.write::<_, StorageError>(|tx| tx.list_users(None, 1)));
        assert_eq!((store.is_open(), write(&store)), (true, Ok(Vec::new())));
        if is_closed {
            store.close();
            assert!(!store.is_open());
            assert!(matches!(write(&store), Err(StorageError::Unavailable(_))));
        } else {
            drop(store);
        }
        database.execute(no_connections).expect("every connection is closed");
    }
}

#[test]
fn a_newer_schema_is_refused() {
    let Some(server) = testkit::postgres::shared() else { return };
    let database = server.create_database();
    let open = || PostgresStore::open(&database.url().parse().expect("a URL"), PostgresOptions::default());
    drop(open().expect("an empty database"));
    drop(open().expect("one of this version"));
    let newer = "INSERT INTO schema_history VALUES (99, 'later', '2026-11-28T00:00:00Z', '1')";
    database.execute(newer).expect("the owner can insert a version");
    let refusal = open().err().expect("a refusal").to_string();
    assert!(refusal.contains("schema version 99"), "{refusal}");
}

#[test]
fn a_database_from_before_the_first_release_is_refused() {
    let Some(server) = testkit::postgres::shared() else { return };
    let database = server.create_database();
    database.execute("CREATE TABLE headroom_migrations (version integer)").expect("the owner can create a table");
    let refusal = PostgresStore::open(&database.url().parse().expect("a URL"), PostgresOptions::default());
    let refusal = refusal.err().expect("a refusal").to_string();
    assert!(refusal.contains("before the first release"), "{refusal}");
}

#[test]
fn a_database_of_another_encoding_is_refused() {
    let Some(server) = testkit::postgres::shared() else { return };
    let database = server.create_database_with("ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'");
    let refusal = PostgresStore::open(&database.url().parse().expect("a URL"), PostgresOptions::default());
    let refusal = refusal.err().expect("a refusal").to_string();
    assert!(refusal.contains("the database's encoding is LATIN1, Headroom needs UTF8"), "{refusal}");
}

#[test]
fn a_role_that_may_not_create_tables_opens_an_up_to_date_schema() {
    let Some(cluster) = testkit::postgres::Cluster::start() else { return };
    let (database, role) = (cluster.server().create_database(), "clerk");
    database.execute(&format!("CREATE ROLE {role} LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC")).expect("a role");
    let url = |user: &str| database.url().replace("//headroom@", &format!("//{user}@")).parse().expect("a URL");
    let open = |user: &str| PostgresStore::open(&url(user), PostgresOptions::default());
    let refusal = open(role).err().expect("a refusal without a schema").to_string();
    assert!(refusal.contains("permission denied"), "{refusal}");
    drop(open("headroom").expect("an empty database"));
    let rights = "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public";
    database.execute(&format!("{rights} TO {role}")).expect("rights");
    let store = open(role).expect("an up-to-date schema");
    let account = CountingIds::default().account();
    block_on(store.write::<_, StorageError>(move |tx| tx.insert_account(&fixtures::account(account))))
        .expect("an account");
}

#[test]
fn names_that_a_migration_left_empty_are_folded_at_the_start() {
    let Some(server) = testkit::postgres::shared() else { return };
    let database = server.create_database();
    let open = || PostgresStore::open(&database.url().parse().expect("a URL"), PostgresOptions::default());
    let store = open().expect("an empty database");
    let account = CountingIds::default().account();
    block_on(store.write::<_, StorageError>(move |tx| tx.insert_account(&fixtures::account(account))))
        .expect("an account");
    drop(store);
    database.execute("UPDATE accounts SET name = 'Über Straße', folded_name = ''").expect("the owner can change it");
    let store = open().expect("an up-to-date schema");
    let search = AccountSearch::parse("ÜBER STRASSE").expect("a search");
    let found = block_on(store.read::<_, StorageError>(move |tx| tx.search_accounts(None, &search, false, None, 2)));
    let found: Vec<_> = found.expect("the store reads").items.iter().map(|it| it.id).collect();
    assert_eq!(found, [account]);
}
