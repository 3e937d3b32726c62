//! Counters of a range of days: the same as those of each single day.

use domain::ports::Store;
use domain::{AccountId, Booking, Date, SignedDuration};

use super::accounts::days_from;
use super::{commit, look, open};
use crate::counts::{count_bookings, count_bookings_on};
use crate::fixtures::{CountingIds, NOW, booking, day};

/// The counters of these days, in a read. A unit of work finds the same.
fn on_days(store: &impl Store, account: AccountId, days: &[Date]) -> Vec<(Date, u64)> {
    let (of_read, of_unit) = (days.to_vec(), days.to_vec());
    let read = look(store, move |tx| count_bookings_on(tx, account, &of_read));
    assert_eq!(commit(store, move |tx| count_bookings_on(tx, account, &of_unit)), read);
    read
}

/// Asserts that every range of `days`, with and without every second day, has exactly the counters
/// of its days.
fn assert_ranges(store: &impl Store, account: AccountId, days: &[Date]) {
    let days_of_range = days.to_vec();
    let single: Vec<(Date, u64)> =
        look(store, move |tx| days_of_range.into_iter().map(|on| Ok((on, count_bookings(tx, account, on)?))).collect());
    for (from, to) in (0..=days.len()).flat_map(|to| (0..=to).map(move |from| (from, to))) {
        for step in [1, 2] {
            let asked: Vec<Date> = days[from..to].iter().copied().step_by(step).collect();
            let is_in = |(on, count): &&(Date, u64)| asked.contains(on) && *count > 0;
            let expected: Vec<_> = single.iter().filter(is_in).copied().collect();
            assert_eq!(on_days(store, account, &asked), expected, "{asked:?}");
        }
    }
}

/// In ascending order, of one account, without empty days and days that were not asked for.
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
    assert_eq!(on_days(store, account, &days), expected);
    assert_eq!(on_days(store, account, &days[2..=11]), expected);
    assert_eq!(on_days(store, account, &days[3..=9]), expected[1..4]);
    assert_eq!(on_days(store, account, &days[7..=7]), expected[2..3]);
    assert_eq!(on_days(store, account, &[]), []);
    assert_eq!(on_days(store, other, &days), days.iter().map(|on| (*on, 1)).collect::<Vec<_>>());
    assert_eq!(on_days(store, ids.account(), &days), []);
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
    assert_eq!(on_days(store, account, &days), expected);
}

/// The unit's own writes are counted, and not those it has reverted.
pub fn a_unit_counts_a_range_with_its_own_bookings(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = days_from("2026-03-25", 3);
    let created = days.clone().into_iter().map(|on| booking(account, ids.booking(), on)).collect::<Vec<_>>();
    let asked = days.clone();
    let counts = commit(store, move |tx| {
        let mut counts = vec![count_bookings_on(tx, account, &asked)?];
        for booking in &created {
            tx.insert_booking(booking)?;
            counts.push(count_bookings_on(tx, account, &asked)?);
        }
        let removed = Booking { deleted_at: Some(NOW), ..created[1].clone() };
        tx.update_booking(&removed)?;
        counts.push(count_bookings_on(tx, account, &asked)?);
        Ok(counts)
    });
    let on = |numbers: &[usize]| numbers.iter().map(|number| (days[*number], 1)).collect::<Vec<_>>();
    assert_eq!(counts, [on(&[]), on(&[0]), on(&[0, 1]), on(&[0, 1, 2]), on(&[0, 2])]);
    assert_eq!(on_days(store, account, &days), on(&[0, 2]));
}

/// From before the first day of the range for bookings to after the last.
pub fn a_range_of_all_days_has_the_counts_of_all_days(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = ["1969-12-31", "1970-01-01", "2026-03-29", "2199-12-31", "2200-01-01"].map(day);
    let created = days.map(|on| booking(account, ids.booking(), on));
    commit(store, move |tx| created.iter().try_for_each(|booking| tx.insert_booking(booking)));
    assert_ranges(store, account, &days);
    assert_eq!(on_days(store, account, &days), days.map(|on| (on, 1)));
}
