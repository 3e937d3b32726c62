//! Histories of allocations and holds are linearizable: the answers to concurrent operations on an
//! account are those of a sequential model, in an order in which no operation precedes one that was
//! answered before it began.
//!
//! An operation reads the clock when it has the account, as a request that uses a hold does. (In the
//! others an earlier instant lets more holds count.) The model applies the operations in the order
//! of their instants.

mod checker;
mod history;
mod run;
mod sequential;

use std::sync::Arc;

use domain::ports::Store;

use crate::CountingIds;
use crate::conformance::{self, races};
use crate::fixtures::metered_catalog;
use checker::Observed;
use history::{Answer, Call, steps};
use run::{ClockMoves, Stage};

/// The number of threads of a history.
const THREADS: usize = 4;
/// The number of operations of each thread.
const STEPS: usize = 6;
/// The limits of the gauge.
const LIMITS: [u64; 3] = [2, 3, 4];
/// How many histories take place in one store.
const HISTORIES_PER_STORE: usize = 200;
/// The variable with the number of histories, instead of the test's own.
const HISTORIES_VARIABLE: &str = "HEADROOM_HISTORIES";

/// How often something happened, in all histories.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    overlaps: usize,
    refused: usize,
    expired: usize,
    confirmed: usize,
}

/// Every history of random operations on an account is linearizable, ends with the rows of the
/// sequential model, and does not exceed the limit.
///
/// Runs `histories` of them, or as many as the environment variable `HEADROOM_HISTORIES` says, on a
/// fresh store, opened as for [`crate::conformance!`]. In half of them, the clock moves while
/// operations run.
///
/// # Panics
/// If a history is not linearizable. The message has its operations and their answers.
pub fn check<S: Store, G, O: Into<Option<(S, G)>>>(histories: usize, fresh: impl Fn() -> O) {
    let histories = std::env::var(HISTORIES_VARIABLE)
        .map_or(histories, |text| text.parse().expect("HEADROOM_HISTORIES is a number"));
    let (mut counts, mut is_run) = (Counts::default(), false);
    // Small stores: the in-memory one copies itself in each unit.
    for first in (0..histories).step_by(HISTORIES_PER_STORE) {
        conformance::run(&fresh, |store| {
            is_run = true;
            for (remainder, limit) in LIMITS.into_iter().enumerate() {
                let seeds = (first..histories.min(first + HISTORIES_PER_STORE))
                    .filter(|seed| seed % LIMITS.len() == remainder)
                    .map(|seed| seed as u64);
                check_histories(store, limit, &seeds.collect::<Vec<_>>(), &mut counts);
            }
        });
    }
    println!("{histories} histories: {counts:?}");
    // Else the histories would prove little.
    let Counts { overlaps, refused, expired, confirmed, .. } = counts;
    assert!(!is_run || [overlaps, refused, expired, confirmed].iter().all(|count| *count > 0), "{counts:?}");
}

/// Runs the history of each seed on an account of its own.
fn check_histories(store: &impl Store, limit: u64, seeds: &[u64], counts: &mut Counts) {
    let (ids, catalog) = (Arc::new(CountingIds::new(limit)), Arc::new(metered_catalog(limit)));
    let accounts = races::subscribed(store, &ids, &catalog, &format!("at-most-{limit}"), seeds.len());
    for (seed, account) in seeds.iter().zip(accounts) {
        let clock_moves = if seed % 2 == 0 { ClockMoves::AnyTime } else { ClockMoves::BetweenOperations };
        let stage = Stage { store, catalog: Arc::clone(&catalog), account, clock_moves };
        check_history(&stage, limit, *seed, counts);
    }
}

fn check_history<S: Store>(stage: &Stage<'_, S>, limit: u64, seed: u64, counts: &mut Counts) {
    let (threads, end) = stage.run(&steps(seed, THREADS, STEPS));
    let rows = stage.rows();
    let observed = Observed { limit, threads: &threads, rows: &rows, end };
    assert!(
        observed.is_linearizable(),
        "no order within the limit explains history {seed} with limit {limit}, at {end}:\n{}{rows:#?}",
        listed(&threads)
    );
    counts.count(&threads);
}

/// The calls of all threads in the order in which they began.
fn listed(threads: &[Vec<Call>]) -> String {
    let mut calls: Vec<_> =
        (0..).zip(threads).flat_map(|(number, calls)| calls.iter().map(move |it| (number, it))).collect();
    calls.sort_by_key(|(_, call)| call.invoked);
    let line = |(thread, call): (u32, &Call)| {
        let Call { now, operation, answer, invoked, responded } = call;
        format!("{invoked:>3}-{responded:<3} thread {thread} at {now}: {operation:?} -> {answer:?}\n")
    };
    calls.into_iter().map(line).collect()
}

impl Counts {
    fn count(&mut self, threads: &[Vec<Call>]) {
        let calls = || threads.iter().flatten();
        // Another thread's invocation or response lies between its own.
        self.overlaps += calls().filter(|call| call.invoked + 1 < call.responded).count();
        self.refused += calls().filter(|call| matches!(call.answer, Answer::LimitExceeded { .. })).count();
        self.expired += calls().filter(|call| call.answer == Answer::NotHeld(domain::HoldStatus::Expired)).count();
        self.confirmed += calls().filter(|call| matches!(call.answer, Answer::Confirmed(_))).count();
    }
}
