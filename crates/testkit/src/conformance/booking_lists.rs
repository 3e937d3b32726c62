//! Lists of bookings: what a filter admits and nothing else, page by page, while others write.

use std::thread;

use domain::ports::Store;
use domain::{AccountId, Booking, BookingFilter, BookingId, Date, SignedDuration, StaffId};

use super::accounts::days_from;
use super::{commit, look, open};
use crate::fixtures::{CountingIds, NOW, booking, staff_member};

/// Many more than any store keeps at hand for an account (the one over SQLite keeps 16).
const BOOKINGS: usize = 150;
const DAYS: usize = 6;

/// Two accounts, the two staff members of each, and bookings of both in turn.
struct Salons {
    accounts: [AccountId; 2],
    staff: [[StaffId; 2]; 2],
    bookings: Vec<Booking>,
}

fn salons(store: &impl Store, ids: &CountingIds) -> Salons {
    let accounts = [(); 2].map(|()| open(store, ids.account()).id);
    let staff = accounts.map(|account| [(); 2].map(|()| staff_member(account, ids.staff())));
    let members = staff.clone();
    commit(store, move |tx| members.iter().flatten().try_for_each(|member| tx.insert_staff_member(member)));
    let staff = staff.map(|members| members.map(|member| member.id));
    let days = days_from("2026-03-25", DAYS);
    // Strides that have nothing to do with each other, so that everything meets everything.
    let made = |number: usize| Booking {
        staff_id: [None, Some(staff[number % 2][0]), Some(staff[number % 2][1])][number / 2 % 3],
        ..booking(accounts[number % 2], ids.booking(), days[number * 5 / 7 % DAYS])
    };
    let bookings: Vec<Booking> = (0..2 * BOOKINGS).map(made).collect();
    for some in bookings.chunks(7) {
        let some = some.to_vec();
        commit(store, move |tx| some.iter().try_for_each(|booking| tx.insert_booking(booking)));
    }
    Salons { accounts, staff, bookings }
}

/// Every combination of what can be asked for, with days before, among and after those that are booked, turned round too.
fn filters(staff: &[StaffId]) -> Vec<BookingFilter> {
    let days = days_from("2026-03-23", DAYS + 4);
    let ends: [Option<Date>; 5] = [None, Some(days[0]), Some(days[3]), Some(days[5]), Some(days[DAYS + 3])];
    let mut filters = Vec::new();
    for from in ends {
        for to in ends {
            for staff_id in staff.iter().copied().map(Some).chain([None]) {
                let filter = |include_deleted| BookingFilter { from, to, staff_id, include_deleted };
                filters.extend([false, true].map(filter));
            }
        }
    }
    filters
}

/// Asserts that every filter lists what it admits, from the beginning and from the middle, in pages of several sizes.
fn assert_listed(store: &impl Store, salons: &Salons) {
    for (account, staff) in salons.accounts.into_iter().zip(salons.staff) {
        // One of the other account's staff serves nobody here.
        let asked = [staff[0], staff[1], salons.staff[usize::from(account == salons.accounts[0])][0]];
        for filter in filters(&asked) {
            let mut expected: Vec<&Booking> =
                salons.bookings.iter().filter(|it| it.account_id == account && filter.admits(it)).collect();
            expected.sort_unstable_by_key(|booking| std::cmp::Reverse(booking.id));
            let depths = [0, 1, 10, 17, 40, expected.len().saturating_sub(1), expected.len()];
            let asked: Vec<(usize, usize)> = depths.into_iter().zip([usize::MAX, 1, 20, 3, 7, 2, 5]).collect();
            for (depth, max) in asked.into_iter().filter(|(depth, _)| *depth <= expected.len()) {
                let after = depth.checked_sub(1).map(|last| expected[last].id);
                let page = look(store, move |tx| tx.list_bookings(account, &filter, after, max));
                let expected: Vec<_> = expected[depth..].iter().take(max).copied().cloned().collect();
                assert_eq!(page, expected, "{max} after {depth} of {filter:?}");
            }
        }
    }
}

/// As they were made; of its own account alone.
pub fn every_filter_lists_what_it_admits_newest_first_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let salons = salons(store, &ids);
    assert_listed(store, &salons);
    let (nobody, account) = (ids.account(), salons.accounts[0]);
    let none = look(store, move |tx| {
        let filter = BookingFilter { include_deleted: true, ..BookingFilter::default() };
        Ok([tx.list_bookings(nobody, &filter, None, 9)?, tx.list_bookings(account, &filter, None, 0)?])
    });
    assert_eq!(none, [vec![], vec![]]);
}

/// Removed, moved, given to somebody else and taken back: old ones as well as the newest, and in one unit.
pub fn every_filter_lists_bookings_as_they_were_changed(store: &impl Store) {
    let ids = CountingIds::default();
    let mut salons = salons(store, &ids);
    let (days, staff) = (days_from("2026-03-25", DAYS), salons.staff);
    let change = |number: usize, booking: &mut Booking| match number % 5 {
        0 => booking.deleted_at = Some(NOW),
        1 => booking.day = days[number % DAYS],
        2 => booking.staff_id = [None, Some(staff[number % 2][0])][number / 5 % 2],
        _ => {}
    };
    for round in [1, 3] {
        for (number, booking) in salons.bookings.iter_mut().enumerate() {
            change(number * round, booking);
        }
        if round > 1 {
            // Some come back.
            salons.bookings.iter_mut().step_by(10).for_each(|booking| booking.deleted_at = None);
        }
        let changed = salons.bookings.clone();
        commit(store, move |tx| changed.iter().try_for_each(|booking| tx.update_booking(booking)));
        assert_listed(store, &salons);
    }
}

/// A booking that is changed in the unit that makes it, before others push it out of what a store keeps at hand.
pub fn a_unit_lists_the_bookings_that_it_makes_and_changes(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let on = days_from("2026-03-25", 1)[0];
    let made: Vec<Booking> = (0..50).map(|_| booking(account, ids.booking(), on)).collect();
    let removed: Vec<BookingId> = made.iter().map(|booking| booking.id).step_by(3).collect();
    let mut expected: Vec<BookingId> = made.iter().map(|it| it.id).filter(|id| !removed.contains(id)).collect();
    expected.reverse();
    let in_unit = commit(store, move |tx| {
        for booking in &made {
            tx.insert_booking(booking)?;
            if removed.contains(&booking.id) {
                tx.update_booking(&Booking { deleted_at: Some(NOW), ..booking.clone() })?;
            }
        }
        tx.list_bookings(account, &BookingFilter::default(), None, 99)
    });
    let read = look(store, move |tx| tx.list_bookings(account, &BookingFilter::default(), None, 99));
    for listed in [in_unit, read] {
        assert_eq!(listed.into_iter().map(|booking| booking.id).collect::<Vec<_>>(), expected);
    }
}

/// Ids need not rise: a clock is set back, or two processes make them.
pub fn bookings_whose_ids_do_not_rise_are_listed_in_the_order_in_which_they_were_made(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let on = days_from("2026-03-25", 1)[0];
    let bookings: Vec<Booking> = (0..60).map(|_| booking(account, ids.booking(), on)).collect();
    let mut made: Vec<Booking> = (0..60).map(|number| bookings[number * 23 % 60].clone()).collect();
    for booking in made.clone() {
        commit(store, move |tx| tx.insert_booking(&booking));
    }
    made.reverse();
    for filter in [BookingFilter::default(), BookingFilter { from: Some(on), ..BookingFilter::default() }] {
        let (mut listed, mut after) = (Vec::new(), None);
        while listed.len() < made.len() {
            let page = look(store, move |tx| tx.list_bookings(account, &filter, after, 7));
            after = Some(page.last().expect("there are more").id);
            listed.extend(page);
        }
        assert_eq!(listed, made);
    }
}

/// Whoever turns the pages while others book, remove and move sees no booking twice and misses none that stays.
pub fn pages_that_are_turned_while_others_write_repeat_and_miss_nothing(store: &impl Store) {
    const PAGE: usize = 9;
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = days_from("2026-03-25", DAYS);
    let made = |number: usize| booking(account, ids.booking(), days[number % DAYS]);
    let existing: Vec<Booking> = (0..120).map(made).collect();
    let inserted = existing.clone();
    commit(store, move |tx| inserted.iter().try_for_each(|booking| tx.insert_booking(booking)));
    let staying: Vec<BookingId> = existing.iter().map(|booking| booking.id).skip(1).step_by(2).rev().collect();
    thread::scope(|scope| {
        let writer = scope.spawn(|| {
            for (number, booking) in existing.iter().enumerate() {
                let (mut changed, another) = (booking.clone(), made(number));
                match number % 4 {
                    0 => changed.deleted_at = Some(NOW),
                    2 => {
                        (changed.day, changed.starts_at) =
                            (another.day, another.starts_at + SignedDuration::from_hours(1));
                    }
                    _ => changed.customer_name = Some(crate::fixtures::name("Bo")),
                }
                if number % 4 == 0 {
                    // Removed and taken back and removed again.
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
            let (mut seen, mut after): (Vec<BookingId>, _) = (Vec::new(), None);
            loop {
                let page = look(store, move |tx| tx.list_bookings(account, &BookingFilter::default(), after, PAGE));
                seen.extend(page.iter().map(|booking| booking.id));
                after = page.last().map(|booking| booking.id);
                if page.len() < PAGE {
                    break;
                }
            }
            assert!(seen.is_sorted_by(|newer, older| newer > older), "a booking comes twice");
            let still_there: Vec<_> = seen.iter().filter(|id| staying.contains(id)).copied().collect();
            assert_eq!(still_there, staying, "a booking was missed");
            if is_last {
                break;
            }
        }
    });
}
