//! Grants: what they add up to, until when, and who makes them.

use std::sync::Arc;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use domain::SignedDuration;
use serde_json::{Value, json};
use testkit::fixtures::{FixedClock, NOW};

use crate::house::{Tenant, bearer, person, start, start_by};
use crate::in_process::{Answer, Service, text};

/// Makes a grant as an operator.
async fn grant(service: &Service, account: &str, body: Value) -> Answer {
    service.post(&format!("{account}/grants"), body).await
}

async fn add_staff(service: &Service, account: &str) -> Answer {
    service.post(&format!("{account}/staff"), json!({"name": "Ann"})).await
}

/// The entitlement of staff.
async fn staff(service: &Service, account: &str) -> Value {
    service.get(&format!("{account}/entitlements")).await.expect(200)["entitlements"][0].clone()
}

#[actix_web::test]
async fn grants_add_up_on_the_plan_and_on_an_override() {
    let service = start().await;
    let account = service.account_on("basic").await;
    assert_eq!(staff(&service, &account).await.get("granted"), None, "the built-in answer stays");
    for (quantity, limit) in [(1, 3), (2, 5)] {
        let body = json!({"metric": "staff", "quantity": quantity, "reason": "Add-on", "reference": "in_123"});
        let answer = grant(&service, &account, body).await;
        let made = answer.expect(201);
        assert_eq!(answer.header("location"), Some(&*format!("{account}/grants/{}", text(&made["id"]))));
        assert_eq!(service.get(&format!("{account}/grants/{}", text(&made["id"]))).await.expect(200), made);
        let entitlement = staff(&service, &account).await;
        let found = json!(["limit", "granted", "held", "kind", "meter"].map(|name| &entitlement[name]));
        assert_eq!(found, json!([limit, limit - 2, 0, "gauge", "staff"]));
    }
    for _ in 0..5 {
        add_staff(&service, &account).await.expect(201);
    }
    let refusal = add_staff(&service, &account).await.refused(403, "staff_limit_exceeded");
    assert_eq!(json!([refusal["limit"], refusal["used"], refusal["plans_that_allow"]]), json!([5, 5, ["pro"]]));
    let given = service.authorised(Method::PUT, &format!("{account}/overrides/staff"));
    service.send(given.set_json(json!({"limit": 4, "reason": "A trial"}))).await.expect(200);
    assert_eq!(staff(&service, &account).await["limit"], 7);
    let preview = service.post(&format!("{account}/subscribe/preview"), json!({"plan": "pro"})).await.expect(200);
    assert_eq!(preview["limits"][0], json!({"metric": "staff", "from": 7, "to": 7}));
}

#[actix_web::test]
async fn a_grant_expires_at_its_instant_and_stays_listed() {
    let clock = Arc::new(FixedClock::new(NOW));
    let service = start_by(Arc::clone(&clock)).await;
    let account = service.account_on("basic").await;
    let (end, instant) = (NOW + SignedDuration::from_hours(1), SignedDuration::from_micros(1));
    let body = |at: domain::Timestamp| json!({"metric": "staff", "quantity": 1, "reason": "A trial", "expires_at": at.to_string()});
    for past in [NOW, NOW - instant] {
        let faults = grant(&service, &account, body(past)).await.faults();
        assert_eq!(faults, [("/expires_at".to_owned(), "in_the_past".to_owned())]);
    }
    let made = grant(&service, &account, body(end)).await.expect(201);
    for (now, limit) in [(end - instant, 3), (end, 2)] {
        clock.set(now);
        assert_eq!(staff(&service, &account).await["limit"], limit);
    }
    let list = service.get(&format!("{account}/grants")).await.expect(200);
    assert_eq!(list, json!({"data": [made], "next_cursor": null}));
}

#[actix_web::test]
async fn removing_a_grant_lowers_the_limit_and_is_idempotent() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let body = json!({"metric": "staff", "quantity": 1, "reason": "Add-on"});
    let made = grant(&service, &account, body).await.expect(201);
    for _ in 0..3 {
        add_staff(&service, &account).await.expect(201);
    }
    let path = format!("{account}/grants/{}", text(&made["id"]));
    for _ in 0..2 {
        assert_eq!(service.send(service.authorised(Method::DELETE, &path)).await.status, 204);
    }
    service.get(&path).await.refused(404, "not_found");
    assert_eq!(
        json!([staff(&service, &account).await["limit"], staff(&service, &account).await["over_by"]]),
        json!([2, 1])
    );
    add_staff(&service, &account).await.refused(403, "staff_limit_exceeded");
    let audit = service.get(&format!("{account}/audit?limit=2")).await.expect(200);
    let actions: Vec<_> = audit["data"].as_array().expect("a list").iter().map(|it| text(&it["action"])).collect();
    assert_eq!(actions, ["grant.removed", "grant.created"]);
    assert!(audit["data"].as_array().expect("a list").iter().all(|it| it["resource"] == made["id"]));
}

#[actix_web::test]
async fn an_account_has_at_most_100_unexpired_grants() {
    let clock = Arc::new(FixedClock::new(NOW));
    let service = start_by(Arc::clone(&clock)).await;
    let account = service.account_on("basic").await;
    let end = NOW + SignedDuration::from_hours(1);
    let body = json!({"metric": "staff", "quantity": 1, "reason": "Add-on", "expires_at": end.to_string()});
    for _ in 0..100 {
        grant(&service, &account, body.clone()).await.expect(201);
    }
    let refusal = grant(&service, &account, body).await.refused(409, "conflict");
    assert!(text(&refusal["detail"]).contains("100 grants"), "{refusal}");
    clock.set(end);
    grant(&service, &account, json!({"metric": "staff", "quantity": 1, "reason": "Add-on"})).await.expect(201);
    let page = service.get(&format!("{account}/grants?limit=100")).await.expect(200);
    assert!(page["next_cursor"].is_string(), "expired grants are listed");
}

#[actix_web::test]
async fn an_invalid_grant_reports_every_fault() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let with = |name: &str, value: Value| {
        let mut body = json!({"metric": "staff", "quantity": 1, "reason": "Add-on"});
        body[name] = value;
        body
    };
    for (body, expected) in [
        (json!({}), &[("/metric", "required"), ("/quantity", "required"), ("/reason", "required")][..]),
        (with("metric", json!("rooms")), &[("/metric", "unknown_key")]),
        (with("metric", json!(7)), &[("/metric", "wrong_type")]),
        (with("quantity", json!(0)), &[("/quantity", "out_of_range")]),
        (with("quantity", json!(9_007_199_254_740_992_u64)), &[("/quantity", "out_of_range")]),
        (with("quantity", json!(true)), &[("/quantity", "wrong_type")]),
        (with("quantity", Value::Null), &[("/quantity", "required")]),
        (with("reason", json!(" ")), &[("/reason", "blank")]),
        (with("reference", json!("a b")), &[("/reference", "not_visible")]),
        (with("expires_at", json!("soon")), &[("/expires_at", "not_an_instant")]),
    ] {
        let expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
        assert_eq!(grant(&service, &account, body.clone()).await.faults(), expected, "{body}");
    }
    let most = with("quantity", json!(9_007_199_254_740_991_u64));
    grant(&service, &account, most).await.expect(201);
    grant(&service, &account, with("by", json!("me"))).await.refused(400, "unknown_field");
}

#[actix_web::test]
async fn only_operators_make_and_remove_grants() {
    let service = start().await;
    let (tenant, stranger) = (Tenant::open(&service).await, person(&service).await);
    let path = format!("{}/grants", tenant.account);
    for body in [json!({"metric": "staff", "quantity": 9, "reason": "Mine"}), json!({})] {
        let refusal = tenant.owner.post(&service, &path, body.clone()).await.refused(403, "forbidden");
        assert!(text(&refusal["detail"]).contains("operator"), "{refusal}");
        stranger.post(&service, &path, body).await.refused(404, "not_found");
    }
    let one = format!("{path}/{}", tenant.grant);
    tenant.owner.remove(&service, &one).await.refused(403, "forbidden");
    tenant.owner.get(&service, &one).await.expect(200);
    stranger.get(&service, &one).await.refused(404, "not_found");
}

#[actix_web::test]
async fn a_repeated_grant_counts_once() {
    let service = start().await;
    let account = service.account_on("basic").await;
    let post = async || {
        let request = TestRequest::post().uri(&format!("{account}/grants")).insert_header(bearer(&service.token));
        let body = json!({"metric": "staff", "quantity": 1, "reason": "Add-on"});
        service.send(request.insert_header(("idempotency-key", "k")).set_json(body)).await
    };
    let (first, again) = (post().await, post().await);
    assert_eq!(first.expect(201), again.expect(201));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(staff(&service, &account).await["limit"], 3);
}
