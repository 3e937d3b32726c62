//! Usage above the limits of a new plan.

use domain::error::{Excess, SubscribeError};
use domain::{Limit, Metric, NewOverride, Notes, OverLimit, PlanChange, PlanChoice, Timestamp, use_cases};
use testkit::counts::count_staff;
use testkit::fixtures::{NOW, choice, day, instant};

use super::plans::{later, subscribe};
use super::{MICROSECOND, Salon};

const PERIOD_END: &str = "2026-04-20T00:00:00Z";

fn unless_over(choice: PlanChoice) -> PlanChoice {
    PlanChoice { over_limit: OverLimit::Reject, ..choice }
}

/// More bookings on a day than the plan permits.
fn bookings(on: &str, used: u64, new_limit: u64) -> Excess {
    Excess { metric: Metric::BOOKINGS_PER_DAY, day: Some(day(on)), window: None, used, new_limit }
}

/// Creates this many bookings on each day.
fn fill(salon: &Salon, days: &[(&str, u64)]) {
    for (day, many) in days {
        for _ in 0..*many {
            salon.book(&format!("{day}T12:00:00Z"));
        }
    }
}

fn give(salon: &Salon, metric: &Metric, limit: Limit, expires_at: Option<Timestamp>) {
    let new = NewOverride { limit, reason: Notes::parse("They asked nicely").expect("they are notes"), expires_at };
    let (metric, by) = (metric.clone(), salon.ids.user());
    salon
        .write(move |tx, _, account| use_cases::put_override(tx, account, &metric, &new, by, NOW))
        .expect("there is the account");
}

#[test]
fn a_smaller_plan_is_refused_with_all_excesses() {
    let salon = Salon::on(3);
    let _staff = [(); 2].map(|()| salon.employ());
    fill(&salon, &[("2026-03-19", 3), ("2026-03-20", 2), ("2026-03-21", 1), ("2026-03-23", 3)]);
    // Past days do not matter: the 19th is yesterday.
    let exceeded = vec![
        Excess { metric: Metric::STAFF, day: None, window: None, used: 2, new_limit: 1 },
        bookings("2026-03-20", 2, 1),
        bookings("2026-03-23", 3, 1),
    ];
    let refused = subscribe(&salon, unless_over(choice("at-most-1")), NOW);
    assert_eq!(refused, Err(SubscribeError::OverLimit(exceeded.clone())));
    let choice_kept = choice("at-most-1");
    let preview = salon
        .write(move |tx, catalog, account| use_cases::preview_plan_change(tx, catalog, account, &choice_kept, NOW))
        .expect("there is the plan");
    assert_eq!(preview.exceeded, exceeded);
    assert_eq!(salon.history(NOW).len(), 1, "neither changed anything");
    assert!(matches!(subscribe(&salon, choice("at-most-1"), NOW), Ok(PlanChange::Changed(_))));
    assert_eq!(salon.counts(["2026-03-20", "2026-03-23"]), [2, 3]);
    assert_eq!(salon.write(|tx, _, account| count_staff(tx, account)), Ok(2));
}

#[test]
fn a_plan_that_fits_is_not_refused() {
    let salon = Salon::on(3);
    salon.employ();
    fill(&salon, &[("2026-03-19", 3), ("2026-03-20", 1), ("2026-03-21", 1)]);
    assert!(matches!(subscribe(&salon, unless_over(choice("at-most-1")), NOW), Ok(PlanChange::Changed(_))));
}

#[test]
fn excesses_are_found_up_to_366_days_ahead() {
    // For each change: the last day before the range, its first and last day, and the first day
    // after it.
    for (choice, [before, first, last, after]) in [
        (choice("at-most-1"), ["2026-03-19", "2026-03-20", "2027-03-21", "2027-03-22"]),
        (later("at-most-1"), ["2026-04-19", "2026-04-20", "2027-04-21", "2027-04-22"]),
    ] {
        let salon = Salon::on(3);
        fill(&salon, &[(before, 2), (first, 2), (last, 3), (after, 2)]);
        let exceeded = vec![bookings(first, 2, 1), bookings(last, 3, 1)];
        let refused = subscribe(&salon, unless_over(choice), NOW);
        assert_eq!(refused, Err(SubscribeError::OverLimit(exceeded)), "from {first} on");
    }
}

#[test]
fn an_override_in_force_at_the_change_replaces_the_new_limit() {
    let end = instant(PERIOD_END);
    let day = "2026-04-20";
    for (limit, expires_at, at_once, at_the_end) in [
        (Limit::AtMost(3), None, None, None),
        (Limit::Unlimited, None, None, None),
        (Limit::AtMost(2), None, Some(2), Some(2)),
        (Limit::AtMost(0), None, Some(0), Some(0)),
        (Limit::AtMost(3), Some(NOW), Some(1), Some(1)),
        (Limit::AtMost(3), Some(NOW + MICROSECOND), None, Some(1)),
        (Limit::AtMost(3), Some(end), None, Some(1)),
        (Limit::AtMost(3), Some(end + MICROSECOND), None, None),
    ] {
        for (choice, expected) in [(choice("at-most-1"), at_once), (later("at-most-1"), at_the_end)] {
            let salon = Salon::on(3);
            fill(&salon, &[(day, 3)]);
            give(&salon, &Metric::BOOKINGS_PER_DAY, limit, expires_at);
            let outcome = subscribe(&salon, unless_over(choice), NOW).map(drop);
            let expected = expected.map(|new_limit| SubscribeError::OverLimit(vec![bookings(day, 3, new_limit)]));
            assert_eq!(outcome.err(), expected, "{limit} until {expires_at:?}");
        }
    }
}

#[test]
fn an_override_can_be_exceeded_on_a_larger_plan() {
    let salon = Salon::on(2);
    salon.employ();
    give(&salon, &Metric::STAFF, Limit::AtMost(0), None);
    let exceeded = vec![Excess { metric: Metric::STAFF, day: None, window: None, used: 1, new_limit: 0 }];
    let refused = subscribe(&salon, unless_over(choice("at-most-3")), NOW);
    assert_eq!(refused, Err(SubscribeError::OverLimit(exceeded)));
}
