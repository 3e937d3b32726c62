//! The limits hold exactly while what there is is removed, moved and taken back, and while plans shrink.

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
use super::races::{Answer, create, race, subscribed, used};
use crate::block_on;
use crate::fixtures::{CountingIds, NOW, attribution, catalog_of, catalog_with, choice, plan_with};

/// How often each race is run, each time on another account.
const ROUNDS: usize = 20;
/// How many the plan permits, unless a race says otherwise.
const LIMIT: u32 = 3;

/// What everyone is told who meets the limit.
const FULL: Answer = Answer::LimitExceeded(Usage { used: LIMIT, limit: Limit::AtMost(LIMIT) });

/// The same time of day so many days after the race: on a day that can still be changed.
fn days_ahead(days: i64) -> Timestamp {
    NOW + SignedDuration::from_hours(24 * days)
}

fn booked(store: &impl Store, account: AccountId, at: Timestamp) -> u32 {
    counted(store, account, Zone::UTC.day_of(at).date).1
}

fn refused(refusal: AdmissionError) -> Answer {
    match refusal {
        AdmissionError::LimitExceeded(refusal) => Answer::LimitExceeded(refusal.exceeded.usage),
        other => Answer::Failed(other.to_string()),
    }
}

/// What became of a booking, and whether anything did.
fn answer<T>(result: Result<(T, bool), BookingError>) -> Option<Answer> {
    match result {
        Ok((_, is_changed)) => Some(Answer::Created).filter(|_| is_changed),
        Err(BookingError::Admission(refusal)) => Some(refused(refusal)),
        Err(failure) => Some(Answer::Failed(failure.to_string())),
    }
}

fn book(
    store: &impl Store,
    catalog: &Arc<PlanCatalog>,
    account: AccountId,
    id: BookingId,
    at: Timestamp,
) -> Option<Answer> {
    let (catalog, new) = (Arc::clone(catalog), NewBooking { starts_at: Some(at), ..NewBooking::default() });
    answer(block_on(store.write(move |tx| {
        create_booking(tx, &catalog, account, &new, id, &attribution(), NOW).map(|booking| (booking, true))
    })))
}

/// So many bookings at `at`, for each account.
fn booked_up(
    store: &impl Store,
    ids: &CountingIds,
    catalog: &Arc<PlanCatalog>,
    accounts: &[AccountId],
    count: u32,
    at: Timestamp,
) -> Vec<Vec<BookingId>> {
    let of_account = |account: &AccountId| {
        let made: Vec<BookingId> = (0..count).map(|_| ids.booking()).collect();
        for id in &made {
            assert_eq!(book(store, catalog, *account, *id, at), Some(Answer::Created));
        }
        made
    };
    accounts.iter().map(of_account).collect()
}

fn remove(store: &impl Store, account: AccountId, id: BookingId) -> bool {
    block_on(store.write(move |tx| remove_booking(tx, account, id, |_| true, NOW))).expect("it is there to be removed")
}

/// How many were let in; everybody else met the limit.
fn let_in(answers: impl IntoIterator<Item = Answer>) -> u32 {
    let (created, others): (Vec<_>, Vec<_>) = answers.into_iter().partition(|answer| *answer == Answer::Created);
    assert!(others.iter().all(|other| *other == FULL), "{others:?}");
    u32::try_from(created.len()).expect("there are not so many threads")
}

/// Each booking that is removed makes room for one, and one only.
pub fn removals_raced_against_bookings_make_room_for_as_many(store: &impl Store) {
    let (ids, at) = (Arc::new(CountingIds::default()), days_ahead(1));
    let catalog = Arc::new(catalog_with(LIMIT));
    let accounts = subscribed(store, &ids, &catalog, plan_with(LIMIT).key.as_str(), ROUNDS);
    let made = booked_up(store, &ids, &catalog, &accounts, LIMIT, at);
    // Each of two bookings is removed by several at once, of whom one does it.
    let rounds = race(ROUNDS, |round, thread| match thread % 8 {
        part @ (0 | 1) => Err(remove(store, accounts[round], made[round][part])),
        _ => Ok(book(store, &catalog, accounts[round], ids.booking(), at)),
    });
    for (account, answers) in accounts.into_iter().zip(rounds) {
        let removed = answers.iter().filter(|answer| **answer == Err(true)).count();
        let created = let_in(answers.into_iter().filter_map(Result::ok).flatten());
        assert_eq!((removed, created <= 2), (2, true), "{created} were let in");
        assert_eq!(booked(store, account, at), LIMIT - 2 + created);
        // What they have left, and nothing more.
        let rest = (0..9).filter_map(|_| book(store, &catalog, account, ids.booking(), at));
        assert_eq!(let_in(rest), 2 - created);
    }
}

/// The room that there is is filled once, and whoever finds none stays where they were.
pub fn bookings_moved_into_a_full_day_from_two_sides_fill_it_exactly(store: &impl Store) {
    let ids = Arc::new(CountingIds::default());
    let [before, full, after] = [1, 2, 3].map(days_ahead);
    let catalog = Arc::new(catalog_with(LIMIT));
    let accounts = subscribed(store, &ids, &catalog, plan_with(LIMIT).key.as_str(), ROUNDS);
    booked_up(store, &ids, &catalog, &accounts, LIMIT - 2, full);
    let sides = [before, after].map(|at| booked_up(store, &ids, &catalog, &accounts, LIMIT, at));
    // Several move the same booking: once it is there, it is there.
    let rounds = race(ROUNDS, |round, thread| {
        let (account, id) = (accounts[round], sides[thread % 2][round][thread / 2 % LIMIT as usize]);
        let patch = BookingPatch { starts_at: Some(full), ..BookingPatch::default() };
        let catalog = Arc::clone(&catalog);
        answer(block_on(store.write(move |tx| change_booking(tx, &catalog, account, id, &patch, |_| true, NOW))))
    });
    for (account, answers) in accounts.into_iter().zip(rounds) {
        assert_eq!(let_in(answers.into_iter().flatten()), 2);
        let [before, full, after] = [before, full, after].map(|at| booked(store, account, at));
        assert_eq!((full, before + after), (LIMIT, 2 * LIMIT - 2));
    }
}

/// Whether they are new or come back, there are as many as the plan permits.
pub fn bookings_taken_back_raced_against_new_ones_are_exactly_as_many(store: &impl Store) {
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
        let (catalog, id) = (Arc::clone(&catalog), made[round][thread / 2 % LIMIT as usize]);
        answer(block_on(store.write(move |tx| restore_booking(tx, &catalog, account, id, NOW))))
    });
    for (account, answers) in accounts.into_iter().zip(rounds) {
        assert_eq!((let_in(answers.into_iter().flatten()), booked(store, account, at)), (LIMIT, LIMIT));
    }
}

/// Whether they are new or come back, there are as many as the plan permits.
pub fn staff_taken_back_raced_against_new_ones_is_exactly_as_many(store: &impl Store) {
    let ids = Arc::new(CountingIds::default());
    let catalog = Arc::new(catalog_with(LIMIT));
    let accounts = subscribed(store, &ids, &catalog, plan_with(LIMIT).key.as_str(), ROUNDS);
    let staff = accounts.clone().into_iter().map(|account| {
        for _ in 0..LIMIT {
            assert_eq!(create(store, &ids, &catalog, account, Metric::Staff), Answer::Created);
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
            return Some(create(store, &ids, &catalog, account, Metric::Staff));
        }
        let (catalog, id) = (Arc::clone(&catalog), staff[round][thread / 2 % LIMIT as usize]);
        match block_on(store.write(move |tx| restore_staff_member(tx, &catalog, account, id, NOW))) {
            Ok((_, was_removed)) => Some(Answer::Created).filter(|_| was_removed),
            Err(AddStaffMemberError::Admission(refusal)) => Some(refused(refusal)),
            Err(failure) => Some(Answer::Failed(failure.to_string())),
        }
    });
    for (account, answers) in accounts.into_iter().zip(rounds) {
        assert_eq!((let_in(answers.into_iter().flatten()), used(store, account, Metric::Staff)), (LIMIT, LIMIT));
    }
}

/// Whoever asks for a smaller plan only if all there is fits gets it only if it does, and nothing is let in past it then.
pub fn a_smaller_plan_raced_against_bookings_is_refused_or_kept_to(store: &impl Store) {
    const LARGE: u32 = 9;
    #[derive(Debug)]
    enum Tried {
        ToBook(Answer),
        ToChange(Result<PlanChange, SubscribeError>),
    }
    let ids = Arc::new(CountingIds::default());
    let [small, large] = [LIMIT, LARGE].map(|limit| plan_with(limit).key);
    let catalog = Arc::new(catalog_of([LIMIT, LARGE].map(plan_with)));
    let accounts = subscribed(store, &ids, &catalog, large.as_str(), ROUNDS);
    let rounds = race(ROUNDS, |round, thread| {
        let account = accounts[round];
        if thread % 8 > 0 {
            return Tried::ToBook(create(store, &ids, &catalog, account, Metric::BookingsPerDay));
        }
        let choice = PlanChoice { over_limit: OverLimit::Reject, ..choice(small.as_str()) };
        let (catalog, new) = (Arc::clone(&catalog), ids.new_change(NOW));
        Tried::ToChange(block_on(store.write(move |tx| subscribe(tx, &catalog, account, &choice, &new))))
    });
    for (account, answers) in accounts.into_iter().zip(rounds) {
        let is_small = answers.iter().any(|answer| matches!(answer, Tried::ToChange(Ok(PlanChange::Changed(_)))));
        let limit = if is_small { LIMIT } else { LARGE };
        let mut created = 0;
        for answer in answers {
            match answer {
                Tried::ToBook(Answer::Created) => created += 1,
                Tried::ToBook(Answer::LimitExceeded(usage)) => {
                    assert_eq!(usage, Usage { used: limit, limit: Limit::AtMost(limit) });
                }
                Tried::ToChange(Ok(_)) => assert!(is_small, "it is on the plan without having changed to it"),
                Tried::ToChange(Err(SubscribeError::OverLimit(exceeded))) => {
                    assert!(exceeded.iter().all(|it| it.used > LIMIT && it.new_limit == LIMIT), "{exceeded:?}");
                }
                other => panic!("expected a booking, a plan or a refusal, got {other:?}"),
            }
        }
        assert_eq!((created, used(store, account, Metric::BookingsPerDay)), (limit, limit));
    }
}
