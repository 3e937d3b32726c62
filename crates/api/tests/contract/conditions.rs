//! `If-Match` and `If-None-Match`: every operation supports a condition or refuses it.
//!
//! The document says which operation supports which; the table here repeats it.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use serde_json::json;

use crate::document::{Operation, operations};
use crate::house::{Tenant, bearer, person, start};
use crate::in_process::{Answer, Service, text};

/// The operations that support `If-Match`, and the tenant's resource that each is about.
const WITH_IF_MATCH: [(&str, &str); 34] = [
    ("cancel_scheduled_change", "{account}/subscription"),
    ("change_account", "{account}"),
    ("change_booking", "{account}/bookings/{booking}"),
    ("change_me", "/users/me"),
    ("change_staff_member", "{account}/staff/{staff}"),
    ("confirm_hold", "{account}/holds/{hold}"),
    ("delete_me", "/users/me"),
    ("extend_hold", "{account}/holds/{hold}"),
    ("find_account", "{account}"),
    ("find_api_key", "/api-keys/{api_key}"),
    ("find_booking", "{account}/bookings/{booking}"),
    ("find_grant", "{account}/grants/{grant}"),
    ("find_hold", "{account}/holds/{hold}"),
    ("find_me", "/users/me"),
    ("find_member", "{account}/members/{user}"),
    ("find_staff_member", "{account}/staff/{staff}"),
    ("find_subscription", "{account}/subscription"),
    ("list_entitlements", "{account}/entitlements"),
    ("put_member", "{account}/members/{user}"),
    ("put_override", ""),
    ("release_hold", "{account}/holds/{hold}"),
    ("remove_account", "{account}"),
    ("remove_booking", "{account}/bookings/{booking}"),
    ("remove_grant", "{account}/grants/{grant}"),
    ("remove_member", "{account}/members/{user}"),
    ("remove_override", ""),
    ("remove_staff_member", "{account}/staff/{staff}"),
    ("restore_account", "{account}"),
    ("restore_booking", "{account}/bookings/{booking}"),
    ("restore_staff_member", "{account}/staff/{staff}"),
    ("revoke_api_key", "/api-keys/{api_key}"),
    ("subscribe", "{account}/subscription"),
    ("transfer_account", "{account}/members/{user}"),
    ("unsubscribe", "{account}/subscription"),
];

fn id(operation: &Operation) -> &'static str {
    text(&operation.description["operationId"])
}

/// Sends an operation of a tenant with a header.
async fn send(service: &Service, tenant: &Tenant, operation: &Operation, name: &'static str, value: &str) -> Answer {
    let request = tenant.request(operation).insert_header((name, value));
    let request =
        if operation.is_secured() { request.insert_header(bearer(tenant.token(service, operation))) } else { request };
    service.send(request).await
}

/// The version of the resource that an operation is about.
async fn version(service: &Service, tenant: &Tenant, operation: &Operation) -> String {
    let (_, about) = WITH_IF_MATCH.into_iter().find(|(name, _)| *name == id(operation)).expect("it supports If-Match");
    let answer = if about.is_empty() {
        // An override has no GET: setting it returns its version.
        let given = TestRequest::put().uri(&tenant.path(operation)).insert_header(bearer(&service.token));
        service.send(given.set_json(json!({"limit": 7, "reason": "a test"}))).await
    } else {
        let path = about.replace("{account}", &tenant.account).replace("{staff}", &tenant.staff);
        let path = path
            .replace("{booking}", &tenant.booking)
            .replace("{api_key}", &tenant.api_key)
            .replace("{hold}", &tenant.hold)
            .replace("{grant}", &tenant.grant);
        tenant.owner.get(service, &path.replace("{user}", &tenant.id("user_id"))).await
    };
    answer.expect(200);
    answer
        .header("etag")
        .unwrap_or_else(|| panic!("{} is about a resource without a version", id(operation)))
        .to_owned()
}

#[test]
fn the_document_lists_if_match_where_it_is_supported() {
    let mut documented: Vec<_> = operations().iter().filter(|it| it.takes("If-Match")).map(id).collect();
    documented.sort_unstable();
    assert_eq!(documented, WITH_IF_MATCH.map(|(name, _)| name));
}

#[actix_web::test]
async fn no_operation_ignores_if_match() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    for operation in operations().iter().filter(|it| id(it) == "put_override") {
        version(&service, &tenant, operation).await;
    }
    let before = service.commits();
    for operation in operations() {
        let answer = send(&service, &tenant, &operation, "if-match", "\"another\"").await;
        let (status, code) =
            if operation.takes("If-Match") { (412, "precondition_failed") } else { (400, "invalid_parameter") };
        assert_eq!(answer.status, status, "{}: {}", id(&operation), answer.text());
        answer.refused(status, code);
    }
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn if_match_permits_only_the_current_version() {
    let service = start().await;
    for operation in operations().iter().filter(|it| it.takes("If-Match")) {
        for other in ["\"another\", ", ""] {
            let tenant = Tenant::open(&service).await;
            let version = version(&service, &tenant, operation).await;
            let answer = send(&service, &tenant, operation, "if-match", &format!("{other}{version}")).await;
            assert!((200..300).contains(&answer.status), "{}: {}", id(operation), answer.text());
        }
        let tenant = Tenant::open(&service).await;
        let weak = format!("W/{}", version(&service, &tenant, operation).await);
        let answer = send(&service, &tenant, operation, "if-match", &weak).await;
        answer.refused(412, "precondition_failed");
        let answer = send(&service, &tenant, operation, "if-match", "*").await;
        assert!((200..300).contains(&answer.status), "{}: {}", id(operation), answer.text());
    }
}

/// Every resource whose version a response shows supports `If-Match`, unless it is new.
#[actix_web::test]
async fn responses_with_an_etag_belong_to_operations_with_if_match() {
    let service = start().await;
    for operation in operations() {
        let tenant = Tenant::open(&service).await;
        let request = tenant.request(&operation).insert_header(bearer(tenant.token(&service, &operation)));
        let answer = service.send(request).await;
        let has_version = answer.header("etag").is_some() && answer.status == 200;
        assert!(!has_version || operation.takes("If-Match"), "{}", id(&operation));
        let shows = operation.takes("If-Match") && answer.status == 200;
        assert!(!shows || has_version, "{} shows no version", id(&operation));
    }
}

#[actix_web::test]
async fn if_none_match_returns_304_for_a_known_version() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let mut count = 0;
    for operation in operations().iter().filter(|it| it.takes("If-None-Match")) {
        let path = tenant.path(operation);
        let seen = tenant.owner.get(&service, &path).await;
        seen.expect(200);
        let version = seen.header("etag").expect("it has a version").to_owned();
        for known in [version.clone(), format!("W/{version}"), format!("\"another\", {version}"), "*".to_owned()] {
            for method in [Method::GET, Method::HEAD] {
                let request = TestRequest::with_uri(&path).method(method).insert_header(("if-none-match", &*known));
                let answer = service.send(request.insert_header(bearer(&tenant.owner.login.token))).await;
                assert_eq!((answer.status, answer.body.len()), (304, 0), "{path} {known}");
                assert_eq!(answer.header("etag"), Some(&*version), "{path}");
            }
        }
        let answer = send(&service, &tenant, operation, "if-none-match", "\"another\"").await;
        assert_eq!((answer.expect(200), answer.header("etag")), (seen.json(), Some(&*version)));
        count += 1;
    }
    assert_eq!(count, 10, "every resource with a GET");
}

#[actix_web::test]
async fn if_none_match_is_refused_on_writes() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.commits();
    for operation in operations().iter().filter(|it| it.method != "GET") {
        for value in ["*", "\"another\""] {
            let answer = send(&service, &tenant, operation, "if-none-match", value).await;
            answer.refused(400, "invalid_parameter");
        }
    }
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn if_match_on_a_missing_resource_fails_except_for_deletion() {
    let service = start().await;
    let (tenant, new) = (Tenant::open(&service).await, person(&service).await);
    let account = service.account().await;
    let member = format!("{}/members/{}", tenant.account, new.name);
    let override_path = format!("{}/overrides/staff", tenant.account);
    for tag in ["*", "\"another\""] {
        for (method, path, body) in [
            (Method::PUT, &member, json!({"role": "viewer"})),
            (Method::PUT, &override_path, json!({"limit": 7, "reason": "a test"})),
            (Method::POST, &format!("{account}/subscribe"), json!({"plan": "basic"})),
            (Method::POST, &format!("{account}/subscribe?dry_run=true"), json!({"plan": "basic"})),
            (Method::POST, &format!("{account}/unsubscribe"), json!({})),
        ] {
            let request = service.authorised(method, path).insert_header(("if-match", tag)).set_json(body);
            service.send(request).await.refused(412, "precondition_failed");
        }
        // A deletion of a missing resource has nothing to do.
        for path in [&member, &override_path, &format!("{account}/subscription/scheduled-change")] {
            let request = service.authorised(Method::DELETE, path).insert_header(("if-match", tag));
            assert_eq!(service.send(request).await.status, 204, "{path}");
        }
    }
}

#[actix_web::test]
async fn permission_is_checked_before_conditions() {
    let service = start().await;
    let (tenant, stranger) = (Tenant::open(&service).await, person(&service).await);
    for operation in operations().iter().filter(|it| it.path.starts_with("/accounts/{account_id}")) {
        for (name, value) in [("if-match", "\"another\""), ("if-match", "*"), ("if-none-match", "*")] {
            let request = tenant.request(operation).insert_header((name, value));
            service.send(request).await.refused(401, "unauthenticated");
            let request = tenant.request(operation).insert_header((name, value));
            let answer = service.send(request.insert_header(bearer(&stranger.login.token))).await;
            answer.refused(404, "not_found");
        }
    }
}
