//! Removal and restoration of bookings.

use domain::error::{BookingError, ChangeError};
use domain::{Booking, Ending, Timestamp, Timing, use_cases};
use testkit::fixtures::{NOW, instant};

use super::{MICROSECOND, Salon, word};

const DAY: [&str; 1] = ["2026-03-21"];
const STARTS_AT: &str = "2026-03-21T12:00:00Z";

fn remove(salon: &Salon, booking: &Booking, is_expected: bool, now: Timestamp) -> Result<bool, ChangeError> {
    let id = booking.id;
    salon.write(move |tx, _, account| use_cases::remove_booking(tx, account, id, |_| is_expected, now))
}

fn restore(salon: &Salon, booking: &Booking, now: Timestamp) -> Result<(Booking, bool), BookingError> {
    let id = booking.id;
    salon.write(move |tx, catalog, account| use_cases::restore_booking(tx, catalog, account, id, now))
}

fn unsubscribe(salon: &Salon) {
    let (ending, new) = (Ending { timing: Timing::Immediate, reason: None }, salon.ids.new_change(NOW));
    let ended = salon.write(move |tx, catalog, account| use_cases::unsubscribe(tx, catalog, account, &ending, &new));
    assert!(matches!(ended, Ok((_, true))), "{ended:?}");
}

#[test]
fn a_booking_removed_before_it_begins_stops_counting() {
    let begins = instant(STARTS_AT);
    for (now, counted, next) in [
        (NOW, 0, "changed"),
        (begins - MICROSECOND, 0, "changed"),
        (begins, 1, "full"),
        (begins + MICROSECOND, 1, "full"),
        (instant("2027-01-01T00:00:00Z"), 1, "full"),
    ] {
        let salon = Salon::on(1);
        let booking = salon.book(STARTS_AT);
        assert_eq!(remove(&salon, &booking, true, now), Ok(true), "{now}");
        assert_eq!(salon.counts(DAY), [counted], "{now}");
        // Removing it again changes nothing, at any time and with any precondition.
        for (again, is_expected) in [(NOW, true), (instant("2028-01-01T00:00:00Z"), false)] {
            assert_eq!(remove(&salon, &booking, is_expected, again), Ok(false), "{now}");
            assert_eq!(salon.counts(DAY), [counted], "{now}");
        }
        let booked = salon.try_to_book(STARTS_AT, now).map(|booking| (booking, true));
        assert_eq!(word(&booked), next, "{now}");
    }
}

#[test]
fn a_booking_is_removed_in_its_account_and_version_only() {
    let salon = Salon::on(1);
    let booking = salon.book(STARTS_AT);
    let nowhere = Booking { id: salon.ids.booking(), ..booking.clone() };
    assert_eq!(remove(&salon, &booking, false, NOW), Err(ChangeError::PreconditionFailed));
    assert_eq!(remove(&salon, &nowhere, false, NOW), Err(ChangeError::NotFound));
    assert_eq!(salon.counts(DAY), [1]);
}

#[test]
fn a_booking_is_restored_if_it_counts_or_fits() {
    let (before, begins) = (instant(STARTS_AT) - MICROSECOND, instant(STARTS_AT));
    // When it is removed, how many others are booked then, and whether there is still a plan.
    for (removed_at, others, has_plan, expected, counted) in [
        (None, 1, true, "unchanged", 2),
        (None, 1, false, "unchanged", 2),
        (Some(before), 0, true, "changed", 1),
        (Some(before), 1, true, "changed", 2),
        (Some(before), 2, true, "full", 2),
        (Some(before), 0, false, "no plan", 0),
        (Some(begins), 1, true, "changed", 2),
        (Some(begins), 1, false, "changed", 2),
    ] {
        let salon = Salon::on(2);
        let booking = salon.book(STARTS_AT);
        if let Some(now) = removed_at {
            assert_eq!(remove(&salon, &booking, true, now), Ok(true));
        }
        for _ in 0..others {
            salon.book(STARTS_AT);
        }
        if !has_plan {
            unsubscribe(&salon);
        }
        let outcome = restore(&salon, &booking, NOW);
        assert_eq!(word(&outcome), expected, "{removed_at:?} {others} {has_plan}");
        assert_eq!(salon.counts(DAY), [counted], "{removed_at:?} {others} {has_plan}");
        if let Ok((restored, _)) = outcome {
            // Removed and restored: two changes.
            let version = if removed_at.is_some() { 3 } else { 1 };
            assert_eq!(restored, Booking { version, ..booking });
        }
    }
}

#[test]
fn a_booking_restored_after_it_began_keeps_counting() {
    let salon = Salon::on(1);
    let (booking, late) = (salon.book(STARTS_AT), instant("2026-03-21T18:00:00Z"));
    assert_eq!(remove(&salon, &booking, true, NOW), Ok(true));
    assert_eq!(salon.counts(DAY), [0]);
    assert_eq!(word(&restore(&salon, &booking, late)), "changed");
    assert_eq!(remove(&salon, &booking, true, late), Ok(true));
    assert_eq!(salon.counts(DAY), [1]);
    let nowhere = Booking { id: salon.ids.booking(), ..booking };
    assert_eq!(word(&restore(&salon, &nowhere, late)), "not found");
}
