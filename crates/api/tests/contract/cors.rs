//! CORS: only listed origins get its headers.

use actix_web::http::Method;
use actix_web::test::TestRequest;
use api::RequestPolicySettings;
use serde_json::json;

use crate::house::{start, start_behind};
use crate::in_process::{Answer, Service};

const LISTED: &str = "https://app.example.com";
const UNLISTED: [&str; 5] =
    ["https://evil.example.com", "http://app.example.com", "https://app.example.com:8443", "null", "*"];

async fn behind_origins() -> Service {
    let cors_origins = format!("http://localhost:5173,{LISTED}").parse().expect("the origins are valid");
    start_behind(&RequestPolicySettings { cors_origins, ..RequestPolicySettings::default() }).await
}

fn preflight(path: &str, origin: &str) -> TestRequest {
    let request = TestRequest::with_uri(path).method(Method::OPTIONS).insert_header(("origin", origin));
    request.insert_header(("access-control-request-method", "POST"))
}

fn has_cors_headers(answer: &Answer) -> bool {
    answer.headers.keys().any(|name| name.as_str().starts_with("access-control-"))
}

#[actix_web::test]
async fn a_preflight_lists_the_allowed_methods_and_headers() {
    let service = behind_origins().await;
    for path in ["/accounts", "/accounts/acct_x/bookings", "/token", "/health", "/nothing"] {
        let answer = service.send(preflight(path, LISTED)).await;
        assert_eq!((answer.status, answer.body.len()), (204, 0), "{path}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(LISTED));
        assert_eq!(answer.header("access-control-max-age"), Some("3600"));
        assert_eq!(answer.header("access-control-allow-credentials"), None, "a token is no cookie");
        assert!(answer.header("vary").is_some_and(|vary| vary.contains("Origin")));
        let allowed = |name| answer.header(name).unwrap_or_default().split(", ").collect::<Vec<_>>();
        assert!(allowed("access-control-allow-methods").contains(&"POST"));
        for name in [
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "X-Request-Id",
            "traceparent",
            "baggage",
            "sentry-trace",
        ] {
            assert!(allowed("access-control-allow-headers").contains(&name), "{name}");
        }
    }
}

#[actix_web::test]
async fn a_listed_origin_may_read_every_response() {
    let service = behind_origins().await;
    let open = service.authorised(Method::POST, "/accounts").set_json(json!({"name": "My Salon"}));
    let missing = TestRequest::get().uri("/accounts/x");
    let unacceptable = TestRequest::get().uri("/plans").insert_header(("accept", "text/html"));
    for (request, status) in [(open, 201), (missing, 401), (unacceptable, 406), (TestRequest::get().uri("/docs/"), 200)]
    {
        let answer = service.send(request.insert_header(("origin", LISTED))).await;
        assert_eq!(answer.status, status, "{answer:?}");
        assert_eq!(answer.header("access-control-allow-origin"), Some(LISTED));
        let exposed = answer.header("access-control-expose-headers").unwrap_or_default();
        for name in [
            "X-Request-Id",
            "RateLimit",
            "RateLimit-Policy",
            "Retry-After",
            "Location",
            "Link",
            "ETag",
            "Idempotency-Replayed",
        ] {
            assert!(exposed.split(", ").any(|it| it == name), "{name}");
        }
    }
}

#[actix_web::test]
async fn an_unlisted_origin_gets_no_cors_headers() {
    let service = behind_origins().await;
    for origin in UNLISTED {
        let answer = service.send(preflight("/accounts", origin)).await;
        answer.refused(405, "method_not_allowed");
        assert!(!has_cors_headers(&answer), "{origin}: {answer:?}");
        let answer = service.send(TestRequest::get().uri("/plans").insert_header(("origin", origin))).await;
        assert!(answer.status == 200 && !has_cors_headers(&answer), "{origin}: {answer:?}");
        assert_eq!(answer.header("vary"), Some("Origin"), "caches distinguish origins");
    }
    let answer = service.send(TestRequest::get().uri("/plans")).await;
    assert!(!has_cors_headers(&answer));
}

#[actix_web::test]
async fn without_listed_origins_no_response_has_cors_headers() {
    let service = start().await;
    for origin in UNLISTED.into_iter().chain([LISTED]) {
        let answer = service.send(preflight("/accounts", origin)).await;
        answer.refused(405, "method_not_allowed");
        assert!(!has_cors_headers(&answer));
        let answer = service.send(TestRequest::get().uri("/plans").insert_header(("origin", origin))).await;
        assert!(!has_cors_headers(&answer) && answer.header("vary").is_none());
    }
}
