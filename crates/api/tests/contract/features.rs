//! Features: their values, overrides and checks; and what a catalogue with custom metrics adds
//! to checks, refusals and entitlements.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::{FeatureDef, FeatureType, FeatureValue, Kind, Limit, MetricDef, Plan, PlanCatalog, Window};
use serde_json::{Value, json};

use crate::house::{bearer, start};
use crate::in_process::{Answer, Service};
use crate::own_metrics::metric;

/// Three metrics of bookings and three features. `pro` has more of all than `basic`.
fn catalog() -> PlanCatalog {
    let metrics: Vec<MetricDef> = vec![
        metric("sms", "sms", Kind::Counter(Window::Period), true),
        metric("bookings_per_month", "bookings", Kind::Counter(Window::Month), true),
        metric("calls_per_minute", "calls", Kind::Counter(Window::Minute), false),
    ];
    let features =
        [("sso", FeatureType::Switch), ("history_days", FeatureType::Number), ("support", FeatureType::Text)]
            .map(|(key, feature_type)| FeatureDef { key: key.parse().expect("a key"), feature_type });
    let plan = |key: &str, most: u64, values: [FeatureValue; 3]| {
        let plan = PlanCatalog::builtin().find(key).expect("a built-in plan").clone();
        let plan = metrics.iter().fold(plan, |plan, it| plan.with_limit(it.key.clone(), Limit::AtMost(most)));
        let features = features.iter().map(|feature| feature.key.clone()).zip(values).collect();
        Plan { features, ..plan }
    };
    let text = |text: &str| FeatureValue::Text(text.into());
    let plans = vec![
        plan("basic", 3, [FeatureValue::Switch(false), FeatureValue::Number(30), text("mail")]),
        plan("pro", 10, [FeatureValue::Switch(true), FeatureValue::Number(90), text("phone")]),
    ];
    PlanCatalog::with_metrics(metrics.clone(), features.to_vec(), plans).expect("a good catalogue")
}

async fn start_extended() -> Service {
    let service = start().await;
    service.state.catalog.set(catalog());
    service
}

async fn check(service: &Service, account: &str, question: Value) -> Value {
    service.post(&format!("{account}/check"), question).await.expect(200)
}

async fn put(service: &Service, account: &str, key: &str, body: Value) -> Answer {
    let path = format!("{account}/overrides/{key}");
    service.send(service.authorised(Method::PUT, &path).set_json(body)).await
}

async fn remove(service: &Service, account: &str, key: &str) -> u16 {
    service.send(service.authorised(Method::DELETE, &format!("{account}/overrides/{key}"))).await.status
}

fn feature(report: &Value, index: usize) -> Value {
    json!(["feature", "value", "plan_value", "plan"].map(|name| &report["features"][index][name]))
}

#[actix_web::test]
async fn entitlements_list_every_metric_and_feature() {
    let service = start_extended().await;
    let account = service.account().await;
    let report = async || service.get(&format!("{account}/entitlements")).await.expect(200);
    let before = report().await;
    assert_eq!(feature(&before, 1), json!(["history_days", 0, 0, null]), "no plan, no features");
    service.post(&format!("{account}/subscribe"), json!({"plan": "basic"})).await.expect(201);
    let after = report().await;
    let features = [0, 1, 2].map(|index| feature(&after, index));
    assert_eq!(features[0], json!(["sso", false, false, "basic"]));
    assert_eq!(features[1], json!(["history_days", 30, 30, "basic"]));
    assert_eq!(features[2], json!(["support", "mail", "mail", "basic"]));
    let kinds: Vec<_> = after["entitlements"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|it| json!([it["metric"], it["meter"], it["kind"], it["held"], it["granted"]]))
        .collect();
    let counter = |metric: &str, meter: &str| json!([metric, meter, "counter", 0, 0]);
    assert_eq!(kinds[0], json!(["staff", "staff", "gauge", 0, 0]));
    assert_eq!(kinds[3], counter("bookings_per_month", "bookings"));
    assert_eq!(kinds.len(), 5);
}

#[actix_web::test]
async fn the_version_of_entitlements_changes_with_the_answer_only() {
    let service = start_extended().await;
    let account = service.account_on("basic").await;
    let path = format!("{account}/entitlements?on=2031-05-05");
    let version = async || service.get(&path).await.header("etag").expect("it has a version").to_owned();
    let first = version().await;
    service.post(&format!("{account}/bookings"), json!({"starts_at": "2031-07-05T10:00:00Z"})).await.expect(201);
    assert_eq!(version().await, first, "another day and month");
    let request = TestRequest::get().uri(&path).insert_header(bearer(&service.token));
    assert_eq!(service.send(request.insert_header(("if-none-match", first.clone()))).await.status, 304);
    service.post(&format!("{account}/bookings"), json!({"starts_at": "2031-05-20T10:00:00Z"})).await.expect(201);
    let second = version().await;
    assert_ne!(second, first, "the same month");
    put(&service, &account, "sso", json!({"value": true, "reason": "A pilot"})).await.expect(200);
    assert_ne!(version().await, second);
    let request = TestRequest::get().uri(&path).insert_header(bearer(&service.token));
    service.send(request.insert_header(("if-match", second))).await.refused(412, "precondition_failed");
}

#[actix_web::test]
async fn an_override_of_a_feature_replaces_the_plans_value() {
    let service = start_extended().await;
    let account = service.account_on("basic").await;
    for (index, key, value) in [(0, "sso", json!(true)), (1, "history_days", json!(0)), (2, "support", json!("chat"))] {
        let answer = put(&service, &account, key, json!({"value": value, "reason": "A pilot"})).await;
        let given = answer.expect(200);
        assert_eq!((&given["feature"], &given["value"], &given["expires_at"]), (&json!(key), &value, &Value::Null));
        assert!(answer.header("etag").is_some() && given.get("limit").is_none());
        let report = service.get(&format!("{account}/entitlements")).await.expect(200);
        assert_eq!(
            json!([report["features"][index]["value"], report["features"][index]["override"]]),
            json!([value, given])
        );
    }
    let list = service.get(&format!("{account}/overrides")).await.expect(200);
    let keys: Vec<_> = list["data"].as_array().expect("a list").iter().map(|it| it["key"].clone()).collect();
    assert_eq!(json!(keys), json!(["history_days", "sso", "support"]));
    for _ in 0..2 {
        assert_eq!(remove(&service, &account, "sso").await, 204);
    }
    let report = service.get(&format!("{account}/entitlements")).await.expect(200);
    assert_eq!(json!([report["features"][0]["value"], report["features"][0]["override"]]), json!([false, null]));
    let audit = service.get(&format!("{account}/audit?limit=1")).await.expect(200);
    assert_eq!(json!([audit["data"][0]["action"], audit["data"][0]["resource"]]), json!(["override.removed", "sso"]));
}

#[actix_web::test]
async fn the_value_of_a_feature_has_its_type() {
    let service = start_extended().await;
    let account = service.account_on("basic").await;
    for (key, body, expected) in [
        ("sso", json!({}), &[("/value", "required"), ("/reason", "required")][..]),
        ("sso", json!({"value": 1, "reason": "x"}), &[("/value", "wrong_type")]),
        ("sso", json!({"value": null, "reason": "x"}), &[("/value", "required")]),
        ("sso", json!({"value": true, "limit": 1, "reason": "x"}), &[("/limit", "not_applicable")]),
        (
            "sso",
            json!({"value": true, "reason": "x", "expires_at": "2020-01-01T00:00:00Z"}),
            &[("/expires_at", "in_the_past")],
        ),
        ("history_days", json!({"value": -1, "reason": "x"}), &[("/value", "out_of_range")]),
        ("history_days", json!({"value": true, "reason": "x"}), &[("/value", "wrong_type")]),
        ("support", json!({"value": "", "reason": "x"}), &[("/value", "blank")]),
        ("support", json!({"value": "a".repeat(501), "reason": "x"}), &[("/value", "too_long")]),
        ("support", json!({"value": [], "reason": "x"}), &[("/value", "wrong_type")]),
        ("sms", json!({"value": true, "reason": "x"}), &[("/value", "not_applicable"), ("/limit", "required")]),
    ] {
        let mut expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        let mut faults = put(&service, &account, key, body.clone()).await.faults();
        faults.sort();
        expected.sort();
        assert_eq!(faults, expected, "{key} {body}");
    }
    put(&service, &account, "rooms", json!({"value": true, "reason": "x"})).await.refused(404, "not_found");
}

#[actix_web::test]
async fn an_override_of_a_retired_key_can_be_removed() {
    let service = start_extended().await;
    let account = service.account_on("basic").await;
    put(&service, &account, "sso", json!({"value": true, "reason": "A pilot"})).await.expect(200);
    put(&service, &account, "sms", json!({"limit": 7, "reason": "A pilot"})).await.expect(200);
    service.state.catalog.set(PlanCatalog::builtin());
    for key in ["sso", "sms"] {
        put(&service, &account, key, json!({"limit": 1, "reason": "x"})).await.refused(404, "not_found");
        assert_eq!(remove(&service, &account, key).await, 204, "{key}");
        assert_eq!(remove(&service, &account, key).await, 404, "{key}");
    }
}

#[actix_web::test]
async fn a_refusal_lists_all_metrics_that_refuse() {
    let service = start_extended().await;
    let account = service.account_on("basic").await;
    put(&service, &account, "bookings_per_day", json!({"limit": 3, "reason": "A trial"})).await.expect(200);
    let book = async |at: &str| service.post(&format!("{account}/bookings"), json!({"starts_at": at})).await;
    for _ in 0..3 {
        book("2031-05-05T10:00:00Z").await.expect(201);
    }
    let refusal = book("2031-05-05T10:00:00Z").await.refused(403, "limit_exceeded");
    let members = ["metric", "meter", "limit", "used", "requested", "remaining", "next_allowed_day", "next_allowed_at"];
    let found = json!(members.map(|name| &refusal[name]));
    assert_eq!(found, json!(["bookings_per_month", "bookings", 3, 3, 1, 0, null, "2031-06-01T00:00:00Z"]));
    let exceeded = refusal["exceeded"].as_array().expect("a list");
    let metrics: Vec<_> = exceeded.iter().map(|it| json!([it["metric"], it["next_allowed_at"]])).collect();
    let day = json!(["bookings_per_day", "2031-05-06T00:00:00Z"]);
    assert_eq!(metrics, [json!(["bookings_per_month", "2031-06-01T00:00:00Z"]), day]);
    let detail = "The plan basic permits 3 bookings in a month, and 3 are used. \
                  There is room again from 2031-06-01T00:00:00Z on.";
    assert_eq!(refusal["detail"], detail);
    // The month alone.
    let refusal = book("2031-05-06T10:00:00Z").await.refused(403, "limit_exceeded");
    assert_eq!(refusal["plans_that_allow"], json!(["pro"]));
    assert!(refusal["detail"].as_str().expect("a text").ends_with(" The plan pro permits more."), "{refusal}");
    let checked = check(&service, &account, json!({"meter": "bookings", "at": "2031-05-05T10:00:00Z"})).await;
    assert_eq!(checked["exceeded"].as_array().map(Vec::len), Some(2));
    let checked = check(&service, &account, json!({"metric": "bookings_per_day", "at": "2031-05-05T10:00:00Z"})).await;
    assert_eq!(
        (&checked["code"], checked["exceeded"].as_array().map(Vec::len)),
        (&json!("booking_limit_exceeded"), Some(1))
    );
}

#[actix_web::test]
async fn a_check_of_a_meter_agrees_with_creation() {
    let service = start_extended().await;
    let account = service.account_on("basic").await;
    let question = json!({"meter": "bookings", "on": "2031-05-05"});
    for used in 0..4 {
        let checked = check(&service, &account, question.clone()).await;
        let created = service.post(&format!("{account}/bookings"), json!({"starts_at": "2031-05-05T10:00:00Z"})).await;
        assert_eq!((&checked["allowed"], &checked["used"]), (&json!(created.status == 201), &json!(used)), "{checked}");
        // The month has less room than the day.
        assert_eq!((&checked["metric"], &checked["remaining"]), (&json!("bookings_per_month"), &json!(3 - used)));
    }
    let checked = check(&service, &account, json!({"meter": "sms", "quantity": 4})).await;
    assert_eq!(
        json!([checked["allowed"], checked["code"], checked["metric"]]),
        json!([false, "limit_exceeded", "sms"])
    );
    let checked = check(&service, &account, json!({"meter": "sms", "quantity": 3})).await;
    assert_eq!(json!([checked["allowed"], checked["exceeded"], checked["meter"]]), json!([true, [], "sms"]));
}

#[actix_web::test]
async fn a_check_of_a_feature_answers_its_value() {
    let service = start_extended().await;
    let account = service.account().await;
    let ask = async |feature: &str| {
        let checked = check(&service, &account, json!({"feature": feature})).await;
        json!(["allowed", "code", "value", "plan", "plans_that_allow"].map(|name| &checked[name]))
    };
    let required = json!([false, "subscription_required", false, null, ["pro"]]);
    assert_eq!(ask("sso").await, required);
    service.post(&format!("{account}/subscribe"), json!({"plan": "basic"})).await.expect(201);
    assert_eq!(ask("sso").await, json!([false, null, false, "basic", ["pro"]]));
    assert_eq!(ask("history_days").await, json!([true, null, 30, "basic", []]));
    assert_eq!(ask("support").await, json!([true, null, "mail", "basic", []]));
    put(&service, &account, "history_days", json!({"value": 0, "reason": "A trial"})).await.expect(200);
    assert_eq!(ask("history_days").await, json!([false, null, 0, "basic", []]), "no plan changes an override");
}

#[actix_web::test]
async fn several_checks_are_answered_in_their_order() {
    let service = start_extended().await;
    let account = service.account_on("basic").await;
    let questions = [
        json!({"metric": "staff", "quantity": 3}),
        json!({"feature": "support"}),
        json!({"meter": "calls", "at": "2031-05-05T10:00:00Z"}),
    ];
    let answers = check(&service, &account, json!({"checks": questions})).await;
    let answers = answers["checks"].as_array().expect("a list").clone();
    for (answer, question) in answers.iter().zip(&questions) {
        assert_eq!(*answer, check(&service, &account, question.clone()).await);
    }
    assert_eq!(answers.len(), 3);
    let many = |count| json!({"checks": vec![json!({"metric": "staff"}); count]});
    assert_eq!(check(&service, &account, many(100)).await["checks"].as_array().map(Vec::len), Some(100));
    service.state.catalog.set(PlanCatalog::builtin());
    assert_eq!(check(&service, &account, many(2)).await["checks"][1]["allowed"], true);
}

#[actix_web::test]
async fn a_faulty_question_has_a_pointer() {
    let service = start_extended().await;
    let account = service.account_on("basic").await;
    for (question, expected) in [
        (json!({}), &[("/metric", "required")][..]),
        (json!({"metric": "rooms"}), &[("/metric", "unknown_key")]),
        (json!({"meter": "rooms", "quantity": 0}), &[("/meter", "unknown_key"), ("/quantity", "out_of_range")]),
        (json!({"feature": "rooms"}), &[("/feature", "unknown_key")]),
        (json!({"metric": "staff", "meter": "staff"}), &[("/meter", "not_beside")]),
        (json!({"meter": "staff", "feature": "sso"}), &[("/meter", "not_beside")]),
        (
            json!({"feature": "sso", "quantity": 2, "on": "2031-05-05"}),
            &[("/quantity", "not_beside"), ("/on", "not_beside")],
        ),
        (json!({"metric": "staff", "at": "2031-05-05T10:00:00Z"}), &[("/at", "not_applicable")]),
        (json!({"metric": "sms", "at": "x", "on": "2031-05-05"}), &[("/at", "not_beside")]),
        (json!({"metric": "sms", "at": "x"}), &[("/at", "not_an_instant")]),
        (json!({"metric": "calls_per_minute", "on": "2031-05-05"}), &[("/on", "not_by_day")]),
        (json!({"checks": []}), &[("/checks", "item_count_out_of_range")]),
        (json!({"checks": vec![json!({"metric": "staff"}); 101]}), &[("/checks", "item_count_out_of_range")]),
        (json!({"checks": 7}), &[("/checks", "wrong_type")]),
        (json!({"checks": [7]}), &[("/checks/0", "wrong_type")]),
        (json!({"checks": [{"metric": "staff"}], "metric": "staff"}), &[("/metric", "not_beside")]),
        (
            json!({"checks": [{"metric": "staff"}, {"metric": "rooms", "quantity": 0}]}),
            &[("/checks/1/metric", "unknown_key"), ("/checks/1/quantity", "out_of_range")],
        ),
    ] {
        let mut faults = service.post(&format!("{account}/check"), question.clone()).await.faults();
        let mut expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        faults.sort();
        expected.sort();
        assert_eq!(faults, expected, "{question}");
    }
    service.post(&format!("{account}/check"), json!({"checks": [{"day": 1}]})).await.refused(400, "unknown_field");
}

#[actix_web::test]
async fn a_preview_lists_the_features_that_change() {
    let service = start_extended().await;
    let account = service.account_on("pro").await;
    put(&service, &account, "support", json!({"value": "chat", "reason": "A pilot"})).await.expect(200);
    for _ in 0..4 {
        service.post(&format!("{account}/bookings"), json!({})).await.expect(201);
    }
    let preview = service.post(&format!("{account}/subscribe/preview"), json!({"plan": "basic"})).await.expect(200);
    let sso = json!({"feature": "sso", "from": true, "to": false});
    assert_eq!(preview["features"], json!([sso, {"feature": "history_days", "from": 90, "to": 30}]));
    let excess = &preview["exceeded"][0];
    let found = [&excess["metric"], &excess["used"], &excess["excess"], &excess["day"]];
    assert_eq!(json!(found), json!(["bookings_per_month", 4, 1, null]));
    assert!(excess["window"]["start"].is_string(), "{excess}");
    assert_eq!(preview["limits"].as_array().map(Vec::len), Some(5));
}
