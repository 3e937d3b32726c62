//! `/llms.txt` and the project's documents below `/docs`: complete, with links that lead somewhere.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use actix_web::http::Method;
use actix_web::test::TestRequest;

use crate::house::{start, start_without_docs};
use crate::in_process::{Answer, Service};

const MARKDOWN: &str = "text/markdown; charset=utf-8";
/// Files of the folder `docs` that are served elsewhere, or that are pictures of README.md.
const NOT_EMBEDDED: [&str; 2] = ["json", "png"];

async fn get(service: &Service, path: &str) -> Answer {
    service.send(TestRequest::get().uri(path)).await
}

/// The targets of the Markdown links of a text, without what is in code blocks.
fn links(text: &str) -> Vec<String> {
    let prose = text.split("\n```").step_by(2).collect::<String>();
    let targets = prose.split("](").skip(1).filter_map(|rest| rest.split(')').next()).map(str::to_owned);
    targets.filter(|target| !target.starts_with("https://") && !target.starts_with('#')).collect()
}

fn without_pictures(text: &str) -> String {
    text.split_inclusive('\n').filter(|line| !line.starts_with("![")).collect()
}

/// The path that a relative link of the document at `path` leads to, without its heading.
fn resolve(path: &str, link: &str) -> String {
    let (folder, _) = path.rsplit_once('/').expect("a path begins with a slash");
    let mut segments: Vec<&str> = folder.split('/').collect();
    for segment in link.split('#').next().unwrap_or_default().split('/') {
        match segment {
            ".." => drop(segments.pop()),
            _ => segments.push(segment),
        }
    }
    segments.join("/")
}

#[actix_web::test]
async fn every_link_of_llms_txt_is_served_as_markdown() {
    let service = start().await;
    let list = get(&service, "/llms.txt").await;
    assert_eq!((list.status, list.header("content-type")), (200, Some("text/plain; charset=utf-8")));
    // The form of llmstxt.org: a title, a summary, sections with lists of links.
    let text = list.text();
    assert!(text.starts_with("# Headroom\n\n> ") && text.contains("\n## Optional\n"), "{text}");
    let sections = text.split("\n## ").skip(1);
    let entries: Vec<&str> = sections.flat_map(|it| it.lines().skip(1)).filter(|line| !line.is_empty()).collect();
    assert!(entries.iter().all(|line| line.starts_with("- [") && line.contains("): ")), "{entries:?}");
    let links = links(text);
    assert!(links.len() == entries.len() && links.len() > 15, "{links:?}");
    for link in links {
        let answer = get(&service, &format!("/{link}")).await;
        let expected = if link == "openapi.json" { "application/json" } else { MARKDOWN };
        assert_eq!((answer.status, answer.header("content-type")), (200, Some(expected)), "{link}");
        assert!(expected != MARKDOWN || answer.text().starts_with("# "), "{link}");
    }
}

#[actix_web::test]
async fn the_links_of_llms_txt_name_the_requested_server_unless_proxied() {
    let service = start().await;
    let with = async |headers: &[(&'static str, &'static str)]| {
        let request = TestRequest::get().uri("/llms.txt").insert_header(("host", "limits.example:8000"));
        let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
        links(service.send(request).await.text()).join(" ")
    };
    let named = with(&[]).await;
    assert!(named.split(' ').all(|link| link.starts_with("http://limits.example:8000/")), "{named}");
    let relative = with(&[("x-forwarded-proto", "https")]).await;
    assert_eq!(relative, named.replace("http://limits.example:8000/", ""));
}

#[actix_web::test]
async fn every_relative_link_between_documents_works() {
    let service = start().await;
    let (mut waiting, mut seen) = (vec!["/llms.txt".to_owned()], BTreeSet::new());
    while let Some(path) = waiting.pop() {
        if !seen.insert(path.clone()) {
            continue;
        }
        let answer = get(&service, &path).await;
        assert_eq!(answer.status, 200, "{path}");
        let is_text = path == "/llms.txt" || answer.header("content-type") == Some(MARKDOWN);
        if is_text {
            waiting.extend(links(answer.text()).iter().map(|link| resolve(&path, link)));
        }
    }
    for path in ["/docs/README.md", "/docs/adr/0023-backups.md", "/docs/deploy/nginx.conf", "/docs/LICENSE-MIT"] {
        assert!(seen.contains(path), "no link leads to {path}: {seen:?}");
    }
}

#[actix_web::test]
async fn every_document_of_the_folder_is_served_as_it_is() {
    let service = start().await;
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    let (mut folders, mut served) = (vec![docs.clone()], 0);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("the folder can be read") {
            let file = entry.expect("an entry can be read").path();
            let name = file.strip_prefix(&docs).expect("it is in the folder").to_str().expect("its name is UTF-8");
            let is_top = folder == docs;
            let extension = file.extension().and_then(|it| it.to_str()).unwrap_or_default();
            if file.is_dir() {
                folders.push(file);
            } else if !(is_top && NOT_EMBEDDED.contains(&extension)) {
                let text = without_pictures(&fs::read_to_string(&file).expect("it is text"));
                let text = text.replace("](../README.md", "](README.md");
                let answer = get(&service, &format!("/docs/{name}")).await;
                assert!(answer.status == 200 && answer.text() == text, "{name} is not embedded");
                served += 1;
            }
        }
    }
    assert!(served > 40, "{served}");
    assert!(get(&service, "/docs/README.md").await.text().starts_with("# Headroom\n"));
}

#[actix_web::test]
async fn documents_are_compressed_and_revalidated() {
    let service = start().await;
    for path in ["/llms.txt", "/docs/API.md"] {
        let plain = get(&service, path).await;
        let etag = plain.header("etag").unwrap_or_else(|| panic!("{path} has no ETag")).to_owned();
        assert_eq!((plain.header("cache-control"), plain.header("content-encoding")), (Some("no-cache"), None));
        let packed = service.send(TestRequest::get().uri(path).insert_header(("accept-encoding", "gzip"))).await;
        assert_eq!((packed.status, packed.header("content-encoding")), (200, Some("gzip")), "{path}");
        assert!(packed.body.len() < plain.body.len(), "{path}");
        let known = service.send(TestRequest::get().uri(path).insert_header(("if-none-match", etag.as_str()))).await;
        assert_eq!((known.status, known.body.len(), known.header("etag")), (304, 0, Some(etag.as_str())), "{path}");
        let head = service.send(TestRequest::with_uri(path).method(Method::HEAD)).await;
        assert_eq!((head.status, head.header("etag")), (200, Some(etag.as_str())), "{path}");
        assert_eq!(head.header("content-type"), plain.header("content-type"), "{path}");
    }
}

#[actix_web::test]
async fn a_folder_of_documents_is_a_list_of_its_files() {
    let service = start().await;
    for (folder, file) in
        [("catalogues", "email.toml"), ("adr", "0002-sqlite.md"), ("deploy", "kubernetes/sqlite.yaml")]
    {
        let list = get(&service, &format!("/docs/{folder}")).await;
        assert_eq!((list.status, list.header("content-type")), (200, Some(MARKDOWN)), "{folder}");
        assert!(list.text().contains(&format!("- [{file}]({folder}/{file})\n")), "{}", list.text());
    }
    for unknown in ["/docs/adr/", "/docs/ad", "/docs/api.md", "/docs/../README.md", "/docs/adr/0002-sqlite"] {
        get(&service, unknown).await.refused(404, "not_found");
    }
}

#[actix_web::test]
async fn disabled_documents_and_their_list_are_not_found() {
    let service = start_without_docs().await;
    for path in ["/llms.txt", "/docs/API.md", "/docs/README.md", "/docs/adr", "/docs/openapi.json"] {
        get(&service, path).await.refused(404, "not_found");
    }
}
