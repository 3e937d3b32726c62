//! Overrides: what they replace, until when, and who sets them.

use std::sync::Arc;

use actix_web::http::Method;
use domain::SignedDuration;
use serde_json::{Value, json};
use testkit::fixtures::{FixedClock, NOW};

use crate::house::{Tenant, person, start, start_by};
use crate::in_process::{Answer, Service, text};

/// Sets an override as an operator.
async fn put(service: &Service, account: &str, metric: &str, body: Value) -> Answer {
    let path = format!("{account}/overrides/{metric}");
    service.send(service.authorised(Method::PUT, &path).set_json(body)).await
}

/// The same, with a default reason.
async fn give(service: &Service, account: &str, metric: &str, limit: Value) -> Value {
    put(service, account, metric, json!({"limit": limit, "reason": "A trial"})).await.expect(200)
}

async fn remove(service: &Service, account: &str, metric: &str) -> u16 {
    service.send(service.authorised(Method::DELETE, &format!("{account}/overrides/{metric}"))).await.status
}

async fn add_staff(service: &Service, account: &str) -> Answer {
    service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await
}

/// How many staff members can be added, up to ten; and the refusal of the next.
async fn staff_admitted(service: &Service, account: &str) -> (u32, Option<Value>) {
    for added in 0..10 {
        let answer = add_staff(service, account).await;
        if answer.status != 201 {
            return (added, Some(answer.refused(403, "staff_limit_exceeded")));
        }
    }
    (10, None)
}

/// The limit of staff and the override in the entitlements.
async fn staff_limit(service: &Service, account: &str) -> (Value, Value) {
    let report = service.get(&format!("{account}/entitlements")).await.expect(200);
    let staff = &report["entitlements"][0];
    (staff["limit"].clone(), staff["override"].clone())
}

#[actix_web::test]
async fn an_override_applies_above_and_below_the_plans_limit() {
    let service = start().await;
    for limit in [0, 1, 2, 4] {
        let account = service.account_on("basic").await;
        let given = give(&service, &account, "staff", json!(limit)).await;
        assert_eq!((&given["limit"], &given["reason"]), (&json!(limit), &json!("A trial")));
        assert_eq!(given["created_by"], service.get("/users/me").await.expect(200)["id"]);
        assert_eq!(staff_limit(&service, &account).await, (json!(limit), given));
        let (admitted, refusal) = staff_admitted(&service, &account).await;
        let refusal = refusal.expect("there is a limit");
        assert_eq!(admitted, limit);
        let fields = json!(["plan", "limit", "used", "remaining", "plans_that_allow"].map(|name| &refusal[name]));
        assert_eq!(fields, json!(["basic", limit, limit, 0, []]), "no plan permits more");
        let detail = text(&refusal["detail"]);
        assert!(detail.contains("own limit") && detail.contains("operator") && !detail.contains("plan"), "{detail}");
        // Another account has the plan's limit.
        assert_eq!(staff_admitted(&service, &service.account_on("basic").await).await.0, 2);
    }
}

#[actix_web::test]
async fn an_override_of_bookings_determines_next_allowed_day() {
    let service = start().await;
    let account = service.account_on("basic").await;
    give(&service, &account, "bookings_per_day", json!(1)).await;
    let book = async |day: u32| {
        let body = json!({"starts_at": format!("2026-05-{day:02}T12:00:00Z")});
        service.post(&format!("{account}/bookings"), body).await
    };
    for day in [4, 5] {
        book(day).await.expect(201);
    }
    let refusal = book(4).await.refused(403, "booking_limit_exceeded");
    assert_eq!((&refusal["limit"], &refusal["next_allowed_day"]), (&json!(1), &json!("2026-05-06")));
    let question = json!({"metric": "bookings_per_day", "on": "2026-05-04"});
    let checked = service.post(&format!("{account}/check"), question).await.expect(200);
    assert_eq!((&checked["limit"], &checked["plans_that_allow"]), (&json!(1), &json!([])));
}

#[actix_web::test]
async fn an_unlimited_override_needs_an_explicit_null() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let given = give(&service, &account, "staff", Value::Null).await;
    assert!(given["limit"].is_null() && given["expires_at"].is_null(), "{given}");
    assert_eq!(staff_admitted(&service, &account).await, (10, None));
    let report = service.get(&format!("{account}/entitlements")).await.expect(200);
    let staff = ["limit", "used", "remaining", "over_by"].map(|name| report["entitlements"][0][name].clone());
    assert_eq!(json!(staff), json!([null, 10, null, 0]));
    // Without the override, usage is above the plan's limit.
    assert_eq!(remove(&service, &account, "staff").await, 204);
    let report = service.get(&format!("{account}/entitlements")).await.expect(200);
    assert_eq!(report["entitlements"][0]["over_by"], 8);
    let answer = put(&service, &account, "staff", json!({"reason": "A trial"})).await;
    assert_eq!(answer.faults(), [("/limit".to_owned(), "required".to_owned())]);
}

#[actix_web::test]
async fn an_override_outlasts_changes_of_plan_until_replaced() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let first = give(&service, &account, "staff", json!(3)).await;
    for plan in ["pro", "basic"] {
        service.post(&format!("{account}/subscribe"), json!({"plan": plan})).await.expect(200);
        assert_eq!(staff_limit(&service, &account).await, (json!(3), first.clone()), "{plan}");
    }
    let second = give(&service, &account, "staff", json!(4)).await;
    assert_eq!(staff_limit(&service, &account).await, (json!(4), second));
    assert_eq!(remove(&service, &account, "staff").await, 204);
    assert_eq!(staff_limit(&service, &account).await, (json!(2), Value::Null));
}

#[actix_web::test]
async fn an_override_expires_exactly_at_its_instant() {
    let clock = Arc::new(FixedClock::new(NOW));
    let service = start_by(Arc::clone(&clock)).await;
    let account = service.account_on("basic").await;
    let (end, instant) = (NOW + SignedDuration::from_hours(1), SignedDuration::from_micros(1));
    let body = |at: domain::Timestamp| json!({"limit": 4, "reason": "A trial", "expires_at": at.to_string()});
    for past in [NOW, NOW - instant] {
        let faults = put(&service, &account, "staff", body(past)).await.faults();
        assert_eq!(faults, [("/expires_at".to_owned(), "in_the_past".to_owned())]);
    }
    put(&service, &account, "staff", body(NOW + instant)).await.expect(200);
    let given = put(&service, &account, "staff", body(end)).await.expect(200);
    assert_eq!(given["expires_at"], end.to_string());
    for _ in 0..3 {
        add_staff(&service, &account).await.expect(201);
    }
    clock.set(end - instant);
    assert_eq!(staff_limit(&service, &account).await, (json!(4), given));
    let check = async || service.post(&format!("{account}/check"), json!({"metric": "staff"})).await.expect(200);
    assert_eq!(check().await["allowed"], true);
    clock.set(end);
    assert_eq!(staff_limit(&service, &account).await, (json!(2), Value::Null));
    assert_eq!(check().await["code"], "staff_limit_exceeded");
    let refusal = add_staff(&service, &account).await.refused(403, "staff_limit_exceeded");
    let fields = json!(["limit", "used", "plans_that_allow"].map(|name| &refusal[name]));
    assert_eq!(fields, json!([2, 3, ["pro"]]), "the plan's limit applies again");
    clock.set(end - instant);
    add_staff(&service, &account).await.expect(201);
}

#[actix_web::test]
async fn an_override_permits_nothing_without_a_plan() {
    let service = start().await;
    let account = service.account().await;
    give(&service, &account, "staff", Value::Null).await;
    add_staff(&service, &account).await.refused(403, "subscription_required");
    assert_eq!(staff_limit(&service, &account).await, (json!(0), Value::Null));
    service.post(&format!("{account}/subscribe"), json!({"plan": "basic"})).await.expect(201);
    assert_eq!(staff_admitted(&service, &account).await, (10, None), "the override applies with the plan");
}

#[actix_web::test]
async fn only_operators_set_and_remove_overrides() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let stranger = person(&service).await;
    let path = format!("{}/overrides/staff", tenant.account);
    for body in [json!({"limit": 9, "reason": "Mine"}), json!({}), json!({"limit": 9, "reason": "Mine", "by": "me"})] {
        let refusal = tenant.owner.send(&service, Method::PUT, &path, body.clone()).await.refused(403, "forbidden");
        assert!(text(&refusal["detail"]).contains("operator"), "{refusal}");
        stranger.send(&service, Method::PUT, &path, body).await.refused(404, "not_found");
    }
    give(&service, &tenant.account, "staff", json!(9)).await;
    let refusal = tenant.owner.ask(&service, Method::DELETE, &path).await.refused(403, "forbidden");
    assert!(text(&refusal["detail"]).contains("operator"), "{refusal}");
    stranger.ask(&service, Method::DELETE, &path).await.refused(404, "not_found");
    let seen = tenant.owner.get(&service, &format!("{}/entitlements", tenant.account)).await.expect(200);
    assert_eq!(seen["entitlements"][0]["override"]["limit"], 9, "the owner sees it");
}

#[actix_web::test]
async fn setting_and_removing_an_override_is_audited() {
    let service = start().await;
    let account = service.account_on("basic").await;
    assert_eq!(remove(&service, &account, "staff").await, 204, "no override is set");
    give(&service, &account, "staff", json!(3)).await;
    give(&service, &account, "bookings_per_day", json!(9)).await;
    put(&service, &account, "staff", json!({"limit": -1})).await.refused(422, "validation_failed");
    for _ in 0..2 {
        assert_eq!(remove(&service, &account, "staff").await, 204);
    }
    let audit = service.get(&format!("{account}/audit")).await.expect(200);
    let entries = audit["data"].as_array().expect("a list has data").iter().rev().skip(2);
    let actions: Vec<_> = entries.map(|it| (text(&it["action"]), text(&it["resource"]))).collect();
    let expected = [("override.put", "staff"), ("override.put", "bookings_per_day"), ("override.removed", "staff")];
    assert_eq!(actions, expected);
}

#[actix_web::test]
async fn an_invalid_override_reports_every_fault() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let with = |limit: Value| json!({"limit": limit, "reason": "A trial"});
    for (body, expected) in [
        (json!({}), &[("/limit", "required"), ("/reason", "required")][..]),
        (with(json!(-1)), &[("/limit", "out_of_range")]),
        (with(json!(9_007_199_254_740_992_u64)), &[("/limit", "out_of_range")]),
        (with(json!(1e30)), &[("/limit", "out_of_range")]),
        (with(json!(0.5)), &[("/limit", "wrong_type")]),
        (with(json!("4")), &[("/limit", "wrong_type")]),
        (with(json!("unlimited")), &[("/limit", "wrong_type")]),
        (json!({"limit": true, "reason": " "}), &[("/limit", "wrong_type"), ("/reason", "blank")]),
        (json!({"limit": 1, "reason": "a".repeat(2001)}), &[("/reason", "too_long")]),
        (json!({"limit": 1, "reason": "A trial", "expires_at": "soon"}), &[("/expires_at", "not_an_instant")]),
        (
            json!({"limit": 1, "reason": 7, "expires_at": 7}),
            &[("/reason", "wrong_type"), ("/expires_at", "wrong_type")],
        ),
    ] {
        let mut faults = put(&service, &account, "staff", body.clone()).await.faults();
        let mut expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        faults.sort();
        expected.sort();
        assert_eq!(faults, expected, "{body}");
    }
    assert_eq!(staff_limit(&service, &account).await, (json!(2), Value::Null));
    for (given, kept) in [(json!(u32::MAX), json!(u32::MAX)), (json!(0), json!(0)), (json!(5.0), json!(5))] {
        assert_eq!(give(&service, &account, "staff", given).await["limit"], kept);
    }
    for metric in ["rooms", "Staff", "staff_", "bookings"] {
        put(&service, &account, metric, with(json!(1))).await.refused(404, "not_found");
        assert_eq!(remove(&service, &account, metric).await, 404);
    }
}
