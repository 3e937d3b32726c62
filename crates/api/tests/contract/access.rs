//! Authentication: every operation of the document, with every kind of bad credential.

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;

use crate::credentials::bad_credentials;
use crate::document::operations;
use crate::house::{Tenant, bearer, start};

#[actix_web::test]
async fn secured_operations_refuse_bad_credentials_and_write_nothing() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let bad_credentials = bad_credentials(&service, &tenant).await;
    let before = service.commits();
    for operation in operations().iter().filter(|operation| operation.is_secured()) {
        for (name, credential, code, error) in &bad_credentials {
            let context = format!("{} {}: {name}", operation.method, operation.path);
            let request = tenant.request(operation);
            let answer = match credential {
                Some(credential) => service.send(request.insert_header((AUTHORIZATION, credential.as_str()))).await,
                None => service.send(request).await,
            };
            assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some(*code)), "{context}");
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            assert!(challenge.starts_with("Bearer realm=\"headroom\""), "{context}: {challenge}");
            let named = challenge.split_once("error=\"").and_then(|(_, rest)| rest.split('"').next());
            assert_eq!(named, *error, "{context}: {challenge}");
        }
    }
    assert!(service.commits() == before, "something was written");
    service.account().await;
    assert!(service.commits() != before, "no write was observed");
}

#[actix_web::test]
async fn forbidden_responses_challenge_for_another_token() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let (_, key) = tenant.owner.api_key(&service, "read", None).await;
    for operation in operations().iter().filter(|it| it.is_secured() && it.method != "GET") {
        let answer = service.send(tenant.request(operation).insert_header(bearer(&key))).await;
        let asks_only = ["/preview", "/check"].iter().any(|end| operation.path.ends_with(end));
        if asks_only {
            continue;
        }
        answer.refused(403, "forbidden");
        let challenge = answer.header("www-authenticate").unwrap_or_default();
        assert!(challenge.starts_with("Bearer realm=\"headroom\", error=\"insufficient_scope\", "), "{challenge}");
    }
    let account = service.account().await;
    let refused = service.post(&format!("{account}/staff"), serde_json::json!({"name": "Ann"})).await;
    refused.refused(403, "subscription_required");
    assert_eq!(refused.header("www-authenticate"), None, "no token would help");
}

#[actix_web::test]
async fn public_operations_ignore_tokens() {
    let service = start().await;
    for operation in operations().iter().filter(|operation| !operation.is_secured()) {
        let tenant = Tenant::open(&service).await;
        let answer = service.send(tenant.request(operation).insert_header(bearer("garbage"))).await;
        assert!((200..300).contains(&answer.status), "{} {}: {}", operation.method, operation.path, answer.text());
    }
}

#[actix_web::test]
async fn every_operation_accepts_its_example_request() {
    let service = start().await;
    for operation in operations() {
        let tenant = Tenant::open(&service).await;
        let token = format!("bearer {}", tenant.token(&service, &operation));
        let request = tenant.request(&operation);
        let request = if operation.is_secured() { request.insert_header((AUTHORIZATION, token)) } else { request };
        let answer = service.send(request).await;
        let context = format!("{} {}: {}", operation.method, operation.path, answer.text());
        assert!((200..300).contains(&answer.status), "{context}");
    }
}

#[actix_web::test]
async fn only_listed_operations_are_public() {
    let open: Vec<_> = operations().iter().filter(|it| !it.is_secured()).map(|it| it.path).collect();
    assert_eq!(
        open,
        [
            "/.well-known/jwks.json",
            "/health",
            "/plans",
            "/readyz",
            "/token",
            "/token/refresh",
            "/token/revoke",
            "/users"
        ]
    );
}

#[actix_web::test]
async fn operations_are_unavailable_while_the_store_is_down() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    service.state.store.close();
    for operation in operations().iter().filter(|operation| operation.is_secured()) {
        let answer = service.send(tenant.request(operation).insert_header(bearer(&tenant.owner.login.token))).await;
        answer.refused(503, "unavailable");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    for probe in ["/health", "/readyz"] {
        let answer = service.send(TestRequest::with_uri(probe).method(Method::GET)).await;
        answer.refused(503, "unavailable");
        assert_eq!(answer.header("retry-after"), Some("1"), "{probe}");
    }
    service.send(TestRequest::with_uri("/plans").method(Method::GET)).await.expect(200);
}
