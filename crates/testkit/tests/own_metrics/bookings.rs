//! The counters of a booking's metrics, from its creation to its removal.

use domain::{PlanCatalog, SignedDuration, UNBOUNDED, Window};
use testkit::fixtures::{counter, day, instant, metric_key};

use super::{Salon, metrics, refusal};

#[test]
fn a_booking_counts_in_its_day_month_and_lifetime() {
    let salon = Salon::on("small");
    // The last microsecond of March in Kathmandu, and the first of April.
    salon.book("2026-03-31T18:14:59.999999Z");
    assert_eq!(salon.counted("2026-03-31"), [1, 1, 1]);
    salon.book("2026-03-31T18:15:00Z");
    assert_eq!(salon.counted("2026-03-31"), [1, 1, 2]);
    assert_eq!(salon.counted("2026-04-01"), [1, 1, 2]);
    salon.book("2026-03-25T12:00:00Z");
    assert_eq!((salon.counted("2026-03-31"), salon.counted("2026-03-25")), ([1, 2, 3], [1, 2, 3]));
}

#[test]
fn a_refused_booking_counts_nowhere() {
    let salon = Salon::on("small");
    salon.book_all(&["03-25T12", "03-26T12", "03-27T12"]);
    assert_eq!(metrics(&refusal(salon.try_to_book("2026-03-28T12:00:00Z", super::NOW))), ["bookings_per_month"]);
    assert_eq!(salon.counted("2026-03-28"), [0, 3, 3]);
    // A day that is full refuses alone.
    salon.book_all(&["04-02T12", "04-02T13"]);
    assert_eq!(metrics(&refusal(salon.try_to_book("2026-04-02T14:00:00Z", super::NOW))), ["bookings_per_day"]);
    assert_eq!(salon.counted("2026-04-02"), [2, 2, 5]);
}

#[test]
fn a_booking_moves_within_its_full_month_and_to_another() {
    let salon = Salon::on("small");
    let [booking, ..] = ["25", "26", "27"].map(|day| salon.book(&format!("2026-03-{day}T12:00:00Z")));
    // In its own month it does not count against itself.
    for (starts_at, day, expected) in [
        ("2026-03-25T13:00:00Z", "2026-03-25", [1, 3, 3]),
        ("2026-03-28T12:00:00Z", "2026-03-28", [1, 3, 3]),
        ("2026-04-02T12:00:00Z", "2026-04-02", [1, 1, 3]),
        ("2026-03-30T12:00:00Z", "2026-03-30", [1, 3, 3]),
    ] {
        let (moved, is_changed) = salon.move_to(&booking, starts_at).expect("there is room");
        assert_eq!((moved.day.to_string().as_str(), is_changed), (day, true));
        assert_eq!(salon.counted(day), expected, "{starts_at}");
    }
    assert_eq!(salon.counted("2026-03-25"), [0, 3, 3]);
    assert_eq!(salon.counted("2026-04-02"), [0, 0, 3]);
}

#[test]
fn a_booking_does_not_move_to_a_full_month() {
    let salon = Salon::on("small");
    salon.book_all(&["03-25T12", "03-26T12", "03-27T12"]);
    let booking = salon.book("2026-04-02T12:00:00Z");
    let refused = refusal(salon.move_to(&booking, "2026-03-28T12:00:00Z"));
    assert_eq!((metrics(&refused), refused.exceeded.usage.used), (vec!["bookings_per_month"], 3));
    assert_eq!((salon.counted("2026-04-02"), salon.counted("2026-03-28")), ([1, 1, 4], [0, 3, 4]));
}

#[test]
fn a_booking_removed_before_it_begins_is_refunded() {
    let salon = Salon::on("small");
    let bookings = ["25", "26", "27"].map(|day| salon.book(&format!("2026-03-{day}T12:00:00Z")));
    salon.remove(&bookings[0], instant("2026-03-25T11:59:59.999999Z"));
    assert_eq!(salon.counted("2026-03-25"), [0, 2, 2]);
    // It has begun, so it keeps counting.
    salon.remove(&bookings[1], instant("2026-03-26T12:00:00Z"));
    assert_eq!(salon.counted("2026-03-26"), [1, 2, 2]);
    let (_, is_restored) = salon.restore(&bookings[1]).expect("it counts already");
    assert_eq!((is_restored, salon.counted("2026-03-26")), (true, [1, 2, 2]));
}

#[test]
fn a_restored_booking_is_charged_again_if_it_fits() {
    let salon = Salon::on("small");
    let [first, second] = ["25", "26"].map(|day| salon.book(&format!("2026-03-{day}T12:00:00Z")));
    let before = first.starts_at - SignedDuration::from_hours(1);
    salon.remove(&first, before);
    salon.remove(&second, before);
    assert!(matches!(salon.restore(&first), Ok((_, true))));
    assert_eq!(salon.counted("2026-03-25"), [1, 1, 1]);
    salon.book_all(&["03-27T12", "03-28T12"]);
    assert_eq!(metrics(&refusal(salon.restore(&second))), ["bookings_per_month"]);
    assert_eq!(salon.counted("2026-03-26"), [0, 3, 3]);
    // It is removed again, and makes room.
    salon.remove(&first, before);
    assert!(matches!(salon.restore(&second), Ok((_, true))));
    assert_eq!(salon.counted("2026-03-26"), [1, 3, 3]);
}

#[test]
fn a_booking_counts_in_the_billing_period_of_its_creation() {
    let salon = Salon::on("small");
    // Subscribed on 20 March, in UTC and in Kathmandu.
    let [first, second] = ["2026-04-19T12:00:00Z", "2026-04-20T12:00:00Z"].map(|at| salon.book(at));
    assert_eq!([first.period, second.period], [Some(day("2026-03-20")), Some(day("2026-04-20"))]);
    let (moved, _) = salon.move_to(&first, "2026-04-21T12:00:00Z").expect("there is room");
    assert_eq!(moved.period, Some(day("2026-04-20")));
}

#[test]
fn a_metric_of_another_catalogue_is_refunded_and_not_charged() {
    let mut salon = Salon::on("small");
    let old = salon.book("2026-03-25T12:00:00Z");
    let plans: Vec<_> = salon.catalog.iter().cloned().collect();
    let without_own = plans.into_iter().map(|mut plan| {
        plan.limits.retain(|metric, _| ["staff", "bookings_per_day"].contains(&metric.as_str()));
        plan.with_limit(metric_key("bookings_per_week"), domain::Limit::AtMost(7))
    });
    let metrics = vec![counter("bookings_per_week", "bookings", Window::Week)];
    salon.catalog = PlanCatalog::with_metrics(metrics, Vec::new(), without_own.collect()).expect("a catalogue");
    let per_week = |salon: &Salon, monday: &str| {
        let (metric, window) = (metric_key("bookings_per_week"), domain::window_of_day(day(monday)));
        salon.write(move |tx, _, account| tx.used(account, &metric, window)).expect("it can be read")
    };
    salon.book("2026-03-26T12:00:00Z");
    assert_eq!((salon.counted("2026-03-26"), per_week(&salon, "2026-03-23")), ([1, 1, 1], 1));
    // It is charged to the new metric when it moves, and to the old ones no longer.
    salon.move_to(&old, "2026-03-27T12:00:00Z").expect("there is room");
    assert_eq!((salon.counted("2026-03-27"), per_week(&salon, "2026-03-23")), ([1, 0, 0], 2));
    salon.remove(&old, super::NOW);
    assert_eq!((salon.counted("2026-03-27"), per_week(&salon, "2026-03-23")), ([0, 0, 0], 1));
    let ever = salon.write(|tx, _, account| tx.used(account, &metric_key("bookings_ever"), UNBOUNDED));
    assert_eq!(ever, Ok(0));
}
