//! Changes and moves of bookings.

use domain::error::{AdmissionError, BookingError};
use domain::{AccountPatch, Booking, BookingPatch, Change, Notes, Timestamp, day_of_window, use_cases};
use testkit::fixtures::{NOW, day, instant, name, zone};

use super::{MICROSECOND, Salon, word};

fn change(
    salon: &Salon,
    booking: &Booking,
    patch: &BookingPatch,
    is_expected: bool,
    now: Timestamp,
) -> Result<(Booking, bool), BookingError> {
    let (id, patch) = (booking.id, patch.clone());
    salon.write(move |tx, catalog, account| {
        use_cases::change_booking(tx, catalog, account, id, &patch, |_| is_expected, now)
    })
}

fn to(starts_at: &str) -> BookingPatch {
    BookingPatch { starts_at: Some(instant(starts_at)), ..BookingPatch::default() }
}

fn notes(text: &str) -> BookingPatch {
    BookingPatch { notes: Change::Set(Notes::parse(text).expect("they are notes")), ..BookingPatch::default() }
}

#[test]
fn a_booking_moves_to_a_day_with_room() {
    for (starts_at, expected, counts) in [
        ("2026-03-21T15:00:00Z", "changed", [2, 1, 2]),
        ("2026-03-21T00:00:00Z", "changed", [2, 1, 2]),
        ("2026-03-21T23:59:59.999999Z", "changed", [2, 1, 2]),
        ("2026-03-22T00:00:00Z", "changed", [1, 2, 2]),
        ("2026-03-20T23:59:59.999999Z", "changed", [1, 1, 2]),
        ("2026-03-23T00:00:00Z", "full", [2, 1, 2]),
        ("2026-03-23T23:59:59.999999Z", "full", [2, 1, 2]),
        ("2026-03-24T00:00:00Z", "changed", [1, 1, 2]),
        ("2026-03-21T12:00:00Z", "unchanged", [2, 1, 2]),
    ] {
        let salon = Salon::on(2);
        let booking = salon.book("2026-03-21T12:00:00Z");
        for other in ["2026-03-21T12:00:00Z", "2026-03-22T12:00:00Z", "2026-03-23T12:00:00Z", "2026-03-23T13:00:00Z"] {
            salon.book(other);
        }
        let outcome = change(&salon, &booking, &to(starts_at), true, NOW);
        assert_eq!(word(&outcome), expected, "{starts_at}");
        if let Ok((moved, _)) = outcome {
            let (starts_at, day) = (instant(starts_at), day(&starts_at[..10]));
            let version = if expected == "changed" { 2 } else { 1 };
            assert_eq!(moved, Booking { starts_at, day, version, ..booking });
        }
        assert_eq!(salon.counts(["2026-03-21", "2026-03-22", "2026-03-23"]), counts, "{starts_at}");
    }
}

#[test]
fn a_refused_move_suggests_the_next_day_with_room() {
    let salon = Salon::on(1);
    let [booking, ..] = ["21", "22", "23"].map(|day| salon.book(&format!("2026-03-{day}T12:00:00Z")));
    let refused = change(&salon, &booking, &to("2026-03-22T09:00:00Z"), true, NOW);
    let Err(BookingError::Admission(AdmissionError::LimitExceeded(refusal))) = refused else { panic!("{refused:?}") };
    assert_eq!(refusal.window.map(|window| day_of_window(window.label)), Some(day("2026-03-22")));
    assert_eq!(refusal.next_allowed_day, Some(day("2026-03-24")));
    assert_eq!((refusal.exceeded.usage.used, refusal.exceeded.requested), (1, 1));
}

#[test]
fn a_booking_can_be_moved_until_it_begins() {
    let begins = instant("2026-03-21T12:00:00Z");
    for (patch, now, expected) in [
        (to("2026-03-21T15:00:00Z"), begins - MICROSECOND, "changed"),
        (to("2026-03-21T15:00:00Z"), begins, "has begun"),
        (to("2026-03-22T15:00:00Z"), begins - MICROSECOND, "changed"),
        (to("2026-03-22T15:00:00Z"), begins, "has begun"),
        (to("2026-03-22T15:00:00Z"), begins + MICROSECOND, "has begun"),
        // It may be moved into the past, and not again from there.
        (to("2026-03-19T15:00:00Z"), NOW, "changed"),
        (to("2026-03-21T12:00:00Z"), begins, "unchanged"),
        (notes("Allergic to nuts"), begins, "changed"),
        (BookingPatch::default(), begins, "unchanged"),
    ] {
        let salon = Salon::on(2);
        let booking = salon.book("2026-03-21T12:00:00Z");
        assert_eq!(word(&change(&salon, &booking, &patch, true, now)), expected, "{patch:?} at {now}");
    }
}

#[test]
fn equal_values_change_nothing_and_null_clears() {
    let salon = Salon::on(1);
    let (staff, booking) = (salon.employ(), salon.book("2026-03-21T12:00:00Z"));
    let all = BookingPatch {
        customer_name: Change::Set(name("Bo")),
        staff_id: Change::Set(staff),
        ..notes("At the window, if there is room")
    };
    let nothing =
        BookingPatch { customer_name: Change::Clear, staff_id: Change::Clear, notes: Change::Clear, starts_at: None };
    for (patch, expected) in [(&nothing, "unchanged"), (&all, "changed"), (&all, "unchanged"), (&nothing, "changed")] {
        assert_eq!(word(&change(&salon, &booking, patch, true, NOW)), expected, "{patch:?}");
    }
    let emptied = Booking { version: 3, ..booking.clone() };
    assert_eq!(change(&salon, &booking, &BookingPatch::default(), true, NOW), Ok((emptied, false)));
}

#[test]
fn a_booking_keeps_but_does_not_get_a_removed_staff_member() {
    let salon = Salon::on(1);
    let (gone, there) = (salon.employ(), salon.employ());
    let served_by = |staff| BookingPatch { staff_id: Change::Set(staff), ..BookingPatch::default() };
    let [theirs, other] = ["21", "22"].map(|day| salon.book(&format!("2026-03-{day}T12:00:00Z")));
    assert_eq!(word(&change(&salon, &theirs, &served_by(gone), true, NOW)), "changed");
    let removed = salon.write(move |tx, _, account| use_cases::remove_staff_member(tx, account, gone, |_| true, NOW));
    assert_eq!(removed, Ok(true));
    for (booking, patch, expected) in [
        (&other, served_by(gone), "unknown staff member"),
        (&other, served_by(salon.ids.staff()), "unknown staff member"),
        (&other, served_by(there), "changed"),
        (&theirs, served_by(gone), "unchanged"),
        (&theirs, to("2026-03-23T12:00:00Z"), "changed"),
        (&theirs, served_by(there), "changed"),
        (&theirs, served_by(gone), "unknown staff member"),
    ] {
        assert_eq!(word(&change(&salon, booking, &patch, true, NOW)), expected, "{patch:?}");
    }
}

#[test]
fn a_changed_or_missing_booking_is_reported_first() {
    let salon = Salon::on(1);
    let (booking, late) = (salon.book("2026-03-21T12:00:00Z"), instant("2026-03-22T00:00:00Z"));
    let stranger = BookingPatch { staff_id: Change::Set(salon.ids.staff()), ..to("2026-03-22T12:00:00Z") };
    for patch in [BookingPatch::default(), to("2026-03-22T12:00:00Z"), stranger] {
        assert_eq!(word(&change(&salon, &booking, &patch, false, late)), "another version", "{patch:?}");
    }
    let nowhere = Booking { id: salon.ids.booking(), ..booking.clone() };
    assert_eq!(word(&change(&salon, &nowhere, &to("2026-03-22T12:00:00Z"), false, NOW)), "not found");
    let id = booking.id;
    let removed = salon.write(move |tx, _, account| use_cases::remove_booking(tx, account, id, |_| true, NOW));
    assert_eq!(removed, Ok(true));
    assert_eq!(word(&change(&salon, &booking, &to("2026-03-22T12:00:00Z"), false, NOW)), "not found");
}

#[test]
fn another_time_zone_moves_no_existing_booking() {
    let days = ["2026-03-21", "2026-03-22"];
    let salon = Salon::on(1);
    let booking = salon.book("2026-03-21T12:00:00Z");
    let patch = AccountPatch { zone: Some(zone("Pacific/Kiritimati")), ..AccountPatch::default() };
    let changed = salon.write(move |tx, _, account| use_cases::change_account(tx, account, &patch, |_| true));
    assert!(matches!(changed, Ok((_, true))), "{changed:?}");
    assert_eq!(salon.counts(days), [1, 0]);
    // In the new zone it is two in the night of the 22nd: new bookings for that instant count on
    // that day.
    for (starts_at, expected) in [("2026-03-21T09:59:59Z", Err("full")), ("2026-03-21T10:00:00Z", Ok(day(days[1])))] {
        let booked = salon.try_to_book(starts_at, NOW).map(|booking| (booking, true));
        assert_eq!(booked.as_ref().map(|(booking, _)| booking.day).map_err(|_| word(&booked)), expected, "{starts_at}");
    }
    assert_eq!(salon.counts(days), [1, 1]);
    for (patch, expected) in [
        (notes("By the door"), "changed"),
        (to("2026-03-21T12:00:00Z"), "unchanged"),
        (to("2026-03-21T12:00:00.000001Z"), "full"),
        (to("2026-03-21T09:59:59.999999Z"), "changed"),
    ] {
        assert_eq!(word(&change(&salon, &booking, &patch, true, NOW)), expected, "{patch:?}");
        assert_eq!(salon.counts(days), [1, 1], "{patch:?}");
    }
    assert_eq!(word(&change(&salon, &booking, &to("2026-03-22T12:00:00Z"), true, NOW)), "changed");
    assert_eq!(salon.counts(days), [0, 1]);
}
