//! Holds and allocations at their maxima, and in windows.

use std::collections::BTreeSet;

use domain::error::{AdmissionError, AllocationError, HoldError};
use domain::use_cases;
use domain::{
    ALLOCATIONS_MAX, AllocationKey, HOLDS_KEPT_FOR, HOLDS_MAX, Hold, HoldConfirmation, HoldStatus, Limit, Meter,
    MetricDef, NewBooking, NewHold, PlanCatalog, SignedDuration, Timestamp,
};
use testkit::fixtures::{self, NOW, attribution, choice, instant, metered_catalog};

use super::{MICROSECOND, Salon};

/// How long a hold counts.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// An account in UTC, subscribed at [`NOW`] to a plan with this limit for every metric.
fn salon(limit: u64) -> Salon {
    let salon = Salon::open();
    let (choice, new) = (choice(&format!("at-most-{limit}")), salon.ids.new_change(NOW));
    salon
        .write(move |tx, _, id| use_cases::subscribe(tx, &metered_catalog(limit), id, &choice, false, &new))
        .expect("there is the plan");
    salon
}

fn hold(salon: &Salon, limit: u64, meter: &str, at: Option<&str>, now: Timestamp) -> Result<Hold, HoldError> {
    let (meter, at) = (meter.parse().expect("it is a key"), at.map(instant));
    let (new, id) = (NewHold { meter, quantity: 1, expires_in: MINUTE, reference: None, at }, salon.ids.hold());
    salon.write(move |tx, _, account| {
        use_cases::create_hold(tx, &metered_catalog(limit), account, &new, id, &attribution(), now)
    })
}

fn keys(range: std::ops::Range<usize>) -> BTreeSet<AllocationKey> {
    range.map(|key| AllocationKey::parse(&key.to_string()).expect("it is visible ASCII")).collect()
}

#[test]
fn an_account_has_a_maximum_of_live_holds() {
    let salon = salon(9000);
    let ids: Vec<_> = (0..HOLDS_MAX).map(|_| salon.ids.hold()).collect();
    salon
        .write(move |tx, _, account| {
            let held = |id| Hold { expires_at: NOW + MINUTE, ..fixtures::hold_of(account, id, Meter::BOOKINGS) };
            ids.iter().try_for_each(|id| tx.insert_hold(&held(*id)))
        })
        .expect("they are new");
    for meter in ["projects", "sms"] {
        assert_eq!(hold(&salon, 9000, meter, None, NOW + MINUTE - MICROSECOND), Err(HoldError::TooMany));
    }
    assert!(hold(&salon, 9000, "sms", None, NOW + MINUTE).is_ok());
}

#[test]
fn a_replacement_removes_a_maximum_of_allocations() {
    let salon = salon(9000);
    let replace = |wanted: BTreeSet<AllocationKey>| {
        salon.write(move |tx, _, account| {
            let (catalog, meter) = (metered_catalog(9000), "projects".parse().expect("it is a key"));
            let replaced = use_cases::replace_allocations(tx, &catalog, account, &meter, &wanted, &attribution(), NOW)?;
            Ok::<_, AllocationError>((replaced.added.len(), replaced.removed.len(), replaced.unchanged.len()))
        })
    };
    assert_eq!(replace(keys(0..ALLOCATIONS_MAX)), Ok((ALLOCATIONS_MAX, 0, 0)));
    let (meter, key) = ("projects".parse().expect("it is a key"), AllocationKey::parse("more").expect("it is visible"));
    let put = salon.write(move |tx, _, account| {
        use_cases::put_allocation(tx, &metered_catalog(9000), account, (&meter, &key), 7, &attribution(), NOW)
    });
    assert!(put.is_ok(), "{put:?}");
    assert_eq!(replace(BTreeSet::new()), Err(AllocationError::TooManyRemoved));
    assert_eq!(replace(keys(0..1)), Ok((0, ALLOCATIONS_MAX, 1)));
}

#[test]
fn a_hold_counts_in_every_window_of_its_instant() {
    let salon = salon(1);
    let [day, same_month, next_month] = ["2026-05-10T12:00:00Z", "2026-05-20T12:00:00Z", "2026-06-01T00:00:00Z"];
    let first = hold(&salon, 1, "sms", Some(day), NOW).expect("there is room");
    let Err(HoldError::Admission(AdmissionError::LimitExceeded(refusal))) =
        hold(&salon, 1, "sms", Some(same_month), NOW)
    else {
        panic!("the month is full");
    };
    assert_eq!(refusal.exceeded.metric.as_str(), "sms_per_month");
    assert!(hold(&salon, 1, "sms", Some(next_month), NOW).is_ok());
    // The hold becomes usage in its own windows, not in those of the confirmation.
    let confirmed = salon.write(move |tx, _, account| {
        let confirmation = HoldConfirmation::default();
        use_cases::confirm_hold(tx, &metered_catalog(1), account, first.id, &confirmation, &attribution(), NOW)
    });
    let usage = confirmed.expect("it is held").usage_id.expect("there are records");
    let record = salon.write(move |tx, _, account| tx.find_usage_record(account, usage)).expect("the store works");
    assert_eq!(record.map(|record| (record.occurrence, record.quantity)), Some((first.occurrence, 1)));
}

#[test]
fn a_hold_of_a_meter_that_is_gone_can_only_be_released() {
    let salon = salon(5);
    let held = hold(&salon, 5, "projects", None, NOW).expect("there is room");
    let plans = metered_catalog(5).iter().map(|plan| plan.key.clone()).collect::<Vec<_>>();
    let confirmed = salon.write(move |tx, _, account| {
        let catalog = PlanCatalog::new(plans.iter().map(|key| domain::Plan::new(key.clone(), "Test")).collect());
        let catalog = catalog.expect("the keys differ");
        let confirmation = HoldConfirmation::default();
        use_cases::confirm_hold(tx, &catalog, account, held.id, &confirmation, &attribution(), NOW).map(drop)
    });
    assert_eq!(confirmed, Err(HoldError::UnknownMeter("projects".parse().expect("it is a key"))));
    let released = salon.write(move |tx, _, account| use_cases::release_hold(tx, account, held.id, NOW));
    assert_eq!(released.map(|(hold, has_changed)| (hold.status(NOW), has_changed)), Ok((HoldStatus::Released, true)));
}

#[test]
fn a_booking_uses_the_place_that_is_held_on_its_day() {
    let salon = salon(1);
    let at = "2026-05-10T12:00:00Z";
    let held = hold(&salon, 1, "bookings", Some(at), NOW).expect("there is room").id;
    let book = |hold_id, now| {
        let (new, id) =
            (NewBooking { starts_at: Some(instant(at)), hold_id, ..NewBooking::default() }, salon.ids.booking());
        let booked = salon.write(move |tx, _, account| {
            use_cases::create_booking(tx, &metered_catalog(1), account, &new, id, &attribution(), now)
        });
        super::word(&booked.map(|booking| (booking, true)))
    };
    assert_eq!([book(None, NOW), book(Some(held), NOW + MINUTE)], ["full", "unknown hold"]);
    assert_eq!([book(Some(held), NOW), book(Some(held), NOW)], ["changed", "unknown hold"]);
    assert_eq!([book(None, NOW), salon.counts(["2026-05-10"])[0].to_string().as_str()], ["full", "1"]);
}

#[test]
fn expired_holds_are_kept_for_30_days() {
    let salon = salon(5);
    let held = hold(&salon, 5, "projects", None, NOW).expect("there is room");
    let remove =
        |now| salon.write(move |tx, _, _| use_cases::remove_expired_holds(tx, now, 9)).expect("the store works");
    let end = held.expires_at + HOLDS_KEPT_FOR;
    assert_eq!([remove(end - MICROSECOND), remove(end), remove(end)], [0, 1, 0]);
}

#[test]
fn a_staff_gauge_of_two_metrics_is_held_in_both() {
    let seats = MetricDef { key: "seats".parse().expect("it is a key"), ..MetricDef::builtin()[0].clone() };
    let plan = domain::Plan::new("two".parse().expect("it is a key"), "Two")
        .with_limit(seats.key.clone(), Limit::AtMost(1))
        .with_limit(domain::Metric::STAFF, Limit::Unlimited);
    let catalog = PlanCatalog::with_metrics(vec![seats], Vec::new(), vec![plan]).expect("the metrics fit");
    let salon = Salon::open();
    let (of_change, new) = (catalog.clone(), salon.ids.new_change(NOW));
    salon
        .write(move |tx, _, id| use_cases::subscribe(tx, &of_change, id, &choice("two"), false, &new))
        .expect("there is the plan");
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        let (catalog, id) = (catalog.clone(), salon.ids.hold());
        let new = NewHold { meter: Meter::STAFF, quantity: 1, expires_in: MINUTE, reference: None, at: None };
        let held = salon
            .write(move |tx, _, account| use_cases::create_hold(tx, &catalog, account, &new, id, &attribution(), NOW));
        outcomes.push(held.is_ok());
    }
    assert_eq!(outcomes, [true, false]);
}
