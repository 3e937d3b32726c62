//! The PostgreSQL store passes the conformance suite on tables that are hash-partitioned by
//! account.
//!
//! Partitioned tables have the requirements of a distributed PostgreSQL such as Citus: every
//! primary key and unique index contains the account, and no trigger or foreign key prevents the
//! distribution.

use std::sync::OnceLock;

use storage::{PostgresOptions, PostgresStore};
use testkit::postgres::Database;

/// The schema for one server: its migrations.
const SCHEMA: [&str; 4] = [
    include_str!("../src/migrations/V1__initial.postgres.sql"),
    include_str!("../src/migrations/V2__metrics.postgres.sql"),
    include_str!("../src/migrations/V3__erasure.postgres.sql"),
    include_str!("../src/migrations/V4__account_search.postgres.sql"),
];
/// The tables that grow with accounts, each after those that it refers to, and their account
/// columns.
const TABLES: [(&str, &str); 14] = [
    ("accounts", "id"),
    ("members", "account_id"),
    ("subscription_changes", "account_id"),
    ("overrides", "account_id"),
    ("staff_members", "account_id"),
    ("bookings", "account_id"),
    ("usage_counters", "account_id"),
    ("audit_entries", "account_id"),
    ("feature_overrides", "account_id"),
    ("grants", "account_id"),
    ("usage_records", "account_id"),
    ("charges", "account_id"),
    ("allocations", "account_id"),
    ("holds", "account_id"),
];
const PARTITIONS: usize = 8;

/// The statement that creates a table, and those that create its indexes and change the table, in
/// order.
fn statements(table: &str) -> Vec<&'static str> {
    let is_about = |text: &&str| {
        let is_first = |line: &&str| line.starts_with("CREATE ") || line.starts_with("ALTER ");
        let text = text.lines().find(is_first).unwrap_or_default();
        let begins = ["CREATE TABLE {} (", "ALTER TABLE {} "].map(|begin| begin.replace("{}", table));
        begins.iter().any(|begin| text.starts_with(begin)) || text.contains(&format!(" ON {table} ("))
    };
    SCHEMA.iter().flat_map(|migration| migration.split_inclusive(";\n")).filter(is_about).collect()
}

/// The statements that replace the tables of a new database with partitioned ones.
fn partitioning() -> String {
    let names: Vec<&str> = TABLES.iter().map(|(table, _)| *table).collect();
    let mut all = vec![format!("DROP TABLE {} CASCADE", names.join(", "))];
    for (table, account) in TABLES {
        let statements = statements(table);
        let [create, others @ ..] = &statements[..] else { panic!("the schema has no table {table}") };
        let end = create.rfind("\n)").expect("a table's columns end on a line of their own");
        all.push(format!("{}\n) PARTITION BY HASH ({account})", &create[..end]));
        let partition = |remainder| {
            format!(
                "CREATE TABLE {table}_{remainder} PARTITION OF {table}
                     FOR VALUES WITH (MODULUS {PARTITIONS}, REMAINDER {remainder})"
            )
        };
        all.extend((0..PARTITIONS).map(partition));
        all.extend(others.iter().map(|statement| statement.trim_end().trim_end_matches(';').to_owned()));
    }
    all.join(";\n")
}

fn fresh() -> Option<(PostgresStore, Database)> {
    static TEMPLATE: OnceLock<Database> = OnceLock::new();
    let database = testkit::postgres::shared()?.create_prepared(&TEMPLATE, |database| {
        drop(open(database));
        database.execute(&partitioning()).expect("the tables can be partitioned");
    });
    Some((open(&database), database))
}

fn open(database: &Database) -> PostgresStore {
    let url = database.url().parse().expect("a URL");
    PostgresStore::open(&url, PostgresOptions::default()).expect("an empty database, or the latest schema")
}

testkit::conformance!(fresh);

/// PostgreSQL refuses partitions of a table with another unique index. This test names the table.
#[test]
fn every_unique_index_of_a_table_that_grows_with_accounts_begins_with_the_account() {
    let Some((_store, database)) = fresh() else { return };
    for (table, account) in TABLES {
        let sql = format!(
            "DO $$ BEGIN ASSERT 0 = (
                 SELECT count(*) FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
                 WHERE i.indrelid = '{table}'::regclass AND i.indisunique AND a.attname <> '{account}'); END $$"
        );
        database.execute(&sql).expect(table);
    }
}
