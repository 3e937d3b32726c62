//! Entitlements, checks and changes of plan with custom metrics.

use domain::error::{Excess, SubscribeError};
use domain::use_cases::{Answer, Question, When};
use domain::{LimitWindow, OverLimit, PlanChange, PlanChoice, SignedDuration, Timing, Usage, Window, use_cases};
use testkit::fixtures::{NOW, choice, instant, metric_key};

use super::Salon;

fn subscribe(salon: &Salon, choice: PlanChoice, is_operator: bool) -> Result<PlanChange, SubscribeError> {
    let new = salon.ids.new_change(NOW);
    salon.write(move |tx, catalog, account| use_cases::subscribe(tx, catalog, account, &choice, is_operator, &new))
}

#[test]
fn entitlements_list_every_metric_with_its_window() {
    let salon = Salon::on("small");
    salon.book("2026-03-25T12:00:00Z");
    salon.book("2026-03-26T12:00:00Z");
    salon.hold("bookings", 1, "2026-03-25T12:00:00Z", NOW + SignedDuration::from_mins(1));
    let on = Some("2026-03-25".parse().expect("a day"));
    let listed = salon
        .write(move |tx, catalog, account| use_cases::list_entitlements(tx, catalog, account, on, NOW))
        .expect("the account exists");
    let all: Vec<_> = listed
        .all
        .iter()
        .map(|it| {
            (it.metric.as_str(), it.usage.used, it.held, it.usage.limit.max(), it.window.as_ref().map(|it| it.window))
        })
        .collect();
    assert_eq!(
        all,
        [
            ("staff", 0, 0, Some(2), None),
            ("bookings_per_day", 2, 1, Some(2), Some(Window::Day)),
            ("bookings_per_month", 3, 1, Some(3), Some(Window::Month)),
            ("bookings_ever", 3, 1, Some(100), None),
        ]
    );
    let LimitWindow { span, .. } = listed.all[2].window.clone().expect("it has a window");
    assert_eq!((span.start, span.end), (instant("2026-02-28T18:15:00Z"), instant("2026-03-31T18:15:00Z")));
}

#[test]
fn a_check_asks_one_metric_and_reserves_nothing() {
    let salon = Salon::on("small");
    let check = |metric: &'static str, requested| {
        salon
            .write(move |tx, catalog, account| {
                let metric = catalog.metric(metric).expect("the catalogue has the metric").clone();
                let question = Question::Limit { metrics: vec![metric], requested, when: When::Now };
                use_cases::check(tx, catalog, account, &[question], NOW)
            })
            .expect("the account exists")
    };
    for (metric, requested, fits) in [
        ("bookings_per_month", 3, true),
        ("bookings_per_month", 4, false),
        ("bookings_per_day", 3, false),
        ("bookings_ever", 100, true),
        ("bookings_ever", 101, false),
        ("staff", 2, true),
    ] {
        let answers = check(metric, requested);
        let [Answer::Limit(check)] = &answers[..] else { panic!("one answer, about a limit: {answers:?}") };
        assert_eq!((check.refusal.is_none(), check.entitlement.usage.used), (fits, 0), "{requested} of {metric}");
    }
}

#[test]
fn a_smaller_plan_is_refused_for_a_month_above_its_limit() {
    let salon = Salon::on("medium");
    for at in ["03-25", "03-26", "03-27", "03-28", "05-01", "05-02", "05-03", "05-04"] {
        salon.book(&format!("2026-{at}T12:00:00Z"));
    }
    let exceeded = match subscribe(&salon, PlanChoice { over_limit: OverLimit::Reject, ..choice("small") }, false) {
        Err(SubscribeError::OverLimit(exceeded)) => exceeded,
        other => panic!("expected a refusal, got {other:?}"),
    };
    let months: Vec<_> = exceeded
        .iter()
        .map(|Excess { metric, day, window, used, new_limit }| {
            let window = window.as_ref().expect("it is by month");
            (metric.clone(), *day, window.span.start, *used, *new_limit)
        })
        .collect();
    let month = |begins| (metric_key("bookings_per_month"), None, instant(begins), 4, 3);
    assert_eq!(months, [month("2026-02-28T18:15:00Z"), month("2026-04-30T18:15:00Z")]);
    // Only the later months matter at the end of the billing period.
    let later = PlanChoice { timing: Timing::PeriodEnd, over_limit: OverLimit::Reject, ..choice("small") };
    let Err(SubscribeError::OverLimit(exceeded)) = subscribe(&salon, later, false) else { panic!("it is refused") };
    assert_eq!(exceeded.len(), 1);
    assert!(matches!(subscribe(&salon, choice("small"), false), Ok(PlanChange::Changed(_))));
}

#[test]
fn only_an_operator_chooses_a_plan_that_is_not_self_service() {
    let salon = Salon::on("small");
    for over_limit in [OverLimit::Keep, OverLimit::Reject] {
        let choice = PlanChoice { over_limit, ..choice("custom") };
        assert_eq!(subscribe(&salon, choice, false), Err(SubscribeError::NotSelfService));
    }
    assert!(matches!(subscribe(&salon, choice("custom"), true), Ok(PlanChange::Changed(_))));
    // It is the current plan, so nothing is chosen.
    assert!(matches!(subscribe(&salon, choice("custom"), false), Ok(PlanChange::Unchanged(_))));
    assert!(matches!(subscribe(&salon, choice("small"), false), Ok(PlanChange::Changed(_))));
}

#[test]
fn a_preview_compares_the_limits_of_every_metric() {
    let salon = Salon::on("small");
    let choice = choice("medium");
    let preview = salon
        .write(move |tx, catalog, account| use_cases::preview_plan_change(tx, catalog, account, &choice, NOW))
        .expect("the plan is known");
    let limits: Vec<_> =
        preview.limits.iter().map(|(metric, from, to)| (metric.as_str(), from.max(), to.max())).collect();
    assert_eq!(
        limits,
        [
            ("staff", Some(2), Some(2)),
            ("bookings_per_day", Some(2), Some(2)),
            ("bookings_per_month", Some(3), Some(5)),
            ("bookings_ever", Some(100), Some(100)),
        ]
    );
    assert_eq!(preview.exceeded, []);
    assert!(Usage { used: 0, limit: preview.limits[0].1 }.admits(2));
}
