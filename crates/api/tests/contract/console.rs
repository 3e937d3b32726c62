//! The console: complete, loaded from this server alone, and off if the configuration says so.

use actix_web::http::Method;
use actix_web::http::header::{ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, IF_NONE_MATCH};
use actix_web::test::TestRequest;

use crate::house::{start, start_without_console, start_without_docs};
use crate::in_process::{Answer, Service};

/// The path of every file, and the page by its short path.
fn paths() -> Vec<String> {
    let files = console::files().map(|file| format!("/console/{}", file.path()));
    let paths: Vec<String> = files.chain(["/console/".to_owned()]).collect();
    assert!(paths.len() >= 5, "{paths:?}");
    paths
}

async fn file(service: &Service, path: &str) -> Answer {
    let answer = service.send(TestRequest::get().uri(path)).await;
    assert_eq!(answer.status, 200, "{path}");
    answer
}

#[actix_web::test]
async fn every_file_is_served_with_its_type_and_content() {
    let service = start().await;
    for embedded in console::files() {
        let answer = file(&service, &format!("/console/{}", embedded.path())).await;
        assert_eq!(answer.header("content-type"), Some(embedded.media_type()), "{}", embedded.path());
        assert_eq!(answer.body, embedded.content(), "{}", embedded.path());
    }
    let page = file(&service, "/console/").await;
    assert_eq!(page.body, file(&service, "/console/index.html").await.body);
}

#[actix_web::test]
async fn the_page_names_the_documents_if_they_are_served() {
    let (with_docs, without_docs) = (start().await, start_without_docs().await);
    for path in ["/console/", "/console/index.html"] {
        let naming = file(&with_docs, path).await;
        assert!(naming.text().contains(console::DOCS), "{path}");
        let plain = file(&without_docs, path).await;
        assert_eq!(plain.text(), naming.text().replace(console::DOCS, ""), "{path}");
        assert_ne!(plain.header("etag"), naming.header("etag"), "{path}");
    }
    file(&with_docs, "/docs/").await;
}

#[actix_web::test]
async fn files_with_a_hash_are_immutable_and_the_page_is_revalidated() {
    let service = start().await;
    for path in paths() {
        let answer = file(&service, &path).await;
        let is_hashed = path.starts_with("/console/assets/");
        let expected = if is_hashed { "public, max-age=31536000, immutable" } else { "no-cache" };
        assert_eq!(answer.header("cache-control"), Some(expected), "{path}");
        let etag = answer.header("etag").unwrap_or_else(|| panic!("{path} has no ETag"));
        let known = service.send(TestRequest::get().uri(&path).insert_header((IF_NONE_MATCH, etag))).await;
        assert_eq!((known.status, known.body.len()), (304, 0), "{path}");
        assert_eq!(known.header("cache-control"), Some(expected), "{path}");
        let with_token = TestRequest::get().uri(&path).insert_header((AUTHORIZATION, "Bearer x"));
        assert_eq!(service.send(with_token).await.header("cache-control"), Some("no-store"), "{path}");
    }
}

#[actix_web::test]
async fn the_console_is_compressed_for_those_who_accept_it() {
    let service = start().await;
    for path in paths() {
        let plain = file(&service, &path).await;
        assert_eq!(plain.header("content-encoding"), None, "{path}");
        let packed = TestRequest::get().uri(&path).insert_header((ACCEPT_ENCODING, "gzip, br"));
        let packed = service.send(packed).await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")), "{path}");
        assert_eq!((packed.header("etag"), packed.header("vary")), (plain.header("etag"), Some("accept-encoding")));
        assert!(packed.body.starts_with(b"\x1f\x8b") && packed.body.len() < plain.body.len(), "{path}");
    }
}

#[actix_web::test]
async fn the_policy_permits_only_what_this_server_sends() {
    let service = start().await;
    for path in paths() {
        let answer = file(&service, &path).await;
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path} has no policy"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        let directives: Vec<Vec<&str>> = policy.split(';').map(|it| it.split_whitespace().collect()).collect();
        let sources = |name: &str| directives.iter().find(|it| it[0] == name).map(|it| it[1..].to_vec());
        assert_eq!(sources("default-src"), Some(vec!["'none'"]), "{path}");
        for name in ["script-src", "style-src", "img-src", "connect-src"] {
            assert_eq!(sources(name), Some(vec!["'self'"]), "{path}: {name}");
        }
        for name in ["frame-ancestors", "base-uri", "form-action", "trusted-types"] {
            assert_eq!(sources(name), Some(vec!["'none'"]), "{path}: {name}");
        }
        assert_eq!(answer.header("set-cookie"), None, "{path}");
    }
}

#[actix_web::test]
async fn the_path_without_a_slash_redirects_below_any_prefix() {
    let service = start().await;
    let answer = service.send(TestRequest::get().uri("/console")).await;
    assert_eq!((answer.status, answer.header("location")), (302, Some("console/")));
}

#[actix_web::test]
async fn head_has_the_headers_of_get() {
    let service = start().await;
    for path in paths() {
        let get = file(&service, &path).await;
        let head = service.send(TestRequest::with_uri(&path).method(Method::HEAD)).await;
        assert_eq!(head.status, 200, "{path}");
        for name in ["content-type", "cache-control", "etag", "content-security-policy"] {
            assert_eq!(head.header(name), get.header(name), "{path}: {name}");
        }
    }
}

#[actix_web::test]
async fn the_console_is_served_for_the_accept_header_of_browsers() {
    let service = start().await;
    for path in paths() {
        for accept in ["text/html,application/xhtml+xml", "text/css,*/*;q=0.1", "image/svg+xml", "*/*"] {
            let answer = service.send(TestRequest::get().uri(&path).insert_header((ACCEPT, accept))).await;
            assert_eq!(answer.status, 200, "{path} {accept}");
        }
    }
}

#[actix_web::test]
async fn unknown_files_are_not_found() {
    let service = start().await;
    for path in ["/console/nothing", "/console/assets", "/console/assets/", "/console/../openapi.json", "/consoles"] {
        service.send(TestRequest::get().uri(path)).await.refused(404, "not_found");
    }
}

#[actix_web::test]
async fn a_disabled_console_is_not_found() {
    let service = start_without_console().await;
    for path in paths().iter().map(String::as_str).chain(["/console"]) {
        service.send(TestRequest::get().uri(path)).await.refused(404, "not_found");
    }
    file(&service, "/docs/").await;
}
