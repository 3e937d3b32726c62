//! Content negotiation: `Accept`, encodings, and the size and number of headers.

use actix_web::http::header::{ACCEPT, AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE};
use actix_web::test::TestRequest;
use actix_web::web::Bytes;

use crate::document::operations;
use crate::house::{Tenant, bearer, start};

#[actix_web::test]
async fn requests_that_do_not_accept_json_are_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.commits();
    let bearer = bearer(&tenant.owner.login.token);
    for operation in operations() {
        for accept in ["text/html", "application/xml, text/plain", "application/json;q=0", "image/*"] {
            let request = tenant.request(&operation).insert_header(bearer.clone());
            service.send(request.insert_header((ACCEPT, accept))).await.refused(406, "not_acceptable");
        }
    }
    assert!(service.commits() == before, "something was written");
}

#[actix_web::test]
async fn every_accept_header_that_covers_json_is_served() {
    let service = start().await;
    for accept in ["*/*", "application/json", "application/problem+json", "application/*", "text/html,*/*;q=0.8"] {
        for operation in operations() {
            let tenant = Tenant::open(&service).await;
            let request = tenant.request(&operation).insert_header(bearer(tenant.token(&service, &operation)));
            let answer = service.send(request.insert_header((ACCEPT, accept))).await;
            let context = format!("{} {} {accept}: {}", operation.method, operation.path, answer.text());
            assert!((200..300).contains(&answer.status), "{context}");
        }
    }
}

#[actix_web::test]
async fn pages_are_served_for_the_accept_header_of_browsers() {
    let service = start().await;
    for (path, status) in [("/", 302), ("/docs", 302), ("/docs/", 200), ("/docs/errors", 200), ("/console", 302)] {
        for accept in ["text/html", "text/html,application/xhtml+xml,application/xml;q=0.9", "*/*"] {
            let answer = service.send(TestRequest::get().uri(path).insert_header((ACCEPT, accept))).await;
            assert_eq!(answer.status, status, "{path} {accept}");
        }
    }
}

#[actix_web::test]
async fn a_compressed_body_is_refused_before_it_is_read() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.commits();
    for operation in operations() {
        for encoding in ["gzip", "deflate", "br", "zstd", "identity, gzip", "nonsense"] {
            let token = bearer(tenant.token(&service, &operation));
            let request = tenant.request(&operation).insert_header(token).insert_header((CONTENT_ENCODING, encoding));
            // Larger than a body may be, and not gzip: neither is detected.
            let answer = service.send(request.set_payload(Bytes::from(vec![b'a'; 20_000]))).await;
            answer.refused(415, "unsupported_media_type");
            assert_eq!(answer.header("accept-encoding"), Some("identity"), "{}", operation.path);
        }
    }
    assert!(service.commits() == before, "something was written");
    let plain = tenant.request(&operations()[0]).insert_header((CONTENT_ENCODING, "identity"));
    assert_ne!(service.send(plain).await.status, 415);
}

#[actix_web::test]
async fn conflicting_values_of_a_single_header_are_refused() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.commits();
    for operation in operations() {
        let token = format!("Bearer {}", tenant.token(&service, &operation));
        for (name, values) in [
            (AUTHORIZATION, [token.as_str(), "Bearer another"]),
            (AUTHORIZATION, ["Basic dXNlcjp1c2Vy", token.as_str()]),
            (CONTENT_TYPE, ["application/json", "application/x-www-form-urlencoded"]),
            (CONTENT_TYPE, ["text/plain", "application/json"]),
        ] {
            let mut request = tenant.request(&operation);
            request = if name == AUTHORIZATION { request } else { request.insert_header((AUTHORIZATION, &*token)) };
            request = request.insert_header((name.clone(), values[0])).append_header((name, values[1]));
            service.send(request).await.refused(400, "invalid_parameter");
        }
    }
    assert!(service.commits() == before, "something was written");
    let token = bearer(&tenant.owner.login.token);
    let twice = TestRequest::get().uri("/users/me").insert_header(token.clone()).append_header(token);
    service.send(twice).await.expect(200);
}

#[actix_web::test]
async fn headers_are_limited_to_32_kib() {
    let service = start().await;
    let tenant = Tenant::open(&service).await;
    let before = service.commits();
    for operation in operations() {
        let request = tenant.request(&operation).insert_header(("x-filling", "a".repeat(32 * 1024)));
        service.send(request).await.refused(431, "headers_too_large");
        let request = tenant.request(&operation);
        let many = (0..33).fold(request, |it, n| it.insert_header((format!("x-filling-{n}"), "a".repeat(1024))));
        service.send(many).await.refused(431, "headers_too_large");
    }
    assert!(service.commits() == before, "something was written");
    let below = TestRequest::get().uri("/health").insert_header(("x-filling", "a".repeat(31 * 1024)));
    service.send(below).await.expect(200);
}
