//! The explorer and the pages round it: from this server alone, and complete.

use actix_web::test::TestRequest;
use api::problem::Code;

use crate::document::DOCUMENT;
use crate::house::start;
use crate::in_process::{Answer, Service};

async fn page(service: &Service, path: &str) -> Answer {
    let answer = service.send(TestRequest::get().uri(path)).await;
    assert_eq!(answer.status, 200, "{path}");
    answer
}

/// What a page loads or links to.
fn references(html: &str) -> Vec<&str> {
    let of = |attribute| html.split(attribute).skip(1).filter_map(|rest: &str| rest.split(['"', '\'']).next());
    ["src=\"", "href=\"", "src='", "href='"].into_iter().flat_map(of).collect()
}

/// The scripts that stand in the page itself.
fn inline_scripts(html: &str) -> Vec<&str> {
    let scripts = html.split("<script").skip(1).filter_map(|rest| rest.split_once('>')?.1.split("</script>").next());
    scripts.map(str::trim).filter(|script| !script.is_empty()).collect()
}

#[actix_web::test]
async fn the_front_door_leads_to_the_explorer() {
    let service = start().await;
    for path in ["/", "/docs"] {
        let answer = service.send(TestRequest::get().uri(path)).await;
        // Relative: it leads to the explorer under any prefix.
        assert_eq!((answer.status, answer.header("location")), (302, Some("docs/")), "{path}");
    }
}

#[actix_web::test]
async fn the_explorer_loads_nothing_but_from_here() {
    let service = start().await;
    let explorer = page(&service, "/docs/").await;
    assert!(explorer.header("content-type").is_some_and(|it| it.starts_with("text/html")));
    assert_eq!(explorer.header("content-encoding"), None, "nobody asked for that");
    let html = explorer.text();
    let references = references(html);
    assert!(references.len() >= 4, "{html}");
    assert_eq!(inline_scripts(html), [""; 0], "the policy forbids them");
    for reference in references.iter().filter(|reference| !reference.starts_with("data:")) {
        assert!(!reference.contains("//") && !reference.starts_with('/'), "{reference}");
        let asset = page(&service, &format!("/docs/{}", reference.trim_start_matches("./"))).await;
        let media_type = asset.header("content-type").unwrap_or_default().to_owned();
        let expected = match reference.rsplit('.').next() {
            Some("js") => "javascript",
            Some("css") => "text/css",
            Some("png") => "image/png",
            other => panic!("{other:?} is new here"),
        };
        assert!(media_type.contains(expected), "{reference}: {media_type}");
        assert!(!asset.body.is_empty(), "{reference}");
    }
    let initializer = page(&service, "/docs/swagger-initializer.js").await;
    let script = initializer.text();
    assert!(script.contains("\"../openapi.json\"") && script.contains("\"persistAuthorization\": true"), "{script}");
    assert!(!script.contains("http://") && !script.contains("https://"), "{script}");
    assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
}

#[actix_web::test]
async fn every_page_has_a_policy_that_names_no_other_host() {
    let service = start().await;
    for path in ["/docs/", "/docs/errors", "/docs/index.html", "/docs/swagger-initializer.js", "/docs/swagger-ui.css"] {
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
async fn every_code_has_its_place_on_the_page_that_problems_link_to() {
    let service = start().await;
    let page = page(&service, "/docs/errors").await;
    assert!(page.text().starts_with("<!doctype html>"));
    for code in Code::ALL {
        assert_eq!(page.text().matches(&format!("id=\"{}\"", code.as_str())).count(), 1, "{}", code.as_str());
        assert!(page.text().contains(code.detail()), "{}", code.as_str());
    }
    assert_eq!(inline_scripts(page.text()), [""; 0]);
    assert!(references(page.text()).is_empty());
}

#[actix_web::test]
async fn the_document_is_served_as_it_is_made() {
    let service = start().await;
    let answer = page(&service, "/openapi.json").await;
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.json(), *DOCUMENT);
}
