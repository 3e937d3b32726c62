//! Random sequences of commands, with two properties that hold on every store.

mod catalog;
mod command;
mod ids;
mod ledger;
mod run;

use domain::ports::Store;
use proptest::prop_assert_eq;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner};

pub use command::{Command, Moment, Operation, Sought, commands};
pub use run::{Outcome, run};

use crate::{MemoryStore, conformance};
use ledger::Ledger;

/// The store returns the results of the in-memory store for every sequence, and is consistent
/// afterwards.
///
/// Runs `cases` sequences, the same in every run, each on a fresh store, opened as for
/// [`crate::conformance!`].
///
/// # Panics
/// If a result differs, with the shortest sequence found.
pub fn agrees_with_the_model<S: Store, G, O: Into<Option<(S, G)>>>(cases: u32, fresh: impl Fn() -> O) {
    check(cases, fresh, |commands, outcomes| {
        let expected = run(&MemoryStore::default(), commands);
        for ((command, outcome), expected) in commands.iter().zip(outcomes).zip(&expected) {
            prop_assert_eq!(outcome, expected, "{:?}", command);
        }
        Ok(())
    });
}

/// Accepted commands never exceed the limit in force, and refused ones would have, by a ledger of
/// the results.
///
/// Runs `cases` sequences, the same in every run, each on a fresh store, opened as for
/// [`crate::conformance!`].
///
/// # Panics
/// If a result differs, with the shortest sequence found.
pub fn no_accepted_sequence_passes_a_limit<S: Store, G, O: Into<Option<(S, G)>>>(cases: u32, fresh: impl Fn() -> O) {
    check(cases, fresh, |commands, outcomes| {
        let mut ledger = Ledger::default();
        commands.iter().zip(outcomes).try_for_each(|(command, outcome)| ledger.record(command, outcome))
    });
}

fn check<S: Store, G, O: Into<Option<(S, G)>>>(
    cases: u32,
    fresh: impl Fn() -> O,
    property: impl Fn(&[Command], &[Outcome]) -> TestCaseResult,
) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(&commands(), |commands| {
        let mut result = Ok(());
        conformance::run(&fresh, |store| result = property(&commands, &run(store, &commands)));
        result
    });
    if let Err(failure) = outcome {
        panic!("{failure}");
    }
}
