//! What the caller takes, and how much of a header the service takes.

use actix_web::http::header::ACCEPT;
use actix_web::test::TestRequest;

use crate::document::operations;
use crate::house::{Tenant, bearer, start};

#[actix_web::test]
async fn whoever_does_not_take_json_is_told_so_and_nothing_is_written() {
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
async fn whoever_takes_json_in_any_words_gets_it() {
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
async fn a_page_for_people_takes_their_browsers_word() {
    let service = start().await;
    for (path, status) in [("/", 302), ("/docs", 302), ("/docs/", 200), ("/docs/errors", 200)] {
        for accept in ["text/html", "text/html,application/xhtml+xml,application/xml;q=0.9", "*/*"] {
            let answer = service.send(TestRequest::get().uri(path).insert_header((ACCEPT, accept))).await;
            assert_eq!(answer.status, status, "{path} {accept}");
        }
    }
}

#[actix_web::test]
async fn headers_may_have_32_kib_and_no_more() {
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
