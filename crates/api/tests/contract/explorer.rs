//! The explorer and its pages: complete, and loaded from this server alone.

use actix_web::test::TestRequest;
use api::problem::Code;
use domain::FaultReason;

use crate::document::DOCUMENT;
use crate::house::{start, start_without_console, start_without_docs};
use crate::in_process::{Answer, Service};

async fn page(service: &Service, path: &str) -> Answer {
    let answer = service.send(TestRequest::get().uri(path)).await;
    assert_eq!(answer.status, 200, "{path}");
    answer
}

/// The URLs that a page loads or links to.
fn references(html: &str) -> Vec<&str> {
    let of = |attribute| html.split(attribute).skip(1).filter_map(|rest: &str| rest.split(['"', '\'']).next());
    ["src=\"", "href=\"", "src='", "href='"].into_iter().flat_map(of).collect()
}

/// The inline scripts of a page.
fn inline_scripts(html: &str) -> Vec<&str> {
    let scripts = html.split("<script").skip(1).filter_map(|rest| rest.split_once('>')?.1.split("</script>").next());
    scripts.map(str::trim).filter(|script| !script.is_empty()).collect()
}

#[actix_web::test]
async fn the_root_redirects_to_the_explorer() {
    let service = start().await;
    for path in ["/", "/docs"] {
        let answer = service.send(TestRequest::get().uri(path)).await;
        // A relative path leads to the explorer under any prefix.
        assert_eq!((answer.status, answer.header("location")), (302, Some("docs/")), "{path}");
    }
}

#[actix_web::test]
async fn the_explorer_loads_only_from_this_server() {
    let service = start().await;
    let explorer = page(&service, "/docs/").await;
    assert!(explorer.header("content-type").is_some_and(|it| it.starts_with("text/html")));
    assert_eq!(explorer.header("content-encoding"), None, "compression was not requested");
    let html = explorer.text();
    for part in ["<title>Headroom</title>", "name=\"viewport\"", "<main", "lang=\"en\""] {
        assert!(html.contains(part), "{part} is missing: {html}");
    }
    let references = references(html);
    assert!(references.len() >= 6, "{html}");
    assert_eq!(inline_scripts(html), [""; 0], "the policy forbids them");
    for reference in &references {
        assert!(!reference.contains("//") && !reference.starts_with('/'), "{reference}");
        let path = reference.strip_prefix("..").map_or_else(|| format!("/docs/{reference}"), str::to_owned);
        let asset = page(&service, &path).await;
        let media_type = asset.header("content-type").unwrap_or_default().to_owned();
        let name = reference.rsplit('/').next().unwrap_or_default();
        let expected = match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("js") => "javascript",
            Some("css") => "text/css",
            Some("svg") => "image/svg+xml",
            Some("json") => "application/json",
            None => "text/html",
            other => panic!("unknown kind of file: {other:?}"),
        };
        assert!(media_type.contains(expected), "{reference}: {media_type}");
        assert!(!asset.body.is_empty(), "{reference}");
    }
    let explorer = page(&service, "/docs/explorer.js").await;
    let script = explorer.text();
    assert!(script.contains("/openapi.json") && script.contains("persistAuthorization: false"), "{script}");
    assert!(!script.contains("http://") && !script.contains("https://"), "{script}");
    assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
}

/// Tokens stay in memory, so leaving the page discards them and no other page can read them.
#[actix_web::test]
async fn the_explorer_stores_nothing_in_the_browser() {
    let service = start().await;
    let explorer = page(&service, "/docs/explorer.js").await;
    for store in ["localStorage.setItem", "sessionStorage", "indexedDB", "document.cookie"] {
        assert!(!explorer.text().contains(store), "{store}");
    }
}

/// Files of Swagger UI that the page does not load.
#[actix_web::test]
async fn files_that_the_explorer_does_not_load_are_not_served() {
    let service = start().await;
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.cargo/swagger-ui");
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = format!("/docs/{}", entry.expect("a file").file_name().display());
        service.send(TestRequest::get().uri(&path)).await.refused(404, "not_found");
    }
    service.send(TestRequest::get().uri("/docs/swagger-initializer.js")).await.refused(404, "not_found");
}

#[actix_web::test]
async fn disabled_documents_are_not_found() {
    let service = start_without_docs().await;
    for path in ["/", "/docs", "/docs/", "/docs/errors", "/docs/explorer.js", "/openapi.json"] {
        service.send(TestRequest::get().uri(path)).await.refused(404, "not_found");
    }
    page(&service, "/plans").await;
}

#[actix_web::test]
async fn the_pages_link_to_the_console_if_there_is_one() {
    let with_console = start().await;
    let without_console = start_without_console().await;
    for path in ["/docs/", "/docs/index.html", "/docs/errors"] {
        let linking = page(&with_console, path).await;
        assert!(references(linking.text()).contains(&"../console/"), "{path}");
        let plain = page(&without_console, path).await;
        assert!(!plain.text().to_lowercase().contains("console"), "{path}: {}", plain.text());
        assert!(plain.text().contains("../openapi.json"), "{path}");
    }
    page(&with_console, "/console/").await;
}

#[actix_web::test]
async fn assets_are_compressed_and_revalidated() {
    let service = start().await;
    for path in ["/docs/", "/docs/index.html", "/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"] {
        let plain = page(&service, path).await;
        let etag = plain.header("etag").unwrap_or_else(|| panic!("{path} has no ETag"));
        let caching = plain.header("cache-control").unwrap_or_else(|| panic!("{path} has no Cache-Control"));
        assert!(["no-cache", "max-age=3600"].contains(&caching), "{path}: {caching}");
        let packed = TestRequest::get().uri(path).insert_header(("accept-encoding", "gzip, deflate, br"));
        let packed = service.send(packed).await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")), "{path}");
        assert_eq!((packed.header("etag"), packed.header("vary")), (Some(etag), Some("accept-encoding")), "{path}");
        assert!(packed.body.starts_with(b"\x1f\x8b") && packed.body.len() < plain.body.len(), "{path}");
        let known = TestRequest::get().uri(path).insert_header(("if-none-match", etag));
        let known = service.send(known).await;
        assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, Some(etag)), "{path}");
    }
}

#[actix_web::test]
async fn the_content_security_policy_names_no_other_host() {
    let service = start().await;
    for path in ["/docs/", "/docs/errors", "/docs/index.html", "/docs/explorer.js", "/docs/swagger-ui.css"] {
        let answer = page(&service, path).await;
        let policy = answer.header("content-security-policy").unwrap_or_else(|| panic!("{path} has no policy"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"), "{path}");
        let directives: Vec<Vec<&str>> = policy.split(';').map(|it| it.split_whitespace().collect()).collect();
        let sources = |name: &str| directives.iter().find(|directive| directive[0] == name).map(|it| it[1..].to_vec());
        assert_eq!(sources("default-src"), Some(vec!["'none'"]), "{path}");
        assert_eq!(sources("script-src"), Some(vec!["'self'"]), "{path}");
        assert_eq!(sources("frame-ancestors"), Some(vec!["'none'"]), "{path}");
        for source in directives.iter().flat_map(|directive| &directive[1..]) {
            let is_here = ["'none'", "'self'", "'unsafe-inline'", "data:"].contains(source);
            assert!(is_here, "{path}: {source}");
        }
    }
}

#[actix_web::test]
async fn every_error_code_has_an_anchor_on_the_errors_page() {
    let service = start().await;
    let page = page(&service, "/docs/errors").await;
    assert!(page.text().starts_with("<!doctype html>"));
    for code in Code::ALL {
        assert_eq!(page.text().matches(&format!("id=\"{}\"", code.as_str())).count(), 1, "{}", code.as_str());
        let detail = code.detail().replace('<', "&lt;").replace('>', "&gt;");
        assert!(page.text().contains(&detail), "{}", code.as_str());
    }
    for reason in FaultReason::all() {
        assert_eq!(page.text().matches(&format!("id=\"field-{}\"", reason.code())).count(), 1, "{}", reason.code());
    }
    assert!(!page.text().contains("<token>"), "the placeholder is escaped");
    assert_eq!(inline_scripts(page.text()), [""; 0]);
    assert!(references(page.text()).contains(&"./"), "no link to the explorer");
}

#[actix_web::test]
async fn the_document_names_the_requested_server_unless_proxied() {
    let service = start().await;
    let served = async |headers: &[(&'static str, &'static str)]| {
        let request = TestRequest::get().uri("/openapi.json").insert_header(("host", "limits.example:8000"));
        let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
        let document = service.send(request).await.json();
        let flow = &document["components"]["securitySchemes"]["password"]["flows"]["password"];
        (document["servers"][0]["url"].to_string(), flow["tokenUrl"].to_string())
    };
    let absolute = ["\"http://limits.example:8000\"", "\"http://limits.example:8000/token\""].map(str::to_owned);
    assert_eq!(served(&[]).await, absolute.into());
    let relative = ["\"/\"", "\"/token\""].map(str::to_owned);
    assert_eq!(served(&[("x-forwarded-proto", "https")]).await, relative.into());
}

#[actix_web::test]
async fn the_document_is_served_as_generated() {
    let service = start().await;
    let answer = page(&service, "/openapi.json").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), *DOCUMENT);
}
