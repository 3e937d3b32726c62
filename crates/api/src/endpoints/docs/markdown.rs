//! The project's documents below `/docs`, and `/llms.txt`, which lists them for assistants
//! (<https://llmstxt.org>).
//!
//! They are served under the names that they have in the folder `docs`, so the relative links
//! between them work. A folder is a list of its files.

use std::borrow::Cow;
use std::fmt::Write;

/// `/llms.txt`, with relative links.
const LLMS: &str = include_str!("llms.txt");

/// `README.md`, which is served beside the other documents.
const README: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md"));

/// Embeds files of the folder `docs`.
macro_rules! embedded {
    ($($name:literal,)*) => {
        /// The files by their path in the folder `docs`.
        const FILES: &[(&str, &str)] = &[
            $(($name, include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/", $name))),)*
        ];
    };
}

embedded! {
    "API.md",
    "ARCHITECTURE.md",
    "BENCHMARKS.md",
    "CHANGELOG.md",
    "CLIENTS.md",
    "CONFIGURATION.md",
    "CONSOLE.md",
    "CONTRIBUTING.md",
    "DATA.md",
    "DEPLOY.md",
    "GLOSSARY.md",
    "INTEGRATE.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
    "METRICS.md",
    "OPERATIONS.md",
    "POSTGRES.md",
    "PROXIES.md",
    "SCALING.md",
    "SECURITY.md",
    "adr/0001-functional-core.md",
    "adr/0002-sqlite.md",
    "adr/0003-ids.md",
    "adr/0004-key-order.md",
    "adr/0005-business-day.md",
    "adr/0006-refusals.md",
    "adr/0007-signing-keys.md",
    "adr/0008-access-and-audit.md",
    "adr/0009-day-counts.md",
    "adr/0010-plans-as-data.md",
    "adr/0011-idempotency.md",
    "adr/0012-lists.md",
    "adr/0013-changing-plan.md",
    "adr/0014-overrides.md",
    "adr/0015-removal.md",
    "adr/0016-postgresql.md",
    "adr/0017-the-writers-time.md",
    "adr/0018-account-journal.md",
    "adr/0019-plain-tables.md",
    "adr/0020-metrics-as-data.md",
    "adr/0021-monitoring.md",
    "adr/0022-tracing.md",
    "adr/0023-backups.md",
    "adr/0024-console.md",
    "adr/0025-clients.md",
    "adr/0026-assistants.md",
    "catalogues/ai_api.toml",
    "catalogues/code_host.toml",
    "catalogues/email.toml",
    "catalogues/scheduling.toml",
    "catalogues/storage.toml",
    "deploy/Caddyfile",
    "deploy/alerts.yml",
    "deploy/compose.sqlite.yaml",
    "deploy/compose.yaml",
    "deploy/grafana.json",
    "deploy/haproxy.cfg",
    "deploy/headroom.service",
    "deploy/kubernetes/postgres.yaml",
    "deploy/kubernetes/sqlite.yaml",
    "deploy/nginx.conf",
}

/// The media type of Markdown (RFC 7763).
const MARKDOWN: &str = "text/markdown; charset=utf-8";

/// The document at this path below `/docs/`, and its media type; `None` if it does not exist.
pub(super) fn find(path: &str) -> Option<(&'static str, Cow<'static, str>)> {
    if path == "README.md" {
        return Some((MARKDOWN, served(README).replace("](docs/", "](").into()));
    }
    match FILES.iter().find(|(name, _)| *name == path) {
        Some((name, text)) => {
            let media_type = media_type(name);
            Some((media_type, if media_type == MARKDOWN { served(text).into() } else { (*text).into() }))
        }
        None => folder(path).map(|list| (MARKDOWN, list.into())),
    }
}

/// `/llms.txt` with links that begin with `base_url`, or with relative ones if it is empty.
pub(super) fn llms_txt(base_url: &str) -> String {
    if base_url.is_empty() { LLMS.to_owned() } else { LLMS.replace("](", &format!("]({base_url}/")) }
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.') {
        Some((_, "md")) => MARKDOWN,
        Some((_, "json")) => "application/json",
        _ => "text/plain; charset=utf-8",
    }
}

/// A document as it is served: without its pictures, with a link to where README.md is served.
fn served(text: &str) -> String {
    let lines = text.split_inclusive('\n').filter(|line| !line.starts_with("!["));
    lines.collect::<String>().replace("](../README.md", "](README.md")
}

/// The list of the files in a folder of the folder `docs`, with links that are relative to the
/// folder's own path without a slash.
fn folder(path: &str) -> Option<String> {
    let (_, name) = path.rsplit_once('/').unwrap_or(("", path));
    let inside = |file: &'static str| file.strip_prefix(path)?.strip_prefix('/');
    let mut files = FILES.iter().filter_map(|(file, _)| inside(file)).peekable();
    files.peek()?;
    let mut list = format!("# {name}\n\n");
    for file in files {
        // Writing to a string does not fail.
        let _ = writeln!(list, "- [{file}]({name}/{file})");
    }
    Some(list)
}
