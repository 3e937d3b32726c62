//! `/console`: the web application of the crate `console`.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::guard::{Guard, fn_guard};
use actix_web::http::header::{CONTENT_SECURITY_POLICY, HeaderValue, LOCATION, X_FRAME_OPTIONS};
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};

use crate::AppState;
use crate::access::UnauthenticatedClient;
use crate::http::{StaticFile, get, resource};
use crate::problem::{Code, Problem};

/// For files whose name contains a hash of their content.
const IMMUTABLE: &str = "public, max-age=31536000, immutable";
/// For the page, which names the others: the browser revalidates each time.
const REVALIDATE: &str = "no-cache";

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/console", [get(redirect_to_console)]).guard(is_console_enabled()))
        .service(resource("/console/{file:.*}", [get(console_file)]).guard(is_console_enabled()));
}

/// Matches unless the console is disabled. Its paths then respond with 404.
fn is_console_enabled() -> impl Guard {
    fn_guard(|context| context.app_data::<Data<AppState>>().is_none_or(|state| state.has_console))
}

/// Redirects from `/console`. The location is relative, because a proxy may add a prefix.
async fn redirect_to_console(_: UnauthenticatedClient) -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "console/")).finish()
}

async fn console_file(
    _: UnauthenticatedClient,
    name: Path<String>,
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let path = console::find(&name).ok_or_else(|| Problem::new(Code::NotFound))?.path();
    let file = if path == console::PAGE && !state.has_docs { page_without_docs() } else { packed().get(path) };
    let mut response = file.ok_or_else(|| Problem::new(Code::NotFound))?.respond(&request);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(console::POLICY));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    Ok(response)
}

/// All files by their path, compressed when the first one is requested.
fn packed() -> &'static HashMap<&'static str, StaticFile> {
    static FILES: LazyLock<HashMap<&str, StaticFile>> =
        LazyLock::new(|| console::files().map(|file| (file.path(), pack(file, file.content()))).collect());
    &FILES
}

/// The page of a server that serves no documents: it does not link to them.
fn page_without_docs() -> Option<&'static StaticFile> {
    static PAGE: LazyLock<Option<StaticFile>> = LazyLock::new(|| {
        let file = console::find(console::PAGE)?;
        let html = String::from_utf8_lossy(file.content()).replace(console::DOCS, "");
        Some(pack(file, html.as_bytes()))
    });
    PAGE.as_ref()
}

/// Compresses a content of the file.
fn pack(file: console::File, content: &[u8]) -> StaticFile {
    let caching = if file.is_immutable() { IMMUTABLE } else { REVALIDATE };
    StaticFile::pack(file.media_type().to_owned(), caching, content)
}
