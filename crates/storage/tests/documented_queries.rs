//! The queries of `docs/DATA.md` run on PostgreSQL. A unit test runs those for SQLite.

use storage::{PostgresOptions, PostgresStore};

const DOCUMENT: &str = include_str!("../../../docs/DATA.md");

#[test]
fn every_query_of_the_document_runs_on_postgresql() {
    let Some(server) = testkit::postgres::shared() else { return };
    let database = server.create_database();
    let url = database.url().parse().expect("a URL");
    drop(PostgresStore::open(&url, PostgresOptions::default()).expect("an empty database"));
    let queries: Vec<&str> = DOCUMENT.split("\nPostgreSQL:\n\n```sql\n").skip(1).collect();
    assert!(!queries.is_empty());
    for query in queries {
        let query = query.split("```").next().unwrap_or_default();
        database.execute(query).unwrap_or_else(|error| panic!("{error:?}: {query}"));
    }
}
