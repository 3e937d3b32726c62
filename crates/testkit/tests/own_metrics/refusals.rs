//! What a refusal says: the metric, the plans that allow the request, and when there is room.

use domain::error::{AddStaffMemberError, AdmissionError, LimitRefusal};
use domain::{Kind, LimitWindow, Meter, SignedDuration, Window, day_of_window};
use testkit::fixtures::{day, grant, instant, metric_key};

use super::{NOW, Salon, metrics, plans, refusal};

#[test]
fn a_full_month_names_the_next_month_and_larger_plans() {
    let salon = Salon::on("small");
    salon.book_all(&["03-25T12", "03-26T12", "03-27T12"]);
    let refused = refusal(salon.try_to_book("2026-03-28T12:00:00Z", NOW));
    assert_eq!((metrics(&refused), plans(&refused)), (vec!["bookings_per_month"], vec!["medium", "large", "custom"]));
    assert_eq!((refused.exceeded.usage.used, refused.exceeded.requested), (3, 1));
    assert_eq!((&refused.meter, refused.is_extended), (&Meter::BOOKINGS, true));
    let LimitWindow { window, label, span, .. } = refused.window.clone().expect("it is a counter");
    assert_eq!((window, day_of_window(label)), (Window::Month, day("2026-03-01")));
    assert_eq!(span.end, instant("2026-03-31T18:15:00Z"));
    // No day of the month has room, and the metric is not by day.
    assert_eq!((refused.next_allowed_at, refused.next_allowed_day), (Some(span.end), None));
    assert!(salon.try_to_book("2026-03-31T18:15:00Z", NOW).is_ok());
}

#[test]
fn the_next_month_with_room_skips_full_ones() {
    let salon = Salon::on("small");
    for month in ["03", "04", "05"] {
        let hours = ["25", "26", "27"].map(|day| format!("{month}-{day}T12"));
        salon.book_all(&hours.each_ref().map(String::as_str));
    }
    let refused = refusal(salon.try_to_book("2026-03-28T12:00:00Z", NOW));
    assert_eq!(refused.next_allowed_at, Some(instant("2026-05-31T18:15:00Z")));
}

#[test]
fn a_full_day_in_a_full_month_names_both() {
    let salon = Salon::on("small");
    salon.book_all(&["03-25T12", "03-25T13", "03-26T12"]);
    let refused = refusal(salon.try_to_book("2026-03-25T14:00:00Z", NOW));
    // The month has room last, so it is described; a plan has to permit both.
    assert_eq!(metrics(&refused), ["bookings_per_month", "bookings_per_day"]);
    assert_eq!(plans(&refused), ["large", "custom"]);
    assert_eq!(refused.next_allowed_at, Some(instant("2026-03-31T18:15:00Z")));
    let [of_day]: [LimitRefusal; 1] = refused.others.try_into().expect("there is one other");
    // The 26th has one booking, and room for another.
    assert_eq!(of_day.next_allowed_day, Some(day("2026-03-26")));
    assert_eq!(of_day.next_allowed_at, Some(instant("2026-03-25T18:15:00Z")));
    assert_eq!((of_day.exceeded.usage.used, of_day.others), (2, vec![]));
}

#[test]
fn a_counter_that_never_resets_has_no_later_room() {
    let mut salon = Salon::on("large");
    let ever = metric_key("bookings_ever");
    let plans_with = salon.catalog.iter().cloned().map(|plan| plan.with_limit(ever.clone(), domain::Limit::AtMost(1)));
    let own = salon.catalog.metrics().iter().filter(|metric| !metric.is_builtin()).cloned().collect();
    salon.catalog = domain::PlanCatalog::with_metrics(own, Vec::new(), plans_with.collect()).expect("a catalogue");
    salon.book("2026-03-25T12:00:00Z");
    let refused = refusal(salon.try_to_book("2027-03-25T12:00:00Z", NOW));
    assert_eq!((metrics(&refused), plans(&refused)), (vec!["bookings_ever"], vec![]));
    assert_eq!((refused.window, refused.next_allowed_at, refused.next_allowed_day), (None, None, None));
    assert_eq!(salon.catalog.metric("bookings_ever").expect("it is there").kind, Kind::Counter(Window::Lifetime));
}

#[test]
fn grants_are_added_to_the_limit_of_every_plan() {
    let salon = Salon::on("small");
    let given = grant(salon.ids.grant(), metric_key("bookings_per_month"), 1);
    salon.write(move |tx, _, account| tx.insert_grant(account, &given)).expect("the account exists");
    salon.book_all(&["03-25T12", "03-26T12", "03-27T12", "03-28T12"]);
    let refused = refusal(salon.try_to_book("2026-03-29T12:00:00Z", NOW));
    assert_eq!((refused.exceeded.usage.limit, refused.exceeded.granted), (domain::Limit::AtMost(4), 1));
    assert_eq!(plans(&refused), ["medium", "large", "custom"]);
}

#[test]
fn held_staff_counts_until_the_holds_expire() {
    let salon = Salon::on("small");
    let [first, second] = [10, 5].map(|minutes| {
        salon.hold("staff", 1, "2026-03-20T12:00:00Z", NOW + SignedDuration::from_mins(minutes)).expires_at
    });
    let refused = |now| match salon.employ(now) {
        Err(AddStaffMemberError::Admission(AdmissionError::LimitExceeded(refusal))) => *refusal,
        other => panic!("expected a refusal, got {other:?}"),
    };
    let microsecond = SignedDuration::from_micros(1);
    for now in [NOW, second - microsecond] {
        let refused = refused(now);
        assert_eq!((refused.exceeded.usage.used, refused.next_allowed_at), (2, Some(second)), "{now}");
        assert_eq!(plans(&refused), ["large", "custom"]);
        assert_eq!((&refused.meter, refused.window, refused.next_allowed_day), (&Meter::STAFF, None, None));
    }
    assert!(salon.employ(second).is_ok());
    assert_eq!(refused(second).next_allowed_at, Some(first));
    assert!(salon.employ(first).is_ok());
    assert_eq!(refused(first).next_allowed_at, None);
}

#[test]
fn held_bookings_count_in_their_day_and_month() {
    let salon = Salon::on("small");
    let end = NOW + SignedDuration::from_mins(15);
    salon.hold("bookings", 2, "2026-03-25T12:00:00Z", end);
    let of_day = refusal(salon.try_to_book("2026-03-25T13:00:00Z", NOW));
    // The hold expires today, before the next day begins.
    assert_eq!((metrics(&of_day), of_day.next_allowed_at), (vec!["bookings_per_day"], Some(end)));
    assert_eq!(of_day.next_allowed_day, Some(day("2026-03-26")));
    salon.book("2026-03-26T12:00:00Z");
    let of_month = refusal(salon.try_to_book("2026-03-27T12:00:00Z", NOW));
    assert_eq!((metrics(&of_month), of_month.next_allowed_at), (vec!["bookings_per_month"], Some(end)));
    assert_eq!(salon.counted("2026-03-25"), [0, 1, 1]);
    assert!(salon.try_to_book("2026-03-25T13:00:00Z", end).is_ok());
}
