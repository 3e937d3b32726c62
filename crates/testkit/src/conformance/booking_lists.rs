//! Lists of bookings: exactly those that pass the filter, latest day first, and within a day newest
//! first.

use std::cmp::Reverse;

use domain::error::StorageError;
use domain::ports::{ReadBookings, Store};
use domain::{AccountId, Booking, BookingFilter, BookingPosition, Date, StaffId};

use super::accounts::days_from;
use super::{commit, look, open};
use crate::fixtures::{CountingIds, NOW, booking, day, staff_member};
use crate::pages::gather;

/// Several pages for each day.
const BOOKINGS: usize = 150;
const DAYS: usize = 6;

/// Up to `count` bookings after `after`, read in pages of `max`.
pub(super) fn listed(
    tx: &mut (impl ReadBookings + ?Sized),
    account: AccountId,
    filter: &BookingFilter,
    after: Option<BookingPosition>,
    max: usize,
    count: usize,
) -> Result<Vec<Booking>, StorageError> {
    let page = |after, max| tx.list_bookings(account, filter, after, max);
    Ok(gather(count, max, after, Booking::position, page)?.items)
}

/// All bookings of the list, in a read. A unit of work lists the same.
pub(super) fn all(store: &impl Store, account: AccountId, filter: BookingFilter, max: usize) -> Vec<Booking> {
    let read = look(store, move |tx| listed(tx, account, &filter, None, max, usize::MAX));
    let in_unit = commit(store, move |tx| listed(tx, account, &filter, None, max, usize::MAX));
    assert_eq!(in_unit, read);
    read
}

/// Two accounts, each with two staff members, and bookings of both in turn.
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
    // Coprime strides, so that all combinations occur.
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

/// All combinations of filter fields, with days before, among and after the booked ones, and
/// reversed ranges.
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

/// Asserts that every filter lists the bookings that pass it, from the beginning and from the
/// middle, in pages of several sizes.
fn assert_listed(store: &impl Store, salons: &Salons) {
    for (account, staff) in salons.accounts.into_iter().zip(salons.staff) {
        // A staff member of the other account has no bookings here.
        let staff_ids = [staff[0], staff[1], salons.staff[usize::from(account == salons.accounts[0])][0]];
        for filter in filters(&staff_ids) {
            let mut expected: Vec<&Booking> =
                salons.bookings.iter().filter(|it| it.account_id == account && filter.admits(it)).collect();
            expected.sort_unstable_by_key(|booking| Reverse(booking.position()));
            let depths = [0, 1, 10, 17, 40, expected.len().saturating_sub(1), expected.len()];
            let pages: Vec<(usize, usize)> = depths.into_iter().zip([usize::MAX, 1, 20, 3, 7, 2, 5]).collect();
            for (depth, max) in pages.into_iter().filter(|(depth, _)| *depth <= expected.len()) {
                let after = depth.checked_sub(1).map(|last| expected[last].position());
                let page = look(store, move |tx| listed(tx, account, &filter, after, max, max));
                let expected: Vec<_> = expected[depth..].iter().take(max).copied().cloned().collect();
                assert_eq!(page, expected, "{max} after {depth} of {filter:?}");
            }
            let pages = look(store, move |tx| listed(tx, account, &filter, None, 13, usize::MAX));
            assert!(pages.iter().eq(expected), "{filter:?}");
        }
    }
}

/// As created, of their own account only.
pub fn every_filter_lists_matching_bookings_page_by_page(store: &impl Store) {
    let ids = CountingIds::default();
    let salons = salons(store, &ids);
    assert_listed(store, &salons);
    let (missing, account) = (ids.account(), salons.accounts[0]);
    let none = look(store, move |tx| {
        let filter = BookingFilter { include_deleted: true, ..BookingFilter::default() };
        Ok([listed(tx, missing, &filter, None, 9, 9)?, tx.list_bookings(account, &filter, None, 0)?.items])
    });
    assert_eq!(none, [vec![], vec![]]);
}

/// Removed, moved, reassigned and restored: old and new bookings, and in one unit.
pub fn every_filter_lists_changed_bookings(store: &impl Store) {
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
            // Some are restored.
            salons.bookings.iter_mut().step_by(10).for_each(|booking| booking.deleted_at = None);
        }
        let changed = salons.bookings.clone();
        commit(store, move |tx| changed.iter().try_for_each(|booking| tx.update_booking(booking)));
        assert_listed(store, &salons);
    }
}

/// A booking that is removed or moved in the unit that creates it is listed in its new state, in
/// that unit and later.
pub fn a_unit_lists_its_own_bookings(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = days_from("2026-03-25", 3);
    let created: Vec<Booking> = (0..50).map(|_| booking(account, ids.booking(), days[1])).collect();
    let changed: Vec<Booking> = created
        .iter()
        .enumerate()
        .map(|(number, booking)| match number % 5 {
            0 => Booking { deleted_at: Some(NOW), ..booking.clone() },
            1 => Booking { day: days[0], ..booking.clone() },
            2 => Booking { day: days[2], ..booking.clone() },
            _ => booking.clone(),
        })
        .collect();
    let mut expected: Vec<Booking> = changed.iter().filter(|it| it.deleted_at.is_none()).cloned().collect();
    expected.sort_unstable_by_key(|booking| Reverse(booking.position()));
    let in_unit = commit(store, move |tx| {
        for (created, changed) in created.iter().zip(&changed) {
            tx.insert_booking(created)?;
            if changed != created {
                tx.update_booking(changed)?;
            }
        }
        listed(tx, account, &BookingFilter::default(), None, 7, usize::MAX)
    });
    assert_eq!(in_unit, expected);
    assert_eq!(all(store, account, BookingFilter::default(), 99), expected);
}

/// Ids are not ascending in time if a clock is set back, or several processes generate them. The id
/// alone decides.
pub fn bookings_are_listed_by_id_within_a_day(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = days_from("2026-03-25", 2);
    let mut expected: Vec<Booking> =
        (0..60).map(|number| booking(account, ids.booking(), days[number / 3 % 2])).collect();
    // In order of creation, neither ids nor days are sorted.
    for number in 0..60 {
        let created = expected[number * 23 % 60].clone();
        commit(store, move |tx| tx.insert_booking(&created));
    }
    expected.sort_unstable_by_key(|booking| Reverse(booking.position()));
    for filter in [BookingFilter::default(), BookingFilter { from: Some(days[0]), ..BookingFilter::default() }] {
        assert_eq!(all(store, account, filter, 7), expected);
    }
    expected.retain(|booking| booking.day == days[0]);
    let only = BookingFilter { to: Some(days[0]), ..BookingFilter::default() };
    assert_eq!(all(store, account, only, 7), expected);
    assert!(expected.is_sorted_by(|newer, older| newer.id > older.id));
}

/// The first day of the range, the last, and one between them: a gap does not hide the days after
/// it.
pub fn bookings_on_days_far_apart_are_listed(store: &impl Store) {
    let ids = CountingIds::default();
    let [account, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let days = ["2200-01-01", "2026-03-25", "1969-12-31"].map(day);
    let created = days.map(|on| booking(account, ids.booking(), on));
    let of_other = days_from("2026-03-01", 50).into_iter().map(|on| booking(other, ids.booking(), on));
    let inserted: Vec<Booking> = created.iter().cloned().chain(of_other).collect();
    commit(store, move |tx| inserted.iter().try_for_each(|booking| tx.insert_booking(booking)));
    for (from, to, expected) in [
        (None, None, &created[..]),
        (Some(days[2]), Some(days[0]), &created[..]),
        (None, Some(days[1]), &created[1..]),
        (Some(days[1]), None, &created[..2]),
        (None, Some(day("2026-03-24")), &created[2..]),
        (Some(day("2026-03-26")), None, &created[..1]),
        (Some(day("2026-03-26")), Some(day("2199-12-31")), &[]),
    ] {
        let filter = BookingFilter { from, to, ..BookingFilter::default() };
        for max in [1, 100] {
            assert_eq!(all(store, account, filter, max), expected, "{filter:?}");
        }
    }
}
