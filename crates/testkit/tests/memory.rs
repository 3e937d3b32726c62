//! The conformance suite on the in-memory store.

use testkit::{MemoryStore, linearizability, model};

fn fresh() -> (MemoryStore, ()) {
    (MemoryStore::default(), ())
}

testkit::conformance!(fresh);

#[test]
fn two_stores_of_the_model_agree() {
    model::agrees_with_the_model(256, fresh);
}

#[test]
fn no_accepted_sequence_passes_a_limit() {
    model::no_accepted_sequence_passes_a_limit(256, fresh);
}

#[test]
fn histories_of_holds_are_linearizable() {
    linearizability::check(200, fresh);
}
