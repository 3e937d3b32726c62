//! A refusal of an unknown plan, metric, meter or feature names the known ones.

use actix_web::http::Method;
use domain::{Plan, PlanCatalog};
use serde_json::{Value, json};

use crate::house::{Tenant, start};
use crate::in_process::text;

const FITTING: &str = "of the catalogue that fits this request.";

/// The details of the faulty fields.
fn details(problem: &Value) -> Vec<&str> {
    problem["errors"].as_array().expect("a list").iter().map(|error| text(&error["detail"])).collect()
}

#[actix_web::test]
async fn an_unknown_key_in_a_body_gets_the_keys_that_fit() {
    let service = start().await;
    let account = Tenant::open(&service).await.account;
    let metrics = r#"Known are "staff", "bookings_per_day", "projects", "sms" and "api_calls_per_minute"."#;
    for (path, body, expected) in [
        (
            "usage",
            json!({"meter": "SMS"}),
            format!(r#"meter {FITTING} Did you mean "sms"? Known are "sms" and "api_calls"."#),
        ),
        ("usage", json!({"meter": "staff"}), format!(r#"meter {FITTING} Known are "sms" and "api_calls"."#)),
        (
            "holds",
            json!({"meter": "project", "expires_in_seconds": 60}),
            format!(
                r#"meter {FITTING} Did you mean "projects"? Known are "staff", "bookings", "projects", "sms" and "api_calls"."#
            ),
        ),
        ("grants", json!({"metric": "rooms", "quantity": 1, "reason": "x"}), format!("metric {FITTING} {metrics}")),
        (
            "check",
            json!({"metric": "booking_per_day"}),
            format!(r#"metric {FITTING} Did you mean "bookings_per_day"? {metrics}"#),
        ),
        ("check", json!({"feature": "sso"}), format!("feature {FITTING} The catalogue has none.")),
    ] {
        let problem = service.post(&format!("{account}/{path}"), body.clone()).await.refused(422, "validation_failed");
        assert_eq!(details(&problem), [format!("This field takes a {expected}")], "{path} {body}");
    }
    // The keys are listed once for each kind.
    let items = json!({"items": [{"meter": "smss"}, {"meter": "api-calls"}, {"meter": "x"}]});
    let problem = service.post(&format!("{account}/usage"), items).await.refused(422, "validation_failed");
    let expected = [r#" Did you mean "sms"? Known are "sms" and "api_calls"."#, r#" Did you mean "api_calls"?"#, ""];
    assert_eq!(details(&problem), expected.map(|hint| format!("This field takes a meter {FITTING}{hint}")));
}

#[actix_web::test]
async fn an_unknown_key_in_a_url_gets_the_keys_that_fit() {
    let service = start().await;
    let account = Tenant::open(&service).await.account;
    let metrics = r#"Known are "staff", "bookings_per_day", "projects", "sms" and "api_calls_per_minute"."#;
    let given = json!({"limit": 1, "reason": "A trial"});
    for (method, path, body, status, expected) in [
        (
            Method::PUT,
            format!("{account}/overrides/Staff"),
            given,
            404,
            format!(r#"The catalogue has no such metric or feature. Did you mean "staff"? {metrics}"#),
        ),
        (
            Method::DELETE,
            format!("{account}/overrides/rooms"),
            Value::Null,
            404,
            format!("The catalogue has no such metric or feature. {metrics}"),
        ),
        (
            Method::PUT,
            format!("{account}/allocations/project/a"),
            json!({}),
            404,
            r#"The catalogue has no such meter of gauges. Did you mean "projects"? Known is "projects"."#.to_owned(),
        ),
        (
            Method::GET,
            format!("{account}/usage/history?metric=smss"),
            Value::Null,
            400,
            "The parameter metric is a counter of the catalogue, such as bookings_per_day. Did you mean \"sms\"? \
             Known are \"bookings_per_day\", \"sms\" and \"api_calls_per_minute\"."
                .to_owned(),
        ),
        (
            Method::GET,
            "/near-limits?metric=rooms".to_owned(),
            Value::Null,
            400,
            format!("The parameter metric is a metric of the catalogue, such as staff. {metrics}"),
        ),
    ] {
        let request = service.authorised(method, &path);
        let answer = service.send(if body.is_null() { request } else { request.set_json(body) }).await;
        assert_eq!(answer.expect(status)["detail"], expected, "{path}");
    }
}

#[actix_web::test]
async fn an_unknown_plan_gets_up_to_20_plans() {
    let service = start().await;
    let account = service.account().await;
    let plan = |key: String| Plan::new(key.parse().expect("a key"), "A plan");
    let refusals = async |requested: &str| {
        let mut details = Vec::new();
        for path in ["/accounts", &format!("{account}/subscribe"), &format!("{account}/subscribe/preview")] {
            for path in [path.to_owned(), format!("{path}?dry_run=true")] {
                if path.ends_with("preview?dry_run=true") {
                    continue;
                }
                let body = if path.starts_with("/accounts/") {
                    json!({"plan": requested})
                } else {
                    json!({"name": "New", "plan": requested})
                };
                let problem = service.post(&path, body).await.refused(422, "unknown_plan");
                details.push(text(&problem["detail"]).to_owned());
            }
        }
        details.dedup();
        details
    };
    let first = "Choose one of the plans that GET /plans lists.";
    assert_eq!(refusals("gold").await, [first], "the built-in plans");
    let plans = ["free", "team", "scale"].map(|key| plan(key.to_owned())).into();
    service.state.catalog.set(PlanCatalog::new(plans).expect("a good catalogue"));
    let known = r#"Known are "free", "team" and "scale"."#;
    assert_eq!(refusals("Teams").await, [format!(r#"{first} Did you mean "team"? {known}"#)]);
    assert_eq!(refusals("gold").await, [format!("{first} {known}")]);
    let plans = (0..23).map(|number| plan(format!("plan-{number}"))).collect();
    service.state.catalog.set(PlanCatalog::new(plans).expect("a good catalogue"));
    let detail = refusals("x").await.remove(0);
    assert!(detail.ends_with(r#", "plan-18", "plan-19" and 3 more."#), "{detail}");
}
