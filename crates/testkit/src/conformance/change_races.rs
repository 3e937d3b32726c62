//! Races of removals, moves, restorations and changes of plan: the limits hold exactly.

use std::sync::Arc;

use domain::error::{AddStaffMemberError, AdmissionError, BookingError, SubscribeError};
use domain::ports::Store;
use domain::use_cases::{
    change_booking, create_booking, remove_booking, remove_staff_member, restore_booking, restore_staff_member,
    subscribe,
};
use domain::{
    AccountId, BookingId, BookingPatch, Limit, Metric, NewBooking, OverLimit, PlanCatalog, PlanChange, PlanChoice,
    SignedDuration, Timestamp, Usage, Zone,
};

use super::counters::counted;
use super::look;
use super::races::{RaceOutcome, create, race, subscribed, used};
use crate::block_on;
use crate::fixtures::{CountingIds, NOW, attribution, catalog_of, catalog_with, choice, plan_with};

/// The number of rounds of a race, each on another account.
const ROUNDS: usize = 20;
/// The limit of the plan, unless a race sets another.
const LIMIT: u64 = 3;

/// The error of a request that would exceed the limit.
const FULL: RaceOutcome = RaceOutcome::LimitExceeded(Usage { used: LIMIT, limit: Limit::AtMost(LIMIT) });

/// The same time of day `days` days later: bookings on this day can still be changed.
fn days_ahead(days: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(24 * days)
}

fn booked(store: &impl Store, account: AccountId, at: Timestamp) -> u64 {
    counted(store, account, Zone::UTC.day_of(at).date).1
}

fn refused(refusal: AdmissionError) -> RaceOutcome {
    match refusal {
        AdmissionError::LimitExceeded(refusal) => RaceOutcome::LimitExceeded(refusal.exceeded.usage),
        other => RaceOutcome::Failed(other.to_string()),
    }
}

/// The result of a change, in a form that can be compared.
fn outcome<T>(result: Result<(T, bool), BookingError>) -> Option<RaceOutcome> {
    match result {
        Ok((_, is_changed)) => Some(RaceOutcome::Created).filter(|_| is_changed),
        Err(BookingError::Admission(refusal)) => Some(refused(refusal)),
        Err(failure) => Some(RaceOutcome::Failed(failure.to_string())),
    }
}

fn book(
    store: &impl Store,
    catalog: &Arc<PlanCatalog>,
    account: AccountId,
    id: BookingId,
    at: Timestamp,
) -> Option<RaceOutcome> {
    let (catalog, new) = (Arc::clone(catalog), NewBooking { starts_at: Some(at), ..NewBooking::default() });
    outcome(block_on(store.write(move |tx| {
        create_booking(tx, &catalog, account, &new, id, &attribution(), NOW).map(|booking| (booking, true))
    })))
}

/// Creates `count` bookings at `at` for each account.
fn booked_up(
    store: &impl Store,
    ids: &CountingIds,
    catalog: &Arc<PlanCatalog>,
    accounts: &[AccountId],
    count: u64,
    at: Timestamp,
) -> Vec<Vec<BookingId>> {
    let of_account = |account: &AccountId| {
        let made: Vec<BookingId> = (0..count).map(|_| ids.booking()).collect();
        for id in &made {
            assert_eq!(book(store, catalog, *account, *id, at), Some(RaceOutcome::Created));
        }
        made
    };
    accounts.iter().map(of_account).collect()
}

fn remove(store: &impl Store, account: AccountId, id: BookingId) -> bool {
    block_on(store.write(move |tx| remove_booking(tx, account, id, |_| true, NOW))).expect("it is there to be removed")
}

/// The number of admitted requests. Asserts that all others exceeded the limit.
fn let_in(outcomes: impl IntoIterator<Item = RaceOutcome>) -> u64 {
    let (created, others): (Vec<_>, Vec<_>) =
        outcomes.into_iter().partition(|outcome| *outcome == RaceOutcome::Created);
    assert!(others.iter().all(|other| *other == FULL), "{others:?}");
    created.len() as u64
}

/// Each removed booking makes room for exactly one.
pub fn racing_removals_make_room_for_as_many_bookings(store: &impl Store) {
    let (ids, at) = (Arc::new(CountingIds::default()), days_ahead(1));
    let catalog = Arc::new(catalog_with(LIMIT));
    let accounts = subscribed(store, &ids, &catalog, plan_with(LIMIT).key.as_str(), ROUNDS);
    let made = booked_up(store, &ids, &catalog, &accounts, LIMIT, at);
    // Several threads remove each of two bookings, of which one succeeds.
    let rounds = race(ROUNDS, |round, thread| match thread % 8 {
        part @ (0 | 1) => Err(remove(store, accounts[round], made[round][part])),
        _ => Ok(book(store, &catalog, accounts[round], ids.booking(), at)),
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        let removed = outcomes.iter().filter(|outcome| **outcome == Err(true)).count();
        let created = let_in(outcomes.into_iter().filter_map(Result::ok).flatten());
        assert_eq!((removed, created <= 2), (2, true), "{created} were let in");
        assert_eq!(booked(store, account, at), LIMIT - 2 + created);
        // The remaining room, and no more.
        let rest = (0..9).filter_map(|_| book(store, &catalog, account, ids.booking(), at));
        assert_eq!(let_in(rest), 2 - created);
    }
}

/// The room is filled exactly; the other bookings stay where they were.
pub fn bookings_moved_into_a_day_fill_it_exactly(store: &impl Store) {
    let ids = Arc::new(CountingIds::default());
    let [before, full, after] = [1, 2, 3].map(days_ahead);
    let catalog = Arc::new(catalog_with(LIMIT));
    let accounts = subscribed(store, &ids, &catalog, plan_with(LIMIT).key.as_str(), ROUNDS);
    booked_up(store, &ids, &catalog, &accounts, LIMIT - 2, full);
    let sides = [before, after].map(|at| booked_up(store, &ids, &catalog, &accounts, LIMIT, at));
    // Several threads move the same booking: only the first changes anything.
    let rounds = race(ROUNDS, |round, thread| {
        let of_side = &sides[thread % 2][round];
        let (account, id) = (accounts[round], of_side[thread / 2 % of_side.len()]);
        let patch = BookingPatch { starts_at: Some(full), ..BookingPatch::default() };
        let catalog = Arc::clone(&catalog);
        outcome(block_on(store.write(move |tx| change_booking(tx, &catalog, account, id, &patch, |_| true, NOW))))
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        assert_eq!(let_in(outcomes.into_iter().flatten()), 2);
        let [before, full, after] = [before, full, after].map(|at| booked(store, account, at));
        assert_eq!((full, before + after), (LIMIT, 2 * LIMIT - 2));
    }
}

/// New and restored ones together are exactly as many as the plan permits.
pub fn restored_and_new_bookings_reach_the_limit_exactly(store: &impl Store) {
    let (ids, at) = (Arc::new(CountingIds::default()), days_ahead(1));
    let catalog = Arc::new(catalog_with(LIMIT));
    let accounts = subscribed(store, &ids, &catalog, plan_with(LIMIT).key.as_str(), ROUNDS);
    let made = booked_up(store, &ids, &catalog, &accounts, LIMIT, at);
    for (account, made) in accounts.iter().zip(&made) {
        assert!(made.iter().all(|id| remove(store, *account, *id)));
    }
    let rounds = race(ROUNDS, |round, thread| {
        let account = accounts[round];
        if thread % 2 == 0 {
            return book(store, &catalog, account, ids.booking(), at);
        }
        let (catalog, id) = (Arc::clone(&catalog), made[round][thread / 2 % made[round].len()]);
        outcome(block_on(store.write(move |tx| restore_booking(tx, &catalog, account, id, NOW))))
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        assert_eq!((let_in(outcomes.into_iter().flatten()), booked(store, account, at)), (LIMIT, LIMIT));
    }
}

/// New and restored ones together are exactly as many as the plan permits.
pub fn restored_and_new_staff_reach_the_limit_exactly(store: &impl Store) {
    let ids = Arc::new(CountingIds::default());
    let catalog = Arc::new(catalog_with(LIMIT));
    let accounts = subscribed(store, &ids, &catalog, plan_with(LIMIT).key.as_str(), ROUNDS);
    let staff = accounts.clone().into_iter().map(|account| {
        for _ in 0..LIMIT {
            assert_eq!(create(store, &ids, &catalog, account, &Metric::STAFF), RaceOutcome::Created);
        }
        let members = look(store, move |tx| tx.list_staff(account, false, None, 9));
        let removed = members.iter().map(|member| member.id).collect::<Vec<_>>();
        for id in removed.clone() {
            let was_there = store.write(move |tx| remove_staff_member(tx, account, id, |_| true, NOW));
            assert_eq!(block_on(was_there), Ok(true));
        }
        removed
    });
    let staff: Vec<_> = staff.collect();
    let rounds = race(ROUNDS, |round, thread| {
        let account = accounts[round];
        if thread % 2 == 0 {
            return Some(create(store, &ids, &catalog, account, &Metric::STAFF));
        }
        let (catalog, id) = (Arc::clone(&catalog), staff[round][thread / 2 % staff[round].len()]);
        match block_on(store.write(move |tx| restore_staff_member(tx, &catalog, account, id, NOW))) {
            Ok((_, was_removed)) => Some(RaceOutcome::Created).filter(|_| was_removed),
            Err(AddStaffMemberError::Admission(refusal)) => Some(refused(refusal)),
            Err(failure) => Some(RaceOutcome::Failed(failure.to_string())),
        }
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        assert_eq!((let_in(outcomes.into_iter().flatten()), used(store, account, &Metric::STAFF)), (LIMIT, LIMIT));
    }
}

/// A change to a smaller plan is refused if usage is above its limit, and is never exceeded once
/// accepted.
pub fn a_racing_smaller_plan_is_refused_or_holds(store: &impl Store) {
    const LARGE: u64 = 9;
    #[derive(Debug)]
    enum Tried {
        ToBook(RaceOutcome),
        ToChange(Result<PlanChange, SubscribeError>),
    }
    let ids = Arc::new(CountingIds::default());
    let [small, large] = [LIMIT, LARGE].map(|limit| plan_with(limit).key);
    let catalog = Arc::new(catalog_of([LIMIT, LARGE].map(plan_with)));
    let accounts = subscribed(store, &ids, &catalog, large.as_str(), ROUNDS);
    let rounds = race(ROUNDS, |round, thread| {
        let account = accounts[round];
        if thread % 8 > 0 {
            return Tried::ToBook(create(store, &ids, &catalog, account, &Metric::BOOKINGS_PER_DAY));
        }
        let choice = PlanChoice { over_limit: OverLimit::Reject, ..choice(small.as_str()) };
        let (catalog, new) = (Arc::clone(&catalog), ids.new_change(NOW));
        Tried::ToChange(block_on(store.write(move |tx| subscribe(tx, &catalog, account, &choice, false, &new))))
    });
    for (account, outcomes) in accounts.into_iter().zip(rounds) {
        let is_small = outcomes.iter().any(|outcome| matches!(outcome, Tried::ToChange(Ok(PlanChange::Changed(_)))));
        let limit = if is_small { LIMIT } else { LARGE };
        let mut created = 0;
        for outcome in outcomes {
            match outcome {
                Tried::ToBook(RaceOutcome::Created) => created += 1,
                Tried::ToBook(RaceOutcome::LimitExceeded(usage)) => {
                    assert_eq!(usage, Usage { used: limit, limit: Limit::AtMost(limit) });
                }
                Tried::ToChange(Ok(_)) => assert!(is_small, "it is on the plan without having changed to it"),
                Tried::ToChange(Err(SubscribeError::OverLimit(exceeded))) => {
                    assert!(exceeded.iter().all(|it| it.used > LIMIT && it.new_limit == LIMIT), "{exceeded:?}");
                }
                other => panic!("expected a booking, a plan or a refusal, got {other:?}"),
            }
        }
        assert_eq!((created, used(store, account, &Metric::BOOKINGS_PER_DAY)), (limit, limit));
    }
}
