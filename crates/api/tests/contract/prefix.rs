//! Behind a proxy with a path prefix: clients can follow every path in a response.

use std::net::SocketAddr;

use actix_web::http::Method;
use actix_web::test::TestRequest;
use api::RequestPolicySettings;
use serde_json::{Value, json};

use crate::in_process::{Answer, Service, text};

const PROXY: &str = "10.0.0.1";
const STRANGER: &str = "192.0.2.7";

/// A service, the prefix header of its proxy, and the prefix in its responses.
async fn cases() -> Vec<(Service, Option<&'static str>, &'static str)> {
    let url = |text: &str| text.parse().expect("it is a URL");
    let mut cases = Vec::new();
    for (public_url, forwarded, base) in [
        (None, None, ""),
        (None, Some("/api"), "/api"),
        (None, Some("/a/b/"), "/a/b"),
        (None, Some("//evil.example"), ""),
        (Some("https://example.com/api/"), None, "https://example.com/api"),
        (Some("https://example.com"), Some("/ignored"), "https://example.com"),
    ] {
        let trusted_proxies = "10.0.0.0/8".parse().expect("the proxies are valid");
        let network = RequestPolicySettings {
            trusted_proxies,
            public_url: public_url.map(url),
            ..RequestPolicySettings::default()
        };
        cases.push((Service::start_behind(&network, |_, _| ()).await, forwarded, base));
    }
    cases
}

async fn ask(service: &Service, forwarded: Option<&str>, peer: &str, request: TestRequest) -> Answer {
    let request = forwarded.iter().fold(request, |it, prefix| it.insert_header(("x-forwarded-prefix", *prefix)));
    service.send(request.peer_addr(SocketAddr::new(peer.parse().expect("an address"), 4711))).await
}

#[actix_web::test]
async fn location_link_and_type_begin_with_the_public_prefix() {
    for (service, forwarded, base) in cases().await {
        let mut accounts = Vec::new();
        for _ in 0..2 {
            let open = service.authorised(Method::POST, "/accounts").set_json(json!({"name": "My Salon"}));
            let open = open.insert_header(("idempotency-key", format!("key {}", accounts.len()).replace(' ', "-")));
            let opened = ask(&service, forwarded, PROXY, open).await;
            let path = format!("{base}/accounts/{}", text(&opened.expect(201)["id"]));
            assert_eq!(opened.header("location"), Some(&*path));
            accounts.push(path);
        }
        let page = service.authorised(Method::GET, "/accounts?limit=1");
        let page = ask(&service, forwarded, PROXY, page).await;
        let next = format!("<{base}/accounts?limit=1&cursor={}>; rel=\"next\"", text(&page.expect(200)["next_cursor"]));
        assert_eq!(page.header("link"), Some(&*next));
        for path in ["/nothing", "/accounts/x", "/health/"] {
            let refused = ask(&service, forwarded, PROXY, TestRequest::get().uri(path)).await;
            let problem = refused.json();
            assert_eq!(problem["type"], format!("{base}/docs/errors#{}", text(&problem["code"])));
        }
    }
}

#[actix_web::test]
async fn a_replayed_response_uses_the_prefix_of_its_request() {
    let (service, ..) = cases().await.swap_remove(0);
    let open = || {
        let open = service.authorised(Method::POST, "/accounts").set_json(json!({"name": "My Salon"}));
        open.insert_header(("idempotency-key", "a-key"))
    };
    let first = ask(&service, Some("/api"), PROXY, open()).await;
    let path = format!("/accounts/{}", text(&first.expect(201)["id"]));
    assert_eq!(first.header("location"), Some(&*format!("/api{path}")));
    let again = ask(&service, None, PROXY, open()).await;
    assert_eq!((again.status, again.header("location")), (201, Some(&*path)));
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
}

#[actix_web::test]
async fn the_document_names_the_public_server() {
    for (service, forwarded, base) in cases().await {
        let document = ask(&service, forwarded, PROXY, TestRequest::get().uri("/openapi.json")).await.expect(200);
        let token_url = document.pointer("/components/securitySchemes/password/flows/password/tokenUrl");
        assert_eq!(token_url, Some(&Value::from(format!("{base}/token"))));
        if !base.is_empty() {
            assert_eq!(document["servers"][0]["url"], base);
        }
    }
}

#[actix_web::test]
async fn a_prefix_from_an_untrusted_peer_is_ignored() {
    let (service, ..) = cases().await.swap_remove(0);
    let refused = ask(&service, Some("/evil"), STRANGER, TestRequest::get().uri("/nothing")).await;
    assert_eq!(refused.refused(404, "not_found")["type"], "/docs/errors#not_found");
}
