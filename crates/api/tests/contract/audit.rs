//! The audit log: one ordered entry for each change, none for a refusal, and no secret.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};
use testkit::fixtures::instant;

use crate::house::{Person, Tenant, bearer, person, start};
use crate::in_process::{Answer, Service, text};

/// Sends a request with this request id.
async fn act(service: &Service, token: &str, method: Method, path: &str, body: Option<Value>, id: &str) -> Answer {
    let request = TestRequest::with_uri(path).method(method).insert_header(bearer(token));
    let request = request.insert_header(("x-request-id", id));
    service.send(if let Some(body) = body { request.set_json(body) } else { request }).await
}

async fn entries(service: &Service, owner: &Person, account: &str) -> Vec<Value> {
    let audit = owner.get(service, &format!("{account}/audit?limit=100")).await.expect(200);
    audit["data"].as_array().expect("a list has data").clone()
}

#[actix_web::test]
async fn every_change_is_audited_with_user_action_and_request() {
    let service = start().await;
    let (ann, ben) = (person(&service).await, person(&service).await);
    let (key, secret) = ann.api_key(&service, "admin", None).await;
    let token = &ann.login.token;
    let opened = act(&service, token, Method::POST, "/accounts", Some(json!({"name": "My Salon"})), "r1").await;
    let id = text(&opened.expect(201)["id"]).to_owned();
    let account = format!("/accounts/{id}");
    let post = async |collection: &str, token: &str, body: Value, request: &str| {
        let path = format!("{account}/{collection}");
        text(&act(&service, token, Method::POST, &path, Some(body), request).await.json()["id"]).to_owned()
    };
    let member = format!("{account}/members/{}", ben.name);
    let subscription = post("subscribe", token, json!({"plan": "basic"}), "r2").await;
    let staff = post("staff", &secret, json!({"name": "Ann"}), "no-entry").await;
    let booking = post("bookings", &service.token, json!({}), "no-entry").await;
    let (staff_path, booking_path) = (format!("{account}/staff/{staff}"), format!("{account}/bookings/{booking}"));
    act(&service, &secret, Method::PATCH, &staff_path, Some(json!({"name": "Eve"})), "r3").await.expect(200);
    act(&service, &service.token, Method::PATCH, &booking_path, Some(json!({"notes": "x"})), "r4").await.expect(200);
    act(&service, token, Method::PUT, &member, Some(json!({"role": "viewer"})), "r5").await.expect(200);
    assert_eq!(act(&service, &ben.login.token, Method::DELETE, &member, None, "r6").await.status, 204);
    assert_eq!(act(&service, token, Method::DELETE, &member, None, "no-effect").await.status, 204);
    post("subscribe", token, json!({"plan": "basic"}), "no-effect").await;
    post("subscribe", token, json!({"plan": "pro"}), "r7").await;
    act(&service, token, Method::PUT, &member, Some(json!({"role": "owner"})), "r8").await.expect(200);
    act(&service, &ben.login.token, Method::PUT, &member, Some(json!({"role": "owner"})), "r9").await.expect(200);
    post("transfer", token, json!({"user": ben.name}), "r10").await;

    let (ann_id, ben_id) = (ann.login.user.to_string(), ben.login.user.to_string());
    let operator = text(&service.get("/users/me").await.expect(200)["id"]).to_owned();
    let audit = entries(&service, &ben, &account).await;
    let rows: Vec<_> = audit
        .iter()
        .rev()
        .map(|it| ["request_id", "action", "resource", "user_id"].map(|name| text(&it[name]).to_owned()))
        .collect();
    let expected = [
        ["r1", "account.opened", &id, &ann_id],
        ["r2", "subscription.plan_changed", &subscription, &ann_id],
        ["r3", "staff_member.changed", &staff, &ann_id],
        ["r4", "booking.changed", &booking, &operator],
        ["r5", "member.put", &ben_id, &ann_id],
        ["r6", "member.removed", &ben_id, &ben_id],
        ["r7", "subscription.plan_changed", &subscription, &ann_id],
        ["r8", "member.put", &ben_id, &ann_id],
        ["r9", "member.put", &ben_id, &ben_id],
        ["r10", "account.transferred", &ben_id, &ann_id],
    ];
    assert_eq!(rows, expected.map(|entry| entry.map(str::to_owned)));
    // The row itself names its creator.
    for (path, creator) in [(&staff_path, &ann_id), (&booking_path, &operator)] {
        assert_eq!(service.get(path).await.expect(200)["created_by"], **creator);
    }
    for entry in &audit {
        let with_key = entry["request_id"] == "r3";
        assert_eq!(entry["api_key_id"], if with_key { json!(key) } else { Value::Null }, "{entry}");
    }
    let times: Vec<_> = audit.iter().map(|it| instant(text(&it["created_at"]))).collect();
    assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
}

#[actix_web::test]
async fn refusals_are_not_audited_and_only_owners_read_the_audit_log() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (viewer, manager, stranger) = (person(&service).await, person(&service).await, person(&service).await);
    tenant.put(&service, &viewer, "viewer").await;
    tenant.put(&service, &manager, "manager").await;
    let path = format!("{}/audit", tenant.account);
    let before = entries(&service, &tenant.owner, &tenant.account).await;
    let staff = format!("{}/staff", tenant.account);
    viewer.post(&service, &staff, json!({"name": "Ann"})).await.refused(403, "forbidden");
    stranger.post(&service, &staff, json!({"name": "Ann"})).await.refused(404, "not_found");
    manager.post(&service, &staff, json!({"name": ""})).await.refused(422, "validation_failed");
    for _ in 0..4 {
        let added = manager.post(&service, &staff, json!({"name": "Ann"})).await.expect(201);
        manager.patch(&service, &format!("{staff}/{}", text(&added["id"])), json!({"name": "Bo"})).await.expect(200);
    }
    manager.post(&service, &staff, json!({"name": "Ann"})).await.refused(403, "staff_limit_exceeded");
    for (who, status, code) in
        [(&viewer, 403, "forbidden"), (&manager, 403, "forbidden"), (&stranger, 404, "not_found")]
    {
        who.get(&service, &path).await.refused(status, code);
    }
    let after = entries(&service, &tenant.other_owner, &tenant.account).await;
    assert_eq!(after.len(), before.len() + 4);
    assert_eq!(after[4..], before);
    assert_eq!(service.get(&format!("{path}?limit=100")).await.expect(200)["data"], json!(after), "the operator too");
}

#[actix_web::test]
async fn the_audit_log_is_paged_and_contains_no_secret() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (_, secret) = tenant.owner.api_key(&service, "admin", None).await;
    let canary = "canary-in-a-body";
    let booking = json!({"customer_name": canary, "notes": canary});
    let path = format!("{}/bookings", tenant.account);
    let made = act(&service, &secret, Method::POST, &path, Some(booking.clone()), "with-key").await.expect(201);
    let path = format!("{path}/{}", text(&made["id"]));
    for notes in [canary, "another"] {
        let changed = json!({"notes": format!("{notes} note")});
        act(&service, &secret, Method::PATCH, &path, Some(changed), "with-key").await.expect(200);
    }
    act(&service, &secret, Method::DELETE, &path, None, "with-key").await;
    let whole = entries(&service, &tenant.owner, &tenant.account).await;
    let (mut paged, mut path) = (Vec::new(), format!("{}/audit?limit=2", tenant.account));
    loop {
        let page = tenant.owner.get(&service, &path).await.expect(200);
        paged.extend(page["data"].as_array().expect("a list has data").clone());
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("{}/audit?limit=2&cursor={cursor}", tenant.account);
    }
    assert_eq!(paged, whole);
    assert_eq!(whole.len(), 8);
    let all = json!(whole).to_string();
    for hidden in [canary, &secret, &secret[40..], &tenant.owner.login.token, &tenant.owner.refresh_token] {
        assert!(!all.contains(hidden), "{hidden}: {all}");
    }
}
