//! Races to a limit with the real use cases: the limits hold exactly.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Barrier};
use std::thread;

use domain::error::{AddStaffMemberError, AdmissionError, BookingError, OpenAccountError};
use domain::ports::Store;
use domain::use_cases::{add_staff_member, create_booking, open_account, subscribe};
use domain::{AccountId, Limit, Metric, NewBooking, NewStaffMember, PlanCatalog, Usage, Zone};

use super::commit;
use super::counters::counted;
use crate::block_on;
use crate::fixtures::{
    CountingIds, NOW, attribution, catalog_of, catalog_with, choice, name, new_account, plan_with, user,
};

/// The number of threads.
const THREADS: usize = 64;
/// The number of rounds of a race for each limit, each on another account.
const ROUNDS: usize = 100;
/// Zero, one, the limits of the built-in plans, and one larger than a race of two reads could hide.
const LIMITS: [u64; 5] = [0, 1, 2, 5, 20];

/// The outcome of a request for one more.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum RaceOutcome {
    Created,
    LimitExceeded(Usage),
    Failed(String),
}

pub(super) fn race<A: Send>(rounds: usize, attempt: impl Fn(usize, usize) -> A + Sync) -> Vec<Vec<A>> {
    race_among(THREADS, rounds, attempt)
}

/// Runs `attempt` in all threads at the same time, round after round. Returns the results of each
/// round.
pub(super) fn race_among<A: Send>(
    threads: usize,
    rounds: usize,
    attempt: impl Fn(usize, usize) -> A + Sync,
) -> Vec<Vec<A>> {
    let start = Barrier::new(threads);
    let in_thread = |thread| {
        let in_round = |round| {
            start.wait();
            // A thread that ended early would block the others forever.
            catch_unwind(AssertUnwindSafe(|| attempt(round, thread)))
        };
        (0..rounds).map(in_round).collect::<Vec<_>>()
    };
    let mut outcomes: Vec<Vec<A>> = (0..rounds).map(|_| Vec::with_capacity(threads)).collect();
    thread::scope(|scope| {
        let in_thread = &in_thread;
        let spawned: Vec<_> = (0..threads).map(|thread| scope.spawn(move || in_thread(thread))).collect();
        for thread in spawned {
            let of_thread = thread.join().unwrap_or_else(|panic| resume_unwind(panic));
            for (of_round, outcome) in outcomes.iter_mut().zip(of_thread) {
                of_round.push(outcome.unwrap_or_else(|panic| resume_unwind(panic)));
            }
        }
    });
    outcomes
}

/// Opens `count` accounts on `plan` in one unit.
pub(crate) fn subscribed(
    store: &impl Store,
    ids: &Arc<CountingIds>,
    catalog: &Arc<PlanCatalog>,
    plan: &str,
    count: usize,
) -> Vec<AccountId> {
    let new = new_account(Zone::UTC);
    let (ids, catalog, plan) = (Arc::clone(ids), Arc::clone(catalog), plan.to_owned());
    let owner = ids.user();
    let owner = user(owner, &owner.to_string());
    commit(store, move |tx| {
        tx.insert_user(&owner)?;
        let mut open = || {
            let account = open_account(tx, &new, ids.account(), owner.id, NOW).map_err(|error| match error {
                OpenAccountError::Storage(error) => error,
                other => panic!("{other}"),
            })?;
            subscribe(tx, &catalog, account.id, &choice(&plan), false, &ids.new_change(NOW))
                .expect("the account and the plan exist");
            Ok(account.id)
        };
        (0..count).map(|_| open()).collect()
    })
}

/// Requests one more of a built-in metric, bookings all on the same day.
pub(super) fn create(
    store: &impl Store,
    ids: &CountingIds,
    catalog: &Arc<PlanCatalog>,
    account: AccountId,
    metric: &Metric,
) -> RaceOutcome {
    let catalog = Arc::clone(catalog);
    if *metric == Metric::STAFF {
        let (new, id) = (NewStaffMember { name: name("Ann"), email: None, hold_id: None }, ids.staff());
        let work = store.write(move |tx| add_staff_member(tx, &catalog, account, &new, id, &attribution(), NOW));
        return match block_on(work) {
            Ok(_) => RaceOutcome::Created,
            Err(AddStaffMemberError::Admission(AdmissionError::LimitExceeded(refusal))) => {
                RaceOutcome::LimitExceeded(refusal.exceeded.usage)
            }
            Err(failure) => RaceOutcome::Failed(failure.to_string()),
        };
    }
    let (new, id) = (NewBooking::default(), ids.booking());
    match block_on(store.write(move |tx| create_booking(tx, &catalog, account, &new, id, &attribution(), NOW))) {
        Ok(_) => RaceOutcome::Created,
        Err(BookingError::Admission(AdmissionError::LimitExceeded(refusal))) => {
            RaceOutcome::LimitExceeded(refusal.exceeded.usage)
        }
        Err(failure) => RaceOutcome::Failed(failure.to_string()),
    }
}

/// The account's counter of `metric`, on the day of the race.
pub(super) fn used(store: &impl Store, account: AccountId, metric: &Metric) -> u64 {
    let (staff, bookings) = counted(store, account, Zone::UTC.day_of(NOW).date);
    if *metric == Metric::STAFF { staff } else { bookings }
}

/// Asserts that exactly `limit` requests were admitted, and that the others were refused with the
/// correct usage.
fn assert_exactly<'a>(limit: u64, outcomes: impl Iterator<Item = &'a RaceOutcome>) {
    let refusal = RaceOutcome::LimitExceeded(Usage { used: limit, limit: Limit::AtMost(limit) });
    let (created, others): (Vec<_>, Vec<_>) = outcomes.partition(|outcome| **outcome == RaceOutcome::Created);
    assert_eq!(created.len() as u64, limit, "a limit of {limit}");
    assert!(others.iter().all(|other| **other == refusal), "a limit of {limit}: {others:?}");
}

fn race_to_every_limit(store: &impl Store, metric: &Metric) {
    let ids = Arc::new(CountingIds::default());
    for limit in LIMITS {
        let catalog = Arc::new(catalog_with(limit));
        let accounts = subscribed(store, &ids, &catalog, plan_with(limit).key.as_str(), ROUNDS);
        let rounds = race(ROUNDS, |round, _| create(store, &ids, &catalog, accounts[round], metric));
        for (account, outcomes) in accounts.into_iter().zip(&rounds) {
            assert_exactly(limit, outcomes.iter());
            assert_eq!(used(store, account, metric), limit);
        }
    }
}

/// Exactly as many as the limit, and every refusal has the correct usage.
pub fn racing_bookings_reach_the_limit_exactly(store: &impl Store) {
    race_to_every_limit(store, &Metric::BOOKINGS_PER_DAY);
}

/// Exactly as many as the limit, and every refusal has the correct usage.
pub fn racing_staff_members_reach_the_limit_exactly(store: &impl Store) {
    race_to_every_limit(store, &Metric::STAFF);
}

/// Accounts on different plans, each raced for by some of the threads, reach exactly their limits.
pub fn races_on_accounts_are_independent(store: &impl Store) {
    const ROUNDS: usize = 20;
    const LIMITS: [u64; 4] = [0, 1, 2, 5];
    let ids = Arc::new(CountingIds::default());
    let catalog = Arc::new(catalog_of(LIMITS.map(plan_with)));
    let accounts = LIMITS.map(|limit| subscribed(store, &ids, &catalog, plan_with(limit).key.as_str(), ROUNDS));
    let contestant = |thread| thread % LIMITS.len();
    let rounds = race(ROUNDS, |round, thread| {
        create(store, &ids, &catalog, accounts[contestant(thread)][round], &Metric::BOOKINGS_PER_DAY)
    });
    for outcomes in rounds {
        for (position, limit) in LIMITS.into_iter().enumerate() {
            let of_account = outcomes.iter().enumerate().filter(|(thread, _)| contestant(*thread) == position);
            assert_exactly(limit, of_account.map(|(_, outcome)| outcome));
        }
    }
}

/// The two limits of an account are independent.
pub fn races_for_bookings_and_staff_are_independent(store: &impl Store) {
    const ROUNDS: usize = 20;
    const LIMIT: u64 = 5;
    let metrics = [Metric::STAFF, Metric::BOOKINGS_PER_DAY];
    let ids = Arc::new(CountingIds::default());
    let catalog = Arc::new(catalog_with(LIMIT));
    let accounts = subscribed(store, &ids, &catalog, plan_with(LIMIT).key.as_str(), ROUNDS);
    let rounds = race(ROUNDS, |round, thread| create(store, &ids, &catalog, accounts[round], &metrics[thread % 2]));
    for outcomes in rounds {
        for offset in 0..metrics.len() {
            assert_exactly(LIMIT, outcomes.iter().skip(offset).step_by(metrics.len()));
        }
    }
}

/// A refused request had reached the limit in force, an admitted one fits the largest plan, and
/// nothing is removed.
pub fn racing_plan_changes_never_exceed_the_largest_plan(store: &impl Store) {
    const ROUNDS: usize = 30;
    const SMALL: u64 = 2;
    const LARGE: u64 = 9;
    let ids = Arc::new(CountingIds::default());
    let plans = [SMALL, LARGE].map(plan_with);
    let keys = [0, 1].map(|plan: usize| plans[plan].key.to_string());
    let catalog = Arc::new(catalog_of(plans.clone()));
    let accounts = subscribed(store, &ids, &catalog, &keys[0], ROUNDS);
    let rounds = race(ROUNDS, |round, thread| {
        let account = accounts[round];
        // Every fourth thread changes the plan, some to a larger and some to a smaller one.
        if thread % 4 > 0 {
            return Some(create(store, &ids, &catalog, account, &Metric::BOOKINGS_PER_DAY));
        }
        let (catalog, new, choice) = (Arc::clone(&catalog), ids.new_change(NOW), choice(&keys[thread / 4 % 2]));
        let changed = block_on(store.write(move |tx| subscribe(tx, &catalog, account, &choice, false, &new)));
        changed.err().map(|failure| RaceOutcome::Failed(failure.to_string()))
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        let mut created = 0;
        for outcome in outcomes.into_iter().flatten() {
            match outcome {
                RaceOutcome::Created => created += 1,
                RaceOutcome::LimitExceeded(Usage { used, limit: Limit::AtMost(max) }) => {
                    assert!([SMALL, LARGE].contains(&max) && (max..=LARGE).contains(&used), "{used} of {max}");
                }
                other => panic!("expected a booking or a refusal, got {other:?}"),
            }
        }
        assert!((SMALL..=LARGE).contains(&created), "{created} bookings");
        assert_eq!(used(store, account, &Metric::BOOKINGS_PER_DAY), created);
    }
}
