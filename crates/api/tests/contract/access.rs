//! Who may: every operation of the document, and every credential that is not a good one.

use actix_web::http::Method;
use actix_web::http::header::AUTHORIZATION;
use actix_web::test::TestRequest;
use api::auth::Tokens;
use api::clock::SystemClock;
use domain::Uuid;
use domain::ports::Clock;
use secrecy::SecretString;

use crate::document::{Operation, operations};
use crate::house::{Tenant, start};
use crate::in_process::{SECRET, Service};

/// What is in `Authorization`, the code it is refused with, and the error that the challenge names.
type Credential = (Option<String>, &'static str, Option<&'static str>);

/// One of each kind that is not good.
fn bad_credentials(service: &Service) -> Vec<Credential> {
    let (unsigned, _) = service.token.rsplit_once('.').expect("a token ends in its signature");
    let now = SystemClock.now().as_second();
    let hour_ago = domain::Timestamp::from_second(now - 3600).expect("an hour ago is an instant");
    let issue = |secret: &str, lifetime_seconds, at| {
        let tokens = Tokens::new(&SecretString::from(secret), None, lifetime_seconds);
        tokens.and_then(|tokens| tokens.issue("user", Uuid::nil(), at)).expect("a token can be made")
    };
    // The same token with `"alg":"none" ` for `"alg":"HS256"`, and without a signature.
    let alg_none = unsigned.replacen("OiJIUzI1NiIs", "OiJub25lIiAs", 1);
    assert_ne!(alg_none, unsigned, "the header of a token looks different now");
    let expired = issue(SECRET, 60, hour_ago);
    let (_, other_signature) = expired.rsplit_once('.').expect("a token ends in its signature");
    let bearer = |token: &str| Some(format!("Bearer {token}"));
    let invalid = Some("invalid_token");
    vec![
        (None, "unauthenticated", None),
        (Some("Basic dXNlcjp1c2Vy".into()), "unauthenticated", None),
        (bearer("garbage"), "invalid_token", invalid),
        (bearer(&expired), "token_expired", invalid),
        (bearer(&issue("another secret, also of 256 bits or more", 60, SystemClock.now())), "invalid_token", invalid),
        (bearer(&format!("{unsigned}.{other_signature}")), "invalid_token", invalid),
        (bearer(&format!("{alg_none}.")), "invalid_token", invalid),
    ]
}

/// An operation at this tenant's, asked for with these credentials.
fn request(tenant: &Tenant, operation: &Operation, credential: Option<&str>) -> TestRequest {
    let request = tenant.request(operation);
    match credential {
        Some(credential) => request.insert_header((AUTHORIZATION, credential)),
        None => request,
    }
}

#[actix_web::test]
async fn an_operation_that_needs_a_token_refuses_everything_else_and_writes_nothing() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.on_disk();
    for operation in operations().iter().filter(|operation| operation.is_secured()) {
        for (credential, code, error) in bad_credentials(&service) {
            let context = format!("{} {} {credential:?}", operation.method, operation.path);
            let answer = service.send(request(&tenant, operation, credential.as_deref())).await;
            assert_eq!((answer.status, answer.json()["code"].as_str()), (401, Some(code)), "{context}");
            let challenge = answer.header("www-authenticate").unwrap_or_default();
            assert!(challenge.starts_with("Bearer realm=\"headroom\""), "{context}: {challenge}");
            let named = challenge.split_once("error=\"").and_then(|(_, rest)| rest.split('"').next());
            assert_eq!(named, error, "{context}: {challenge}");
        }
    }
    assert!(service.on_disk() == before, "something was written");
    service.account().await;
    assert!(service.on_disk() != before, "what is written can be seen");
}

#[actix_web::test]
async fn every_operation_answers_its_example_with_its_token_or_without_one_where_none_is_needed() {
    let service = start().await;
    for operation in operations() {
        let tenant = Tenant::open(&service).await;
        let token = format!("bearer {}", service.token);
        let credential = operation.is_secured().then_some(token.as_str());
        let answer = service.send(request(&tenant, &operation, credential)).await;
        let context = format!("{} {}: {}", operation.method, operation.path, answer.text());
        assert!((200..300).contains(&answer.status), "{context}");
    }
}

#[actix_web::test]
async fn an_operation_needs_a_token_unless_it_is_on_the_short_list() {
    let open: Vec<_> = operations().iter().filter(|it| !it.is_secured()).map(|it| it.path).collect();
    assert_eq!(open, ["/health", "/plans", "/token"]);
}

#[actix_web::test]
async fn while_the_store_is_away_every_operation_that_needs_it_says_so() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    service.state.store.close();
    for operation in operations().iter().filter(|operation| operation.is_secured()) {
        let token = format!("Bearer {}", service.token);
        let answer = service.send(request(&tenant, operation, Some(&token))).await;
        answer.refused(503, "unavailable");
        assert_eq!(answer.header("retry-after"), Some("1"));
    }
    service.send(TestRequest::with_uri("/health").method(Method::GET)).await.refused(503, "unavailable");
    service.send(TestRequest::with_uri("/plans").method(Method::GET)).await.expect(200);
}
