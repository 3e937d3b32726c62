//! Headers that depend on the request. `house` checks what holds for every response.

use actix_web::test::TestRequest;

use crate::document::operations;
use crate::house::start;
use crate::in_process::{Answer, Service};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

/// The same request with other headers: one succeeds, one is refused, one redirects.
async fn ask(service: &Service, headers: &[(&'static str, &str)]) -> Vec<Answer> {
    let mut answers = Vec::new();
    for path in ["/health", "/accounts/x", "/nothing", "/docs/", "/"] {
        let request = TestRequest::get().uri(path);
        let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
        answers.push(service.send(request).await);
    }
    answers
}

#[actix_web::test]
async fn a_valid_request_id_is_returned_and_an_invalid_one_replaced() {
    let service = start().await;
    let longest = "a".repeat(128);
    for valid in ["order-7.retry:1", "a", "0195b1e0-c5f2-7a4e_8a3f", &longest] {
        for answer in ask(&service, &[("x-request-id", valid)]).await {
            assert_eq!(answer.header("x-request-id"), Some(valid));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    let too_long = "a".repeat(129);
    for odd in ["", "a b", "a\"b", "<b>", "a\tb", "a;b", "{}", &too_long] {
        for answer in ask(&service, &[("x-request-id", odd)]).await {
            let ours = answer.header("x-request-id").unwrap_or_default().to_owned();
            assert!(ours.len() == 32 && ours.bytes().all(|byte| byte.is_ascii_hexdigit()), "{odd:?}: {ours}");
            assert!(seen.insert(ours), "two requests with one id");
        }
    }
}

#[actix_web::test]
async fn the_trace_id_is_the_default_request_id() {
    let service = start().await;
    let traceparent = format!("00-{TRACE}-00f067aa0ba902b7-01");
    for answer in ask(&service, &[("traceparent", &traceparent)]).await {
        assert_eq!(answer.header("x-request-id"), Some(TRACE));
    }
    for answer in ask(&service, &[("traceparent", &traceparent), ("x-request-id", "mine")]).await {
        assert_eq!(answer.header("x-request-id"), Some("mine"));
    }
    for answer in ask(&service, &[("traceparent", &traceparent), ("x-request-id", "not valid")]).await {
        assert_eq!(answer.header("x-request-id"), Some(TRACE));
    }
    for broken in [format!("ff-{TRACE}-00f067aa0ba902b7-01"), TRACE.to_owned(), "00-x-y-01".to_owned(), String::new()] {
        for answer in ask(&service, &[("traceparent", &broken)]).await {
            assert_ne!(answer.header("x-request-id"), Some(TRACE), "{broken}");
        }
    }
}

#[actix_web::test]
async fn only_public_responses_may_be_cached() {
    let service = start().await;
    let public = operations().into_iter().filter(|operation| !operation.is_secured() && operation.method == "GET");
    for path in
        public.map(|operation| operation.path).chain(["/openapi.json", "/docs/errors", "/docs/API.md", "/llms.txt"])
    {
        let answer = service.get(path).await;
        let expected = if path == "/.well-known/jwks.json" { "public, max-age=60" } else { "no-store" };
        assert_eq!(answer.header("cache-control"), Some(expected), "{path}");
    }
    let plans = service.send(TestRequest::get().uri("/plans")).await;
    assert_eq!(plans.header("cache-control"), None);
}
