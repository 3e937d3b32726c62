//! The SQLite store passes the conformance suite.

use storage::{SqliteOptions, SqliteStore};
use tempfile::TempDir;

fn fresh() -> (SqliteStore, TempDir) {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let store = SqliteStore::open(&dir.path().join("headroom.db"), SqliteOptions::default());
    (store.expect("a new database"), dir)
}

testkit::conformance!(fresh);

#[test]
fn sqlite_and_the_model_agree_on_every_answer() {
    testkit::model::agrees_with_the_model(64, fresh);
}

#[test]
fn no_accepted_sequence_passes_a_limit() {
    testkit::model::no_accepted_sequence_passes_a_limit(64, fresh);
}

#[test]
fn histories_of_holds_are_linearizable() {
    testkit::linearizability::check(200, fresh);
}
