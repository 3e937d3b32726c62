//! Tests of `docs/DATA.md`: it names every table, column and index and no other, and its queries
//! run.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::Connection;

use super::{Column, Kind, TABLES, Table, WRITE_PROBE};
use crate::migrations::SQLITE;

/// A column in the document: its name, its types in SQLite and PostgreSQL, and "yes" if it may be
/// null.
type ColumnRow = [String; 4];

fn document() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/DATA.md");
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The tables of the document: a heading with the name in backquotes, then a row for each column.
fn documented_tables(document: &str) -> BTreeMap<String, Vec<ColumnRow>> {
    let sections = document.split("\n### `").skip(1);
    let table = |section: &str| {
        let (name, rest) = section.split_once('`').expect("a name ends with a backquote");
        let rows = rest.lines().take_while(|line| !line.starts_with('#')).filter_map(|line| {
            let mut cells = line.strip_prefix("| `")?.split('|').map(|cell| cell.trim_matches(['`', ' ']).to_owned());
            Some(std::array::from_fn(|_| cells.next().unwrap_or_default()))
        });
        (name.to_owned(), rows.collect())
    };
    sections.map(table).collect()
}

fn described(column: &Column) -> ColumnRow {
    let (sqlite, postgres) = match column.kind {
        Kind::Bool => ("INTEGER", "boolean"),
        Kind::Bytes => ("BLOB", "bytea"),
        Kind::Day => ("INTEGER", "date"),
        Kind::Instant => ("INTEGER", "timestamptz"),
        Kind::Integer => ("INTEGER", "bigint"),
        Kind::Text => ("TEXT", "text"),
        Kind::Uuid => ("BLOB", "uuid"),
    };
    [column.name, sqlite, postgres, if column.is_nullable { "yes" } else { "" }].map(str::to_owned)
}

#[test]
fn every_table_and_column_is_documented_and_no_other() {
    let documented = documented_tables(&document());
    let tables: Vec<&Table> = TABLES.into_iter().chain([&WRITE_PROBE]).collect();
    for table in &tables {
        let columns: Vec<ColumnRow> = table.columns.iter().map(described).collect();
        assert_eq!(documented.get(table.name), Some(&columns), "{}", table.name);
    }
    let names: BTreeSet<&str> = tables.iter().map(|table| table.name).collect();
    assert_eq!(documented.keys().map(String::as_str).collect::<BTreeSet<_>>(), names);
}

#[test]
fn every_index_is_documented() {
    let document = document();
    for migration in [
        include_str!("../migrations/V1__initial.sqlite.sql"),
        include_str!("../migrations/V1__initial.postgres.sql"),
        include_str!("../migrations/V2__metrics.sqlite.sql"),
        include_str!("../migrations/V2__metrics.postgres.sql"),
        include_str!("../migrations/V3__erasure.sqlite.sql"),
        include_str!("../migrations/V3__erasure.postgres.sql"),
        include_str!("../migrations/V4__account_search.sqlite.sql"),
        include_str!("../migrations/V4__account_search.postgres.sql"),
    ] {
        for index in migration.split("CREATE INDEX ").skip(1) {
            let (index, columns) = index.split_once(" ON ").expect("an index is on a table");
            let columns = columns.split_inclusive(')').next().and_then(|it| it.find('(').map(|begin| &it[begin..]));
            let written = format!("`{index} {}`", columns.expect("an index has columns"));
            assert!(document.contains(&written), "{written}");
        }
    }
}

#[test]
fn every_query_of_the_document_runs_on_sqlite() {
    let mut connection = Connection::open_in_memory().unwrap();
    SQLITE.runner().unwrap().run(&mut connection).unwrap();
    let document = document();
    let queries: Vec<&str> = document.split("\nSQLite:\n\n```sql\n").skip(1).collect();
    assert!(!queries.is_empty());
    assert_eq!(queries.len(), document.matches("\nPostgreSQL:\n\n```sql\n").count());
    for query in queries {
        let query = query.split("```").next().unwrap_or_default();
        let run = || connection.prepare(query)?.query([])?.next().map(drop);
        run().unwrap_or_else(|error| panic!("{error}: {query}"));
    }
}
