//! Counters of a range of days: the same as those of each single day.

use domain::ports::Store;
use domain::{AccountId, Booking, Date, SignedDuration};

use super::accounts::days_from;
use super::{commit, look, open};
use crate::fixtures::{CountingIds, NOW, booking, day};

/// The counters of a range, in a read. A unit of work finds the same.
fn between(store: &impl Store, account: AccountId, from: Date, to: Date) -> Vec<(Date, u32)> {
    let read = look(store, move |tx| tx.count_bookings_between(account, from, to));
    assert_eq!(commit(store, move |tx| tx.count_bookings_between(account, from, to)), read);
    read
}

/// Asserts that every range of `days`, including reversed ones, has exactly the counters of its
/// days.
fn assert_ranges(store: &impl Store, account: AccountId, days: &[Date]) {
    let days_of_range = days.to_vec();
    let single: Vec<(Date, u32)> = look(store, move |tx| {
        days_of_range.into_iter().map(|on| Ok((on, tx.count_bookings_on(account, on)?))).collect()
    });
    for &from in days {
        for &to in days {
            let is_in = |(on, count): &&(Date, u32)| (from..=to).contains(on) && *count > 0;
            let expected: Vec<_> = single.iter().filter(is_in).copied().collect();
            assert_eq!(between(store, account, from, to), expected, "from {from} to {to}");
        }
    }
}

/// In ascending order, both ends inclusive, of one account, without empty days.
pub fn counts_of_a_range_are_those_of_its_days(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let days = days_from("2026-03-25", 14);
    assert_ranges(store, account, &days);
    // Unordered days with gaps, and days of the other account in the gaps.
    let numbers = [7, 2, 11, 7, 3, 2, 7, 9];
    let mut created: Vec<Booking> =
        numbers.into_iter().map(|number: usize| booking(account, ids.booking(), days[number])).collect();
    let of_other = (0..14).map(|number| booking(other, ids.booking(), days[number]));
    let inserted: Vec<Booking> = created.iter().cloned().chain(of_other).collect();
    commit(store, move |tx| inserted.iter().try_for_each(|booking| tx.insert_booking(booking)));
    assert_ranges(store, account, &days);
    let expected = [(2, 2), (3, 1), (7, 3), (9, 1), (11, 1)].map(|(number, count): (usize, _)| (days[number], count));
    assert_eq!(between(store, account, days[0], days[13]), expected);
    assert_eq!(between(store, account, days[2], days[11]), expected);
    assert_eq!(between(store, account, days[3], days[9]), expected[1..4]);
    assert_eq!(between(store, account, days[7], days[7]), expected[2..3]);
    assert_eq!(between(store, account, days[7], days[6]), []);
    assert_eq!(between(store, other, days[0], days[13]), days.iter().map(|on| (*on, 1)).collect::<Vec<_>>());
    assert_eq!(between(store, ids.account(), days[0], days[13]), []);
    // One is moved, one leaves its day empty, and one is removed after it began, so it keeps
    // counting.
    let hour = SignedDuration::from_hours(1);
    created[0].day = days[12];
    created[2].deleted_at = Some(created[2].starts_at - hour);
    created[4].deleted_at = Some(created[4].starts_at + hour);
    let changed = created.clone();
    commit(store, move |tx| changed.iter().try_for_each(|booking| tx.update_booking(booking)));
    assert_ranges(store, account, &days);
    let expected = [(2, 2), (3, 1), (7, 2), (9, 1), (12, 1)].map(|(number, count): (usize, _)| (days[number], count));
    assert_eq!(between(store, account, days[0], days[13]), expected);
}

/// The unit's own writes are counted, and not those it has reverted.
pub fn a_unit_counts_a_range_with_its_own_bookings(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = days_from("2026-03-25", 3);
    let created = days.clone().into_iter().map(|on| booking(account, ids.booking(), on)).collect::<Vec<_>>();
    let (first, last) = (days[0], days[2]);
    let counts = commit(store, move |tx| {
        let mut counts = vec![tx.count_bookings_between(account, first, last)?];
        for booking in &created {
            tx.insert_booking(booking)?;
            counts.push(tx.count_bookings_between(account, first, last)?);
        }
        let removed = Booking { deleted_at: Some(NOW), ..created[1].clone() };
        tx.update_booking(&removed)?;
        counts.push(tx.count_bookings_between(account, first, last)?);
        Ok(counts)
    });
    let on = |numbers: &[usize]| numbers.iter().map(|number| (days[*number], 1)).collect::<Vec<_>>();
    assert_eq!(counts, [on(&[]), on(&[0]), on(&[0, 1]), on(&[0, 1, 2]), on(&[0, 2])]);
    assert_eq!(between(store, account, first, last), on(&[0, 2]));
}

/// From the first day of the range for bookings to the last, and beyond both.
pub fn a_range_of_all_days_has_the_counts_of_all_days(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = ["1969-12-31", "1970-01-01", "2026-03-29", "2199-12-31", "2200-01-01"].map(day);
    let created = days.map(|on| booking(account, ids.booking(), on));
    commit(store, move |tx| created.iter().try_for_each(|booking| tx.insert_booking(booking)));
    assert_ranges(store, account, &days);
    let year = SignedDuration::from_hours(24 * 366);
    let (from, to) = (days[0].saturating_sub(year), days[4].saturating_add(year));
    assert_eq!(between(store, account, from, to), days.map(|on| (on, 1)));
}
