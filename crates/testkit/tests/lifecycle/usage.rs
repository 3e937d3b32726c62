//! Usage of a meter, its removal and its history.

use domain::error::{AdmissionError, FindError, UsageError, UsageHistoryError};
use domain::use_cases::{self, HistoryBound, HistoryRange, UsageInWindow};
use domain::{Limit, NewUsageRecord, PlanCatalog, Timestamp, Usage, UsageRecordId, Window};
use testkit::fixtures::{NOW, attribution, catalog_of_counters, choice, day, instant};

use super::Salon;

/// Messages, limited by day and by period.
fn catalog() -> PlanCatalog {
    catalog_of_counters(&[("per_day", "sms", Window::Day, 5), ("per_period", "sms", Window::Period, 7)])
}

/// The same without the limit by period.
fn smaller_catalog() -> PlanCatalog {
    catalog_of_counters(&[("per_day", "sms", Window::Day, 5)])
}

/// An account in UTC, subscribed at [`NOW`] to the plan of [`catalog`].
fn salon() -> Salon {
    let salon = Salon::open();
    let new = salon.ids.new_change(NOW);
    salon
        .write(move |tx, _, id| use_cases::subscribe(tx, &catalog(), id, &choice("own"), false, &new))
        .expect("there is the plan");
    salon
}

fn messages(quantity: u64, at: &str) -> NewUsageRecord {
    NewUsageRecord { meter: "sms".parse().expect("it is a key"), quantity, at: Some(instant(at)) }
}

fn record(salon: &Salon, catalog: PlanCatalog, new: NewUsageRecord) -> Result<UsageRecordId, UsageError> {
    let new = [(salon.ids.usage_record(), new)];
    let recorded =
        salon.write(move |tx, _, id| use_cases::record_usage(tx, &catalog, id, &new, &attribution(), NOW))?;
    Ok(recorded[0].usage.id)
}

fn remove(salon: &Salon, id: UsageRecordId) -> Result<bool, FindError> {
    salon.write(move |tx, _, account| use_cases::remove_usage_record(tx, account, id, NOW))
}

/// The history of all counters.
fn history(
    salon: &Salon,
    from: HistoryBound,
    to: HistoryBound,
    now: Timestamp,
) -> Result<Vec<UsageInWindow>, UsageHistoryError> {
    salon.write(move |tx, _, id| {
        let catalog = catalog();
        let metrics = &catalog.metrics()[2..];
        use_cases::usage_history(tx, &catalog, id, metrics, &HistoryRange { from, to }, now)
    })
}

/// What is used in the windows of a day: of the day, and of the period.
fn used(salon: &Salon, on: &str) -> Vec<u64> {
    let on = HistoryBound::Day(day(on));
    history(salon, on, on, NOW).expect("there is the account").iter().map(|it| it.usage.used).collect()
}

#[test]
fn usage_counts_in_the_windows_of_its_instant() {
    let salon = salon();
    for (quantity, at) in [(4, "2026-03-20T23:59:59Z"), (2, "2026-03-21T00:00:00Z"), (5, "2026-04-20T00:00:00Z")] {
        assert!(record(&salon, catalog(), messages(quantity, at)).is_ok(), "{at}");
    }
    let days = ["2026-03-20", "2026-03-21", "2026-03-22", "2026-04-20"];
    assert_eq!(days.map(|day| used(&salon, day)), [vec![4, 6], vec![2, 6], vec![0, 6], vec![5, 5]]);
    let Err(UsageError::Admission(AdmissionError::LimitExceeded(refusal))) =
        record(&salon, catalog(), messages(2, "2026-03-22T12:00:00Z"))
    else {
        panic!("the period has room for one");
    };
    assert_eq!((refusal.exceeded.metric.as_str(), refusal.exceeded.usage.used), ("per_period", 6));
    assert_eq!(salon.counts([]), [0; 0]);
}

#[test]
fn removal_gives_back_metrics_that_the_catalogue_no_longer_has() {
    let salon = salon();
    let id = record(&salon, catalog(), messages(5, "2026-03-20T12:00:00Z")).expect("there is room");
    // Only the charge by day.
    let later = record(&salon, smaller_catalog(), messages(4, "2026-03-21T12:00:00Z")).expect("there is room");
    assert_eq!([used(&salon, "2026-03-20"), used(&salon, "2026-03-21")], [[5, 5], [4, 5]]);
    assert_eq!([remove(&salon, id), remove(&salon, id), remove(&salon, later)], [Ok(true), Ok(false), Ok(true)]);
    assert_eq!([used(&salon, "2026-03-20"), used(&salon, "2026-03-21")], [[0, 0], [0, 0]]);
    assert_eq!(remove(&salon, salon.ids.usage_record()), Err(FindError::NotFound));
    assert_eq!(salon.counts([]), [0; 0]);
}

#[test]
fn usage_needs_a_plan_and_a_meter_of_the_catalogue() {
    let (salon, bare) = (salon(), Salon::open());
    let new = messages(1, "2026-03-20T12:00:00Z");
    let refused = record(&bare, catalog(), new.clone());
    assert!(matches!(refused, Err(UsageError::Admission(AdmissionError::SubscriptionRequired(_)))), "{refused:?}");
    let without_meter = catalog_of_counters(&[]);
    assert_eq!(record(&salon, without_meter, new.clone()), Err(UsageError::NotFound));
    salon.write(|tx, _, id| use_cases::remove_account(tx, id, |_| true, NOW)).expect("there is the account");
    assert_eq!(record(&salon, catalog(), new), Err(UsageError::NotFound));
    let on = HistoryBound::Day(day("2026-03-20"));
    assert_eq!(history(&salon, on, on, NOW), Err(UsageHistoryError::NotFound));
}

#[test]
fn a_history_is_bounded_and_does_not_run_backwards() {
    let salon = salon();
    let bound = |text: &str| HistoryBound::Day(day(text));
    for (from, to, windows) in [
        // Days, and periods of a month. The ones before the subscription are one period.
        ("2026-03-20", "2026-04-19", Some(31 + 1)),
        ("2026-03-20", "2026-04-20", Some(32 + 2)),
        ("2026-03-20", "2027-03-08", Some(354 + 12)),
        ("2026-03-20", "2027-03-09", None),
        ("1970-01-01", "2199-12-31", None),
    ] {
        let found = history(&salon, bound(from), bound(to), NOW);
        assert_eq!(found.as_ref().ok().map(Vec::len), windows, "{from} {to}");
        assert!(windows.is_some() || found == Err(UsageHistoryError::TooManyWindows), "{from} {to}");
    }
    let backwards = history(&salon, bound("2026-03-21"), bound("2026-03-20"), NOW);
    assert_eq!(backwards, Err(UsageHistoryError::EndsBeforeStart));
    let [instant, next] = ["2026-03-20T23:59:59Z", "2026-03-21T00:00:00Z"].map(|at| HistoryBound::At(instant(at)));
    assert_eq!(history(&salon, instant, instant, NOW).map(|all| all.len()), Ok(2));
    assert_eq!(history(&salon, instant, next, NOW).map(|all| all.len()), Ok(3));
    assert_eq!(history(&salon, next, instant, NOW), Err(UsageHistoryError::EndsBeforeStart));
}

#[test]
fn a_history_has_the_present_limits() {
    let salon = salon();
    let on = HistoryBound::Day(day("2026-03-20"));
    let limits = |now| {
        let history = history(&salon, on, on, now).expect("there is the account");
        history.iter().map(|it| it.usage.limit).collect::<Vec<_>>()
    };
    assert_eq!(limits(NOW), [Limit::AtMost(5), Limit::AtMost(7)]);
    let bare = Salon::open();
    let of_day = history(&bare, on, on, NOW).expect("there is the account");
    let usages: Vec<_> = of_day.iter().map(|it| (it.metric.as_str(), it.usage)).collect();
    assert_eq!(usages, [("per_day", Usage { used: 0, limit: Limit::AtMost(0) })], "without a plan there is no period");
}
