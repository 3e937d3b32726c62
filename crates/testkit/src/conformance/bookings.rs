//! Bookings: updates, removal, restoration, and their counters.

use domain::ports::Store;
use domain::{AccountId, Booking, Date, Notes, SignedDuration, Timestamp};

use super::accounts::days_from;
use super::counters::counted;
use super::{assert_refused, commit, look, open};
use crate::fixtures::{CountingIds, NOW, booking, day, name, staff_member};

fn insert(store: &impl Store, made: &Booking) {
    let made = made.clone();
    commit(store, move |tx| tx.insert_booking(&made));
}

fn update(store: &impl Store, changed: &Booking) {
    let changed = changed.clone();
    commit(store, move |tx| tx.update_booking(&changed));
}

fn booked<const N: usize>(store: &impl Store, account: AccountId, days: [Date; N]) -> [u64; N] {
    days.map(|on| counted(store, account, on).1)
}

/// A booking that is moved, removed before and after it began, and restored, counts on one day or
/// on none.
pub fn a_booking_is_counted_on_its_day_while_it_counts(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let days = ["2026-03-28", "2026-03-29", "2026-03-30"].map(day);
    for account in [own, other] {
        insert(store, &booking(account, ids.booking(), days[1]));
    }
    let made = booking(own, ids.booking(), days[0]);
    insert(store, &made);
    let on = |on: Date| booking(own, made.id, on);
    let hour = SignedDuration::from_hours(1);
    let removed = |booking: Booking, after| Booking { deleted_at: Some(booking.starts_at + after), ..booking };
    for (changed, expected) in [
        (on(days[1]), [0, 2, 0]),
        (Booking { starts_at: on(days[1]).starts_at + hour, ..on(days[1]) }, [0, 2, 0]),
        (on(days[2]), [0, 1, 1]),
        (removed(on(days[2]), -hour), [0, 1, 0]),
        (on(days[2]), [0, 1, 1]),
        // It had begun, so it keeps counting.
        (removed(on(days[2]), SignedDuration::ZERO), [0, 1, 1]),
        (removed(on(days[2]), hour), [0, 1, 1]),
        (on(days[0]), [1, 1, 0]),
        (removed(on(days[1]), -hour), [0, 1, 0]),
        (removed(on(days[1]), -hour), [0, 1, 0]),
        (removed(on(days[1]), hour), [0, 2, 0]),
    ] {
        // Another time of creation.
        update(store, &Booking { created_at: Timestamp::UNIX_EPOCH, ..changed.clone() });
        let id = made.id;
        assert_eq!(look(store, move |tx| tx.find_booking(own, id)).as_ref(), Some(&changed));
        assert_eq!((booked(store, own, days), booked(store, other, days)), (expected, [0, 1, 0]), "{changed:?}");
    }
}

/// With and without the optional fields, for any staff member of the account.
pub fn a_booking_is_found_as_it_was_updated(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let members = [(); 2].map(|()| staff_member(account, ids.staff()));
    let staff = members.clone().map(|member| Some(member.id));
    commit(store, move |tx| members.iter().try_for_each(|member| tx.insert_staff_member(member)));
    let made = booking(account, ids.booking(), day("2026-03-29"));
    insert(store, &made);
    for changed in [
        Booking { customer_name: Some(name("Renée 💅")), staff_id: staff[0], ..made.clone() },
        Booking { staff_id: staff[1], notes: Notes::parse("Allergic to henna").ok(), ..made.clone() },
        made.clone(),
    ] {
        update(store, &changed);
        let id = changed.id;
        assert_eq!(look(store, move |tx| tx.find_booking(account, id)), Some(changed));
    }
}

/// The booking does not exist, is another account's, or its account does not exist; or the staff
/// member is another account's.
pub fn an_update_of_or_to_unknown_rows_is_refused(store: &impl Store) {
    let ids = CountingIds::default();
    let [own, other] = [(); 2].map(|()| open(store, ids.account()).id);
    let (foreign, on) = (staff_member(other, ids.staff()), day("2026-03-29"));
    let foreign_id = foreign.id;
    commit(store, move |tx| tx.insert_staff_member(&foreign));
    let made = booking(own, ids.booking(), on);
    let id = made.id;
    insert(store, &made);
    let next = day("2026-03-30");
    for refused in [
        booking(own, ids.booking(), next),
        booking(other, id, next),
        booking(ids.account(), id, next),
        Booking { staff_id: Some(foreign_id), ..booking(own, id, next) },
        Booking { staff_id: Some(ids.staff()), deleted_at: Some(NOW), ..booking(own, id, on) },
    ] {
        assert_refused(store, move |tx| tx.update_booking(&refused));
        assert_eq!(look(store, move |tx| tx.find_booking(own, id)).as_ref(), Some(&made));
        assert_eq!((booked(store, own, [on, next]), booked(store, other, [on, next])), ([1, 0], [0, 0]));
    }
}

/// A booking removed before it began does not count; one removed later does.
pub fn a_booking_inserted_as_removed_counts_if_begun(store: &impl Store) {
    let ids = CountingIds::default();
    let (account, on) = (open(store, ids.account()).id, day("2026-03-29"));
    let second = SignedDuration::from_secs(1);
    for (after, expected) in [(-second, 0), (second, 1)] {
        let made = booking(account, ids.booking(), on);
        insert(store, &Booking { deleted_at: Some(made.starts_at + after), ..made });
        assert_eq!(booked(store, account, [on]), [expected]);
    }
}

/// More days than a store may cache, emptied and filled again while time passes.
pub fn days_emptied_and_refilled_are_counted(store: &impl Store) {
    const DAYS: usize = 30;
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    let days = days_from("2026-03-25", DAYS);
    let mut made: Vec<Booking> = Vec::new();
    for week in 0..6 {
        let now = NOW + SignedDuration::from_hours(7 * 24 * week);
        for &on in &days {
            let booking = Booking { created_at: now, ..booking(account, ids.booking(), on) };
            insert(store, &booking);
            made.push(booking);
        }
        // A different half of the days is emptied each time: every second one, the first fifteen, …
        let emptied = |index: usize| (index >> week).is_multiple_of(2);
        for booking in &mut made {
            let index = days.iter().position(|on| *on == booking.day).expect("it is one of the days");
            let deleted_at = Some(booking.starts_at - SignedDuration::from_secs(1)).filter(|_| emptied(index));
            if booking.deleted_at != deleted_at {
                booking.deleted_at = deleted_at;
                update(store, booking);
            }
        }
        for &on in &days {
            let expected = made.iter().filter(|booking| booking.day == on && booking.is_counted()).count();
            assert_eq!(booked(store, account, [on]), [expected as u64], "{on} in week {week}");
        }
    }
}

/// A day that was full and then empty can be filled a second time.
pub fn a_day_emptied_ahead_of_time_is_counted(store: &impl Store) {
    let ids = CountingIds::default();
    let account = open(store, ids.account()).id;
    // More than a store may cache.
    let days = days_from("2026-03-25", 20);
    let made: Vec<_> = days.iter().map(|on| booking(account, ids.booking(), *on)).collect();
    for booking in made.iter().chain(&made) {
        // In the first round, all are created; in the second, all are removed.
        let removed = Booking { deleted_at: Some(NOW), ..booking.clone() };
        let id = booking.id;
        match look(store, move |tx| tx.find_booking(account, id)) {
            None => insert(store, booking),
            Some(_) => update(store, &removed),
        }
    }
    // In reverse, so that other days are cached than before.
    for on in days.iter().rev() {
        insert(store, &booking(account, ids.booking(), *on));
    }
    // A month later, no store needs to cache them.
    let later = NOW + SignedDuration::from_hours(40 * 24);
    for on in days_from("2026-05-01", 3) {
        insert(store, &Booking { created_at: later, ..booking(account, ids.booking(), on) });
    }
    for on in days {
        assert_eq!(booked(store, account, [on]), [1], "{on}");
    }
}
