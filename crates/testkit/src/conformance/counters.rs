//! Counters: of each account, on each day.

use domain::ports::Store;
use domain::{AccountId, Date, SignedDuration};
use jiff::ToSpan;

use super::{commit, look, open};
use crate::counts::{count_bookings, count_staff};
use crate::fixtures::{CountingIds, NOW, booking, day, staff_member};

/// The active staff members of the account and its bookings on `on`. A read and a unit of work
/// count the same.
pub(super) fn counted(store: &impl Store, account: AccountId, on: Date) -> (u64, u64) {
    let read = look(store, move |tx| Ok((count_staff(tx, account)?, count_bookings(tx, account, on)?)));
    let in_unit = commit(store, move |tx| Ok((count_staff(tx, account)?, count_bookings(tx, account, on)?)));
    assert_eq!(in_unit, read);
    read
}

/// A missing counter is 0.
pub fn an_account_begins_with_no_staff_and_no_bookings(store: &impl Store) {
    let account = open(store, CountingIds::default().account());
    assert_eq!(counted(store, account.id, day("2026-03-29")), (0, 0));
}

/// The counters of an account that does not exist are 0, too.
pub fn an_account_that_was_never_opened_has_no_staff_and_no_bookings(store: &impl Store) {
    assert_eq!(counted(store, CountingIds::default().account(), day("2026-03-29")), (0, 0));
}

/// The staff of one account does not count for another.
pub fn staff_is_counted_for_each_account(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = [(); 3].map(|()| open(store, ids.account()).id);
    for (account, members) in accounts.into_iter().zip([0, 1, 3]) {
        for _ in 0..members {
            let member = staff_member(account, ids.staff());
            commit(store, move |tx| tx.insert_staff_member(&member));
        }
    }
    let counts = accounts.map(|account| counted(store, account, day("2026-03-29")));
    assert_eq!(counts, [(0, 0), (1, 0), (3, 0)]);
}

/// The bookings of one account or day do not count for another.
pub fn bookings_are_counted_for_each_account_and_day(store: &impl Store) {
    let ids = CountingIds::default();
    let accounts = [(); 2].map(|()| open(store, ids.account()).id);
    let days = ["2026-03-28", "2026-03-29", "2026-03-30"].map(day);
    let expected = [[2, 0, 1], [0, 3, 0]];
    for (account, bookings) in accounts.into_iter().zip(expected) {
        for (on, bookings) in days.into_iter().zip(bookings) {
            for _ in 0..bookings {
                let made = booking(account, ids.booking(), on);
                commit(store, move |tx| tx.insert_booking(&made));
            }
        }
    }
    let counts = accounts.map(|account| days.map(|on| counted(store, account, on)));
    assert_eq!(counts, expected.map(|bookings| bookings.map(|bookings| (0, bookings))));
}

/// Many days of one account, past and future, are counted while time passes.
pub fn every_day_is_counted_however_many_there_are(store: &impl Store) {
    const DAYS: usize = 40;
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let first = day("2026-03-10");
    let days: Vec<Date> = first.series(1.day()).take(DAYS).collect();
    for round in 0..3 {
        // In another order each time, and each round a week later.
        for step in 0..DAYS {
            let mut made = booking(account, ids.booking(), days[step * [1, 7, 13][round] % DAYS]);
            made.created_at = NOW + SignedDuration::from_hours(7 * 24 * i64::try_from(round).unwrap_or(0));
            commit(store, move |tx| tx.insert_booking(&made));
        }
    }
    for on in days {
        assert_eq!(counted(store, account, on), (0, 3), "{on}");
    }
}
