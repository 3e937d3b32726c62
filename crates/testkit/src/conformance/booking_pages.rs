//! Pages of bookings under concurrent writes: no booking is repeated, and none that stays is
//! missed.

use std::cmp::Reverse;
use std::thread;

use domain::ports::Store;
use domain::{AccountId, Booking, BookingFilter, BookingId, BookingPosition, SignedDuration};

use super::accounts::days_from;
use super::booking_lists::listed;
use super::{commit, look, open};
use crate::fixtures::{CountingIds, NOW, booking, day, name};
use crate::pages::gather;

const DAYS: usize = 6;

/// This many bookings, on consecutive days in turn, in the order of the list.
fn booked(store: &impl Store, ids: &CountingIds, account: AccountId, count: usize) -> Vec<Booking> {
    let days = days_from("2026-03-25", DAYS);
    let mut created: Vec<Booking> =
        (0..count).map(|number| booking(account, ids.booking(), days[number % DAYS])).collect();
    let inserted = created.clone();
    commit(store, move |tx| inserted.iter().try_for_each(|booking| tx.insert_booking(booking)));
    created.sort_unstable_by_key(|booking| Reverse(booking.position()));
    created
}

/// The list after `after`, each page on its own snapshot.
fn rest(store: &impl Store, account: AccountId, after: Option<BookingPosition>, max: usize) -> Vec<Booking> {
    let page = |after, max| Ok(look(store, move |tx| tx.list_bookings(account, &BookingFilter::default(), after, max)));
    gather(usize::MAX, max, after, Booking::position, page).expect("no page fails").items
}

/// A position need not be that of a booking. Its booking may not exist, be another account's, or
/// not pass the filter.
pub fn a_list_continues_at_any_position(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let lowest = ids.booking();
    let days = days_from("2026-03-23", DAYS + 4);
    let (mut created, mut unused) = (Vec::new(), vec![lowest]);
    for number in 0..24 {
        created.push(booking(account, ids.booking(), days[2 + number % DAYS]));
        unused.push(ids.booking());
    }
    let foreign = booking(other, ids.booking(), days[4]);
    unused.push(foreign.id);
    let inserted: Vec<Booking> = created.iter().cloned().chain([foreign]).collect();
    commit(store, move |tx| inserted.iter().try_for_each(|booking| tx.insert_booking(booking)));
    created.sort_unstable_by_key(|booking| Reverse(booking.position()));
    let ranges = [(None, None), (Some(days[4]), Some(days[5])), (Some(days[5]), Some(days[4]))];
    let ids = unused.iter().step_by(3).copied().chain(created.iter().step_by(5).map(|booking| booking.id));
    let ids: Vec<BookingId> = ids.collect();
    for ((from, to), max) in ranges.into_iter().zip([5, 2, 2]) {
        let filter = BookingFilter { from, to, ..BookingFilter::default() };
        for (&day, &id) in days.iter().flat_map(|day| ids.iter().map(move |id| (day, id))) {
            let after = BookingPosition { day, id };
            let is_expected = |booking: &&Booking| filter.admits(booking) && booking.position() < after;
            let expected: Vec<Booking> = created.iter().filter(is_expected).cloned().collect();
            let listed = look(store, move |tx| listed(tx, account, &filter, Some(after), max, usize::MAX));
            assert_eq!(listed, expected, "after {after:?} of {filter:?}");
        }
    }
}

/// The booking at the cursor is moved, removed or restored before the next page is read.
pub fn a_cursor_survives_changes_to_its_booking(store: &impl Store) {
    const PAGE: usize = 5;
    let ids = CountingIds::default();
    let [sooner, later] = ["2026-03-20", "2026-04-20"].map(day);
    for change in 0..4 {
        let account = open(store, ids.account()).id;
        let created = booked(store, &ids, account, 30);
        let first = look(store, move |tx| {
            let page = |after, max| tx.list_bookings(account, &BookingFilter::default(), after, max);
            gather(PAGE, PAGE, None, Booking::position, page)
        });
        assert_eq!(first.items, created[..PAGE]);
        // The last of the page, at the cursor, and the first of the next page.
        let mut changed = [created[PAGE - 1].clone(), created[PAGE].clone()];
        let cursor = changed[0].position();
        for booking in &mut changed {
            match change {
                0 => booking.deleted_at = Some(NOW),
                1 => booking.day = sooner,
                2 => booking.day = later,
                _ => booking.customer_name = Some(name("Bo")),
            }
        }
        let updated = changed.clone();
        commit(store, move |tx| updated.iter().try_for_each(|booking| tx.update_booking(booking)));
        let mut expected = created[PAGE + 1..].to_vec();
        match change {
            // They were moved to positions that are read later, so they are listed there.
            1 => expected.extend([changed[0].clone(), changed[1].clone()]),
            3 => expected.insert(0, changed[1].clone()),
            _ => {}
        }
        expected.sort_unstable_by_key(|booking| Reverse(booking.position()));
        assert_eq!(rest(store, account, Some(cursor), PAGE), expected, "change {change}");
    }
}

/// A list that is read page by page under concurrent writes repeats no booking, and misses none
/// that stays.
pub fn pages_under_concurrent_writes_repeat_and_miss_nothing(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = days_from("2026-03-25", DAYS);
    let existing = booked(store, &ids, account, 120);
    let is_staying = |number: usize| number % 2 == 1;
    let numbered = || existing.iter().enumerate();
    let staying: Vec<BookingId> = numbered().filter(|(number, _)| is_staying(*number)).map(|(_, it)| it.id).collect();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for (number, existing) in numbered() {
                let mut changed = existing.clone();
                let another = booking(account, ids.booking(), days[number % DAYS]);
                match number % 4 {
                    0 => changed.deleted_at = Some(NOW),
                    2 => {
                        (changed.day, changed.starts_at) =
                            (another.day, another.starts_at + SignedDuration::from_hours(1));
                    }
                    _ => changed.customer_name = Some(name("Bo")),
                }
                if number % 4 == 0 {
                    // Removed and restored, repeatedly.
                    for deleted_at in [Some(NOW), None] {
                        let changed = Booking { deleted_at, ..changed.clone() };
                        commit(store, move |tx| tx.update_booking(&changed));
                    }
                }
                commit(store, move |tx| {
                    tx.update_booking(&changed)?;
                    tx.insert_booking(&another)
                });
            }
        });
        loop {
            let is_last = writer.is_finished();
            let seen: Vec<BookingId> = rest(store, account, None, 9).into_iter().map(|booking| booking.id).collect();
            let still_there: Vec<_> = seen.iter().filter(|id| staying.contains(id)).copied().collect();
            assert_eq!(still_there, staying, "a booking was missed or came twice");
            if is_last {
                break;
            }
        }
    });
}
