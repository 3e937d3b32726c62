//! Dry runs: the response of the request, and no write.

use actix_web::test::TestRequest;
use serde_json::{Value, json};

use crate::document::operations;
use crate::house::{Person, Tenant, bearer, person, start};
use crate::in_process::{Answer, Service, text};

/// The resources that a dry run can create: collection, body, limit, and code of the refusal.
fn kinds() -> [(&'static str, Value, usize, &'static str); 2] {
    [
        ("staff", json!({"name": "Ann"}), 4, "staff_limit_exceeded"),
        ("bookings", json!({"starts_at": "2031-05-05T12:00:00Z"}), 19, "booking_limit_exceeded"),
    ]
}

async fn post_with_key(service: &Service, who: &Person, path: &str, key: &str, body: &Value) -> Answer {
    let request = TestRequest::post().uri(path).insert_header(bearer(&who.login.token));
    service.send(request.insert_header(("idempotency-key", key)).set_json(body)).await
}

#[actix_web::test]
async fn a_dry_run_returns_the_result_and_writes_nothing() {
    let service = start().await;
    let Tenant { account, owner, .. } = Tenant::open(&service).await;
    for (collection, body, ..) in kinds() {
        let path = format!("{account}/{collection}");
        let before = service.commits();
        let tried = owner.post(&service, &format!("{path}?dry_run=true"), body.clone()).await;
        let would_be = tried.expect(200);
        assert_eq!((tried.header("dry-run"), tried.header("location")), (Some("true"), None));
        assert!(service.commits() == before, "something was written");
        let done = owner.post(&service, &format!("{path}?dry_run=false"), body).await;
        let made = done.expect(201);
        assert_eq!(done.header("dry-run"), None);
        for (field, value) in
            made.as_object().unwrap().iter().filter(|(field, _)| !["id", "created_at"].contains(&field.as_str()))
        {
            assert_eq!(would_be[field], *value, "{field}");
        }
    }
}

#[actix_web::test]
async fn a_dry_run_is_refused_like_the_request_itself() {
    let service = start().await;
    let (tenant, stranger, viewer) = (Tenant::open(&service).await, person(&service).await, person(&service).await);
    tenant.put(&service, &viewer, "viewer").await;
    let owner = &tenant.owner;
    for (collection, body, room, code) in kinds() {
        let path = format!("{}/{collection}", tenant.account);
        let tried = format!("{path}?dry_run=true");
        for _ in 0..room {
            owner.post(&service, &tried, body.clone()).await.expect(200);
            owner.post(&service, &path, body.clone()).await.expect(201);
        }
        let refusal = async |path: &str| {
            let mut problem = owner.post(&service, path, body.clone()).await.refused(403, code);
            problem["request_id"] = Value::Null;
            problem
        };
        assert_eq!(refusal(&tried).await, refusal(&path).await);
        owner.post(&service, &tried, json!({"nmae": 7})).await.refused(400, "unknown_field");
        for query in ["dry_run=1", "dry_run=", "dry_run=true&dry_run=true", "dryrun=true", "dry_run=true&x=1"] {
            let path = format!("{path}?{query}");
            owner.post(&service, &path, body.clone()).await.refused(400, "invalid_parameter");
            viewer.post(&service, &path, body.clone()).await.refused(403, "forbidden");
            stranger.post(&service, &path, body.clone()).await.refused(404, "not_found");
            let without_token = TestRequest::post().uri(&path).set_json(&body);
            service.send(without_token).await.refused(401, "unauthenticated");
        }
        viewer.post(&service, &tried, body.clone()).await.refused(403, "forbidden");
        stranger.post(&service, &tried, body.clone()).await.refused(404, "not_found");
    }
    let bare = service.account().await;
    for (collection, body, ..) in kinds() {
        let tried = format!("{bare}/{collection}?dry_run=true");
        service.post(&tried, body).await.refused(403, "subscription_required");
    }
}

#[actix_web::test]
async fn a_dry_run_stores_no_idempotency_key() {
    let service = start().await;
    let Tenant { account, owner, .. } = Tenant::open(&service).await;
    for (collection, body, ..) in kinds() {
        let path = format!("{account}/{collection}");
        let tried = format!("{path}?dry_run=true");
        let before = service.row_counts();
        for _ in 0..2 {
            let answer = post_with_key(&service, &owner, &tried, "k", &body).await;
            answer.expect(200);
            assert_eq!(answer.header("idempotency-replayed"), None);
        }
        post_with_key(&service, &owner, &tried, "a b", &body).await.refused(400, "invalid_parameter");
        assert_eq!(service.row_counts(), before);
        post_with_key(&service, &owner, &path, "k", &body).await.expect(201);
    }
}

#[actix_web::test]
async fn an_unsupported_dry_run_parameter_has_no_effect() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let writes = operations().into_iter().filter(|it| it.method != "GET" && !it.takes("dry_run"));
    let mut refused = 0;
    for operation in writes.filter(|it| !it.path.starts_with("/token")) {
        let path = format!("{}?dry_run=true", tenant.path(&operation));
        let token = tenant.token(&service, &operation);
        let before = service.commits();
        let request = tenant.request_at(&operation, &path, &tenant.owner).insert_header(bearer(token));
        let answer = service.send(request).await;
        if answer.status < 300 {
            // These operations write nothing anyway.
            assert!(["check", "preview_plan_change"].contains(&text(&operation.description["operationId"])), "{path}");
        } else {
            answer.refused(400, "invalid_parameter");
            refused += 1;
        }
        assert_eq!(service.commits(), before, "something was written: {path}");
    }
    assert!(refused > 20, "{refused}");
}
