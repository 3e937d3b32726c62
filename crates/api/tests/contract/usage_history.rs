//! The history of usage: one item for each window of a range.

use domain::{Kind, Limit, Window};
use serde_json::{Value, json};

use crate::house::{start, start_at};
use crate::in_process::Service;
use crate::own_metrics::{catalog_with, metric};

const NOW: &str = "2026-03-28T12:00:30Z";

/// The service at [`NOW`] with counters over every window, and an account on `pro` in Berlin.
async fn start_in_berlin() -> (Service, String) {
    let service = start_at(NOW.parse().expect("an instant")).await;
    let of = |window: Window| metric(&format!("sms_per_{window}"), "sms", Kind::Counter(window), true);
    let limited = |window| (of(window), Limit::AtMost(9));
    let projects = (metric("projects", "projects", Kind::Gauge, true), Limit::AtMost(9));
    let mut metrics = vec![projects, (of(Window::Lifetime), Limit::Unlimited)];
    metrics.extend([Window::Minute, Window::Hour, Window::Day, Window::Month, Window::Period].map(limited));
    service.state.catalog.set(catalog_with(metrics));
    let new = service.post("/accounts", json!({"name": "My Salon", "time_zone": "Europe/Berlin"})).await.expect(201);
    let account = format!("/accounts/{}", new["id"].as_str().expect("an id is a string"));
    service.post(&format!("{account}/subscribe"), json!({"plan": "pro"})).await.expect(201);
    (service, account)
}

async fn history(service: &Service, account: &str, query: &str) -> Vec<Value> {
    let history = service.get(&format!("{account}/usage/history?{query}")).await.expect(200);
    assert_eq!(history["next_cursor"], Value::Null);
    history["data"].as_array().expect("a list").clone()
}

/// Start, end and usage of each window.
fn shown(history: &[Value]) -> Vec<Value> {
    history.iter().map(|it| json!([it["window"]["start"], it["window"]["end"], it["used"]])).collect()
}

#[actix_web::test]
async fn a_history_has_every_window_oldest_first() {
    let (service, account) = start_in_berlin().await;
    for at in ["2026-03-28T23:30:00Z", "2026-03-29T00:30:00Z", "2026-03-29T22:00:00Z"] {
        let usage = json!({"meter": "sms", "quantity": 2, "at": at});
        service.post(&format!("{account}/usage"), usage).await.expect(201);
    }
    for (query, expected) in [
        (
            // The clocks go forward on the 29th.
            "metric=sms_per_day&from=2026-03-28&to=2026-03-30",
            json!([
                ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z", 0],
                ["2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 4],
                ["2026-03-29T22:00:00Z", "2026-03-30T22:00:00Z", 2],
            ]),
        ),
        (
            "metric=sms_per_hour&from=2026-03-28T23:59:59Z&to=2026-03-29T02:00:00%2B01:00",
            json!([
                ["2026-03-28T23:00:00Z", "2026-03-29T00:00:00Z", 2],
                ["2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", 2],
                ["2026-03-29T01:00:00Z", "2026-03-29T02:00:00Z", 0],
            ]),
        ),
        (
            "metric=sms_per_month&from=2026-02-28&to=2026-03-01",
            json!([
                ["2026-01-31T23:00:00Z", "2026-02-28T23:00:00Z", 0],
                ["2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z", 6],
            ]),
        ),
        (
            "metric=sms_per_minute&from=2026-03-29T00:29:00Z&to=2026-03-29T00:30:00Z",
            json!([
                ["2026-03-29T00:29:00Z", "2026-03-29T00:30:00Z", 0],
                ["2026-03-29T00:30:00Z", "2026-03-29T00:31:00Z", 2],
            ]),
        ),
        ("metric=sms_per_period", json!([["2026-03-27T23:00:00Z", "2026-04-27T22:00:00Z", 6]])),
        ("metric=sms_per_lifetime&from=2026-01-01", json!([[null, null, 6]])),
    ] {
        let history = history(&service, &account, query).await;
        assert_eq!(json!(shown(&history)), expected, "{query}");
        let limit = if query.contains("lifetime") { Value::Null } else { json!(9) };
        assert!(history.iter().all(|it| it["limit"] == limit), "{history:?}");
    }
    // An hour of a day of 23 hours is not lost.
    assert_eq!(history(&service, &account, "metric=sms_per_hour&from=2026-03-29&to=2026-03-29").await.len(), 23);
}

#[actix_web::test]
async fn without_parameters_the_present_window_of_every_counter_is_listed() {
    let (service, account) = start_in_berlin().await;
    service.post(&format!("{account}/bookings"), json!({})).await.expect(201);
    let metrics: Vec<_> =
        history(&service, &account, "").await.iter().map(|it| json!([it["metric"], it["used"]])).collect();
    let own =
        ["lifetime", "minute", "hour", "day", "month", "period"].map(|window| json!([format!("sms_per_{window}"), 0]));
    assert_eq!(metrics, [vec![json!(["bookings_per_day", 1])], own.to_vec()].concat());
}

#[actix_web::test]
async fn an_account_without_a_plan_has_limits_of_zero_and_no_periods() {
    let (service, _) = start_in_berlin().await;
    let account = service.account().await;
    let day = history(&service, &account, "metric=sms_per_day").await;
    assert_eq!(json!([day[0]["used"], day[0]["limit"], day.len()]), json!([0, 0, 1]));
    assert_eq!(history(&service, &account, "metric=sms_per_period").await, [Value::Null; 0]);
}

#[actix_web::test]
async fn a_history_of_bookings_needs_no_metric_of_ones_own() {
    let service = start().await;
    let account = service.account_on("basic").await;
    for at in ["2031-05-05T12:00:00Z", "2031-05-06T12:00:00Z", "2031-05-06T13:00:00Z"] {
        service.post(&format!("{account}/bookings"), json!({"starts_at": at})).await.expect(201);
    }
    let history = history(&service, &account, "metric=bookings_per_day&from=2031-05-05&to=2031-05-06").await;
    let used: Vec<_> = history.iter().map(|it| json!([it["used"], it["limit"]])).collect();
    assert_eq!(json!(used), json!([[1, 5], [2, 5]]));
}

#[actix_web::test]
async fn a_history_has_at_most_366_windows() {
    let (service, account) = start_in_berlin().await;
    let of_year = history(&service, &account, "metric=sms_per_day&from=2028-01-01&to=2028-12-31").await;
    assert_eq!(of_year.len(), 366);
    for query in [
        "metric=sms_per_day&from=2028-01-01&to=2029-01-01",
        "metric=sms_per_day&from=1970-01-01&to=2199-12-31",
        "metric=sms_per_minute&from=2026-03-28&to=2026-03-28",
        "from=2026-03-28&to=2026-03-29",
    ] {
        let problem = service.get(&format!("{account}/usage/history?{query}")).await.refused(400, "invalid_parameter");
        assert!(problem["detail"].as_str().is_some_and(|detail| detail.contains("366")), "{problem}");
    }
}

#[actix_web::test]
async fn an_invalid_range_is_refused() {
    let (service, account) = start_in_berlin().await;
    for query in [
        "metric=projects",
        "metric=sms",
        "metric=",
        "metric=staff",
        "metric=sms_per_day&from=2026-03-29&to=2026-03-28",
        "metric=sms_per_day&from=2026-03-29",
        "metric=sms_per_day&from=2026-03-28T12:00:31Z&to=2026-03-28T12:00:30Z",
        "metric=sms_per_day&from=today",
        "metric=sms_per_day&from=1969-12-31",
        "metric=sms_per_day&to=2200-01-01",
        "metric=sms_per_day&to=",
        "meter=sms",
    ] {
        service.get(&format!("{account}/usage/history?{query}")).await.refused(400, "invalid_parameter");
    }
}
