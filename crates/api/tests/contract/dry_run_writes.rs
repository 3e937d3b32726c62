//! Dry runs of every operation that has them, and of what each refuses.

use std::collections::BTreeMap;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::document::operations;
use crate::house::{Tenant, bearer, person, start};
use crate::in_process::{Answer, Service, text};

/// The value without what differs between two requests: random ids, and times.
fn without_ids_and_times(value: &Value) -> Value {
    let is_id = |text: &str| text.split_once('_').is_some_and(|(_, suffix)| suffix.len() == 26);
    match value {
        Value::String(text) if is_id(text) => json!("an id"),
        Value::String(text) if text.ends_with('Z') && text.contains('T') => json!("a time"),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), without_ids_and_times(value))).collect()
        }
        Value::Array(items) => items.iter().map(without_ids_and_times).collect(),
        other => other.clone(),
    }
}

/// The refusal, without the id of its request.
fn problem(answer: &Answer) -> Value {
    let mut problem = answer.expect(answer.status);
    assert!(answer.status >= 400, "it is not refused: {problem}");
    problem["request_id"] = Value::Null;
    problem
}

/// What the service stores.
fn stored(service: &Service) -> (String, BTreeMap<String, i64>) {
    (service.commits(), service.row_counts())
}

#[actix_web::test]
async fn every_dry_run_answers_as_its_request() {
    let service = start().await;
    // An erasure answers differently: with the number of rows, instead of its time.
    let all = operations().into_iter().filter(|it| it.takes("dry_run") && !it.path.ends_with("/erase"));
    let mut tried = Vec::new();
    for operation in all {
        let tenant = Tenant::open(&service).await;
        let (path, token) = (tenant.path(&operation), tenant.token(&service, &operation));
        let request = |path: &str| tenant.request_at(&operation, path, &tenant.owner).insert_header(bearer(token));
        let before = stored(&service);
        let dry = service.send(request(&format!("{path}?dry_run=true"))).await;
        assert_eq!(stored(&service), before, "something was written: {path}");
        assert_eq!(dry.header("dry-run"), Some("true"), "{path}");
        assert_eq!((dry.header("location"), dry.header("etag")), (None, None), "{path}");
        let real = service.send(request(&path)).await;
        assert_eq!(real.header("dry-run"), None, "{path}");
        let expected = if real.status == 201 { 200 } else { real.status };
        assert!(dry.status == expected && expected < 300, "{path}: {dry:?} {real:?}");
        if real.status == 204 {
            assert_eq!(dry.text(), "", "{path}");
        } else {
            assert_eq!(without_ids_and_times(&dry.json()), without_ids_and_times(&real.json()), "{path}");
        }
        tried.push(text(&operation.description["operationId"]).to_owned());
    }
    tried.sort();
    assert_eq!(
        tried,
        [
            "add_staff_member",
            "change_account",
            "confirm_hold",
            "create_booking",
            "create_grant",
            "create_hold",
            "create_usage",
            "extend_hold",
            "open_account",
            "put_override",
            "release_hold",
            "remove_grant",
            "remove_override",
            "replace_allocations",
            "subscribe",
        ]
    );
}

#[actix_web::test]
async fn a_dry_run_needs_the_permission_of_its_request() {
    let service = start().await;
    let (tenant, stranger, viewer) = (Tenant::open(&service).await, person(&service).await, person(&service).await);
    tenant.put(&service, &viewer, "viewer").await;
    let (_, reader) = viewer.api_key(&service, "read", None).await;
    for operation in operations().into_iter().filter(|it| it.takes("dry_run")) {
        let path = tenant.path(&operation);
        let before = stored(&service);
        for (token, status) in [
            (None, 401),
            (Some(&stranger.login.token), if path.contains("acct_") { 404 } else { 403 }),
            (Some(&viewer.login.token), 403),
            (Some(&reader), 403),
        ] {
            // Anyone may open an account with a login.
            if path == "/accounts" && token.is_some_and(|token| *token != reader) {
                continue;
            }
            let send = async |path: &str| {
                let request = tenant.request_at(&operation, path, &tenant.owner);
                let answer = service.send(match token {
                    Some(token) => request.insert_header(bearer(token)),
                    None => request,
                });
                problem(&answer.await)
            };
            let refusal = send(&format!("{path}?dry_run=true")).await;
            assert_eq!(refusal["status"], status, "{path}: {refusal}");
            assert_eq!(refusal, send(&path).await, "{path}");
        }
        // A read with an API key notes when it was used.
        assert_eq!(stored(&service).1, before.1, "something was written: {path}");
    }
}

#[actix_web::test]
async fn a_dry_run_is_refused_for_what_its_request_is_refused_for() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let account = tenant.account.as_str();
    let taken = json!({"name": "Twin", "external_id": "cus_1"});
    service.post("/accounts", taken.clone()).await.expect(201);
    let (hold, grant) = (format!("{account}/holds/{}", tenant.hold), format!("{account}/grants/{}", tenant.grant));
    let metric = format!("{account}/overrides/staff");
    let past = "2020-01-01T00:00:00Z";
    let stale = Some("\"0\"");
    let released = service.post(&format!("{account}/holds"), json!({"meter": "sms", "expires_in_seconds": 9})).await;
    let released = format!("{account}/holds/{}", text(&released.expect(201)["id"]));
    service.post(&format!("{released}/release"), json!({})).await.expect(200);
    let confirmed = service.post(&format!("{account}/holds"), json!({"meter": "sms", "expires_in_seconds": 9})).await;
    let confirmed = format!("{account}/holds/{}", text(&confirmed.expect(201)["id"]));
    service.post(&format!("{confirmed}/confirm"), json!({})).await.expect(200);
    let (post, put, delete, patch) = (Method::POST, Method::PUT, Method::DELETE, Method::PATCH);
    for (method, path, body, if_match, status) in [
        (&post, "/accounts", taken, None, 409),
        (&post, "/accounts", json!({"name": "New", "plan": "gold"}), None, 422),
        (&post, "/accounts", json!({"name": " ", "plan": 7}), None, 422),
        (&post, "/accounts", json!({"nmae": "New"}), None, 400),
        (&post, "/accounts", json!({"name": "New"}), Some("\"1\""), 400),
        (&patch, account, json!({"time_zone": "Mars/Base"}), None, 422),
        (&patch, account, json!({"name": "Other"}), stale, 412),
        (&put, &metric, json!({"limit": 4}), None, 422),
        (&put, &metric, json!({"limit": 4, "reason": "A trial", "expires_at": past}), None, 422),
        (&put, &metric, json!({"limit": 4, "reason": "A trial"}), Some("*"), 412),
        (&put, &metric.replace("staff", "rooms"), json!({"limit": 4, "reason": "A trial"}), None, 404),
        (&delete, &metric.replace("staff", "rooms"), Value::Null, None, 404),
        (&post, &format!("{account}/grants"), json!({"metric": "rooms", "quantity": 1, "reason": "x"}), None, 422),
        (
            &post,
            &format!("{account}/grants"),
            json!({"metric": "staff", "quantity": 1, "reason": "x", "expires_at": past}),
            None,
            422,
        ),
        (&delete, &grant, Value::Null, stale, 412),
        (&post, &format!("{hold}/release"), Value::Null, stale, 412),
        (&post, &format!("{confirmed}/release"), Value::Null, None, 409),
        (
            &post,
            &format!("{}/release", hold.replace(&tenant.hold, "hold_01h455vb4pex5vsknk084sn02q")),
            Value::Null,
            None,
            404,
        ),
        (&post, &format!("{hold}/extend"), json!({"expires_in_seconds": 0}), None, 422),
        (&post, &format!("{hold}/extend"), json!({"expires_in_seconds": 60}), stale, 412),
        (&post, &format!("{released}/extend"), json!({"expires_in_seconds": 60}), None, 409),
    ] {
        let before = stored(&service);
        let send = async |path: &str| {
            let request = service.authorised(method.clone(), path);
            let request = if body.is_null() { request } else { request.set_json(&body) };
            let conditional = if_match.into_iter().fold(request, |it, tag| it.insert_header(("if-match", tag)));
            problem(&service.send(conditional).await)
        };
        let refusal = send(&format!("{path}?dry_run=true")).await;
        assert_eq!(refusal["status"], status, "{path} {body}: {refusal}");
        assert_eq!(stored(&service), before, "something was written: {path}");
        assert_eq!(refusal, send(path).await, "{path} {body}");
    }
}

#[actix_web::test]
async fn a_dry_run_hides_the_account_with_the_external_id() {
    let service = start().await;
    let ann = person(&service).await;
    let twin = service.post("/accounts", json!({"name": "Twin", "external_id": "cus_1"})).await.expect(201);
    let try_twin = async |token: &str| {
        let request = TestRequest::post().uri("/accounts?dry_run=true").insert_header(bearer(token));
        service.send(request.set_json(json!({"name": "Twin", "external_id": "cus_1"}))).await.refused(409, "conflict")
    };
    assert_eq!(try_twin(&service.token).await["id"], twin["id"]);
    assert_eq!(try_twin(&ann.login.token).await.get("id"), None);
}

#[actix_web::test]
async fn a_dry_run_of_a_removal_removes_nothing() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let grant = format!("{}/grants/{}", tenant.account, tenant.grant);
    let (overrides, limit) = (format!("{}/overrides", tenant.account), json!({"limit": 4, "reason": "A trial"}));
    let staff = format!("{overrides}/staff");
    service.send(service.authorised(Method::PUT, &staff).set_json(limit)).await.expect(200);
    let listed = async || (service.get(&grant).await.status, service.get(&overrides).await.json());
    let before = listed().await;
    for path in [&grant, &staff] {
        let request = service.authorised(Method::DELETE, &format!("{path}?dry_run=true"));
        let tried = service.send(request).await;
        assert_eq!((tried.status, tried.header("dry-run"), tried.text()), (204, Some("true"), ""), "{path}");
    }
    assert_eq!(listed().await, before);
    for path in [&grant, &staff] {
        let removed = service.send(service.authorised(Method::DELETE, &format!("{path}?dry_run=false"))).await;
        assert_eq!((removed.status, removed.header("dry-run")), (204, None), "{path}");
    }
    assert_eq!((listed().await.0, &listed().await.1["data"]), (404, &json!([])));
}

#[actix_web::test]
async fn a_dry_run_of_an_account_with_a_plan_has_its_subscription() {
    let service = start().await;
    let ann = person(&service).await;
    let new = json!({"name": "My Salon", "plan": "PRO", "external_id": "cus_1", "metadata": {"crm": "42"}});
    let before = stored(&service);
    let tried = ann.post(&service, "/accounts?dry_run=true", new.clone()).await.expect(200);
    assert_eq!(tried["subscription"]["plan"], "pro");
    assert_eq!(stored(&service), before);
    service.get(&format!("/accounts/{}", text(&tried["id"]))).await.refused(404, "not_found");
    let opened = ann.post(&service, "/accounts", new).await.expect(201);
    assert_eq!(without_ids_and_times(&tried), without_ids_and_times(&opened));
    assert_eq!(ann.get(&service, &format!("/accounts/{}", text(&opened["id"]))).await.expect(200), opened);
}
