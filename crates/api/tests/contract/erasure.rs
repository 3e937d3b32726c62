//! Erasure of accounts and users: gone at once, and nothing personal is left in the database.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use crate::document::operations;
use crate::house::{PASSWORD, Tenant, bearer, complete_erasures, person, start};
use crate::in_process::{Answer, Service, text};

async fn erase(service: &Service, path: &str) -> Answer {
    service.send(service.authorised(Method::POST, &format!("{path}/erase"))).await
}

#[actix_web::test]
async fn an_erased_account_is_gone_for_every_request_and_caller() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (_, key) = tenant.owner.api_key(&service, "admin", None).await;
    let erased = erase(&service, &tenant.account).await.expect(200);
    assert_eq!((&erased["id"], erased["counts"].is_null()), (&json!(tenant.id("account_id")), true));
    assert!(erased["erased_at"].is_string(), "{erased}");
    let mut asked = 0;
    for is_complete in [false, true] {
        if is_complete {
            complete_erasures(&service).await;
        }
        for operation in operations().iter().filter(|it| it.path.starts_with("/accounts/")) {
            for token in [&tenant.owner.login.token, &service.token, &key] {
                let answer = service.send(tenant.request(operation).insert_header(bearer(token))).await;
                assert_eq!(answer.status, 404, "{} {}: {}", operation.method, operation.path, answer.text());
                asked += 1;
            }
        }
        let listed = service.get("/accounts?include_deleted=true&limit=100").await.expect(200);
        let is_listed = |it: &serde_json::Value| it["id"] == erased["id"];
        assert!(!listed["data"].as_array().unwrap().iter().any(is_listed), "{listed}");
    }
    assert!(asked > 100, "{asked}");
    erase(&service, &tenant.account).await.refused(404, "not_found");
}

#[actix_web::test]
async fn an_erasure_leaves_the_other_accounts_and_counters() {
    let service = start().await;
    let (tenant, other) = (Tenant::open(&service).await, Tenant::open(&service).await);
    let before = service.row_counts();
    erase(&service, &tenant.account).await.expect(200);
    complete_erasures(&service).await;
    let after = service.row_counts();
    for table in ["accounts", "users", "staff_members", "usage_counters"] {
        assert_eq!(after[table], before[table], "{table}");
    }
    for table in ["bookings", "usage_records", "allocations", "holds", "grants", "members"] {
        assert_eq!(after[table] * 2, before[table], "{table}");
    }
    assert_eq!(after["audit_entries"], before["audit_entries"] + 1);
    for collection in ["staff", "bookings", "usage", "holds", "grants", "members", "audit"] {
        let listed = other.owner.get(&service, &format!("{}/{collection}", other.account)).await.expect(200);
        assert_ne!(listed["data"], json!([]), "{collection}");
    }
}

#[actix_web::test]
async fn a_repeated_erasure_gets_the_same_response() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let request = || {
        let request = service.authorised(Method::POST, &format!("{}/erase", tenant.account));
        request.insert_header(("idempotency-key", "once"))
    };
    let first = service.send(request()).await;
    let again = service.send(request()).await;
    assert_eq!((first.expect(200), again.header("idempotency-replayed")), (again.expect(200), Some("true")));
    let of_user = || {
        let request = service.authorised(Method::POST, &format!("/users/{}/erase", tenant.owner.name));
        request.insert_header(("idempotency-key", "another"))
    };
    let first = service.send(of_user()).await.expect(200);
    assert_eq!(service.send(of_user()).await.expect(200), first);
}

#[actix_web::test]
async fn a_dry_run_counts_what_would_be_erased() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let user = format!("/users/{}", tenant.owner.login.user);
    let before = service.commits();
    for (path, member, count) in [
        (&tenant.account, "bookings", 1),
        (&tenant.account, "staff_members", 1),
        (&tenant.account, "members", 2),
        (&tenant.account, "usage_records", 1),
        (&user, "members", 1),
        (&user, "api_keys", 1),
    ] {
        let request = service.authorised(Method::POST, &format!("{path}/erase?dry_run=true"));
        let answer = service.send(request).await;
        let would_be = answer.expect(200);
        assert_eq!((answer.header("dry-run"), would_be["erased_at"].is_null()), (Some("true"), true));
        assert_eq!(would_be["counts"][member], count, "{path} {member}: {would_be}");
    }
    assert!(service.commits() == before, "something was written");
    let missing = "/accounts/acct_00000000000000000000000000/erase?dry_run=true";
    service.send(service.authorised(Method::POST, missing)).await.refused(404, "not_found");
}

#[actix_web::test]
async fn an_erased_user_cannot_log_in_and_loses_every_credential() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let erased = &tenant.other_owner;
    let (_, key) = erased.api_key(&service, "admin", None).await;
    let answer = erase(&service, &format!("/users/{}", erased.name)).await.expect(200);
    assert_eq!(text(&answer["id"]), erased.login.user.to_string());
    for token in [&erased.login.token, &key] {
        let request = TestRequest::get().uri("/users/me").insert_header(bearer(token));
        service.send(request).await.refused(401, "invalid_token");
    }
    let log_in = json!({"username": erased.name, "password": PASSWORD});
    service.send(TestRequest::post().uri("/token").set_json(log_in)).await.refused(401, "invalid_credentials");
    let refresh = json!({"refresh_token": erased.refresh_token});
    service.send(TestRequest::post().uri("/token/refresh").set_json(refresh)).await.refused(401, "invalid_token");
    complete_erasures(&service).await;
    tenant.owner.get(&service, &tenant.account).await.expect(200);
    erase(&service, &format!("/users/{}", erased.login.user)).await.refused(404, "not_found");
}

#[actix_web::test]
async fn the_last_owner_and_the_last_operator_are_not_erased() {
    let service = start().await;
    let owner = person(&service).await;
    owner.post(&service, "/accounts", json!({"name": "My Salon"})).await.expect(201);
    let before = service.commits();
    let refused = erase(&service, &format!("/users/{}", owner.name)).await.refused(409, "conflict");
    assert!(text(&refused["detail"]).contains("The user is the only owner of acct_"), "{refused}");
    erase(&service, "/users/user").await.refused(409, "conflict");
    for path in ["/users/unknown", "/users/user_00000000000000000000000000", "/users/a%20b", "/accounts/acct_x"] {
        erase(&service, path).await.refused(404, "not_found");
    }
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn nothing_but_operators_erase() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let stranger = person(&service).await;
    let before = service.commits();
    for (path, hidden) in
        [(&tenant.account, (404, "not_found")), (&format!("/users/{}", tenant.owner.name), (403, "forbidden"))]
    {
        let path = format!("{path}/erase");
        service.send(TestRequest::post().uri(&path)).await.refused(401, "unauthenticated");
        let wrong = TestRequest::post().uri(&path).insert_header(bearer("hr_live_wrong"));
        service.send(wrong).await.refused(401, "invalid_token");
        for (who, (status, code)) in [(&tenant.owner, (403, "forbidden")), (&stranger, hidden)] {
            let request = TestRequest::post().uri(&path).insert_header(bearer(&who.login.token));
            service.send(request).await.refused(status, code);
        }
    }
    for query in ["?dry_run=perhaps", "?dryrun=true"] {
        let path = format!("{}/erase{query}", tenant.account);
        service.send(service.authorised(Method::POST, &path)).await.refused(400, "invalid_parameter");
    }
    assert!(service.commits() == before, "something was written");
}
