//! `/docs`: the explorer, the list of error codes, the OpenAPI document and the project's documents,
//! all embedded in the binary.

mod document;
mod errors;
mod markdown;

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use actix_web::guard::{Guard, fn_guard};
use actix_web::http::header::{
    CONTENT_SECURITY_POLICY, FORWARDED, HOST, HeaderValue, LOCATION, X_FORWARDED_FOR, X_FORWARDED_PROTO,
    X_FRAME_OPTIONS,
};
use actix_web::http::uri::Authority;
use actix_web::web::{Bytes, Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::{Config, SwaggerFile};

use crate::AppState;
use crate::access::UnauthenticatedClient;
use crate::http::{BaseUrl, NoQueryOrConditions, StaticFile, get, resource};
use crate::problem::{Code, Problem};
pub use document::document_json;
use document::document_json_at;

/// The content security policy of the explorer's pages: resources of this server only.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// For files that change with each release: the browser revalidates each time.
const REVALIDATE: &str = "no-cache";
/// For files that change with few releases. One hour bounds how long a page mixes parts of two
/// releases.
const CACHE_ONE_HOUR: &str = "max-age=3600";

/// The maximum number of cached files of a kind, one for each base URL that clients use.
const DOCUMENTS_MAX: usize = 16;

/// The explorer's files that are Headroom's own. All others are Swagger UI's.
const OWN_FILES: [(&str, &str, &str); 5] = [
    ("", "text/html; charset=utf-8", include_str!("index.html")),
    ("index.html", "text/html; charset=utf-8", include_str!("index.html")),
    ("explorer.js", "text/javascript; charset=utf-8", include_str!("explorer.js")),
    ("docs.css", "text/css; charset=utf-8", include_str!("docs.css")),
    ("favicon.svg", "image/svg+xml", include_str!("favicon.svg")),
];

/// In the pages: the link to the console. A server that serves none removes it.
const CONSOLE_LINK: &str = r#"<a href="../console/">Console</a>"#;

/// The files of Swagger UI that are not served: `explorer.js` replaces the first, and the page does
/// not load the others, which are empty in the binary (`.cargo/swagger-ui`).
const NOT_SERVED: [&str; 5] = [
    "swagger-initializer.js",
    "swagger-ui.js",
    "swagger-ui-es-bundle.js",
    "swagger-ui-es-bundle-core.js",
    "swagger-ui-standalone-preset.js",
];

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(resource("/openapi.json", [get(openapi_document)]).guard(are_docs_enabled()))
        .service(resource("/llms.txt", [get(llms_txt)]).guard(are_docs_enabled()))
        .service(resource("/docs/errors", [get(errors::page)]).guard(are_docs_enabled()))
        // Where the links of the project's documents lead to.
        .service(resource("/docs/openapi.json", [get(openapi_document)]).guard(are_docs_enabled()))
        .service(resource("/", [get(redirect_to_docs)]).guard(are_docs_enabled()))
        .service(resource("/docs", [get(redirect_to_docs)]).guard(are_docs_enabled()))
        .service(resource("/docs/{file:.*}", [get(explorer_file)]).guard(are_docs_enabled()));
}

/// Matches unless the documents are disabled. Their paths then respond with 404.
fn are_docs_enabled() -> impl Guard {
    fn_guard(|context| context.app_data::<Data<AppState>>().is_none_or(|state| state.has_docs))
}

async fn explorer_file(
    _: UnauthenticatedClient,
    name: Path<String>,
    state: Data<AppState>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    let file = find_file(&name, state.has_console)?.ok_or_else(|| Problem::new(Code::NotFound))?;
    let mut response = file.respond(&request);
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    Ok(response)
}

/// A page for browsers, with the explorer's content security policy.
fn page(media_type: &str, content: String) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(media_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .body(content)
}

/// A page as it is for a server with or without a console.
fn linked(html: &str, has_console: bool) -> Cow<'_, str> {
    if has_console { html.into() } else { html.replace(CONSOLE_LINK, "").into() }
}

/// The file with this name, if it exists, as it is with or without a console. It is compressed on
/// first use. Only existing files are cached.
fn find_file(name: &str, has_console: bool) -> Result<Option<Arc<StaticFile>>, Problem> {
    type Files = HashMap<(String, bool), Arc<StaticFile>>;
    static FILES: LazyLock<Mutex<Files>> = LazyLock::new(Mutex::default);
    let mut files = FILES.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (name.to_owned(), has_console);
    if let Some(file) = files.get(&key) {
        return Ok(Some(Arc::clone(file)));
    }
    let file = match OWN_FILES.iter().find(|(own, ..)| *own == name) {
        Some((_, media_type, content)) => {
            let content = linked(content, has_console);
            Some(StaticFile::pack((*media_type).to_owned(), REVALIDATE, content.as_bytes()))
        }
        None if NOT_SERVED.contains(&name) => None,
        None => match markdown::find(name) {
            Some((media_type, text)) => Some(StaticFile::pack(media_type.to_owned(), REVALIDATE, text.as_bytes())),
            None => swagger_file(name)?,
        },
    };
    let file = file.map(Arc::new);
    if let Some(file) = &file {
        files.insert(key, Arc::clone(file));
    }
    Ok(file)
}

/// A file of Swagger UI.
fn swagger_file(name: &str) -> Result<Option<StaticFile>, Problem> {
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::from("unused"))).map_err(Problem::internal)?;
    Ok(file.map(compressed))
}

fn compressed(file: SwaggerFile<'static>) -> StaticFile {
    let SwaggerFile { bytes, content_type, gzpipped, .. } = file;
    if gzpipped {
        StaticFile::packed(content_type, CACHE_ONE_HOUR, Bytes::from_owner(bytes))
    } else {
        StaticFile::pack(content_type, CACHE_ONE_HOUR, &bytes)
    }
}

/// Redirects from `/` and from `/docs`. The location is relative, because a proxy may add a prefix.
async fn redirect_to_docs(_: UnauthenticatedClient) -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "docs/")).finish()
}

async fn openapi_document(_: UnauthenticatedClient, _: NoQueryOrConditions, request: HttpRequest) -> HttpResponse {
    static DOCUMENTS: ByBaseUrl = ByBaseUrl::new();
    let document = |base: &str| if base.is_empty() { document_json() } else { document_json_at(base) };
    DOCUMENTS.find(base_url(&request), "application/json", document).respond(&request)
}

async fn llms_txt(_: UnauthenticatedClient, _: NoQueryOrConditions, request: HttpRequest) -> HttpResponse {
    static LISTS: ByBaseUrl = ByBaseUrl::new();
    LISTS.find(base_url(&request), "text/plain; charset=utf-8", markdown::llms_txt).respond(&request)
}

/// A file whose URLs begin with the base URL that the client uses, for each such URL.
struct ByBaseUrl(LazyLock<Mutex<HashMap<String, Arc<StaticFile>>>>);

impl ByBaseUrl {
    const fn new() -> Self {
        Self(LazyLock::new(Mutex::default))
    }

    /// The file for `base`, which `content` makes on first use.
    fn find(&self, base: String, media_type: &str, content: impl Fn(&str) -> String) -> Arc<StaticFile> {
        let mut files = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(file) = files.get(&base) {
            return Arc::clone(file);
        }
        let file = Arc::new(StaticFile::pack(media_type.to_owned(), REVALIDATE, content(&base).as_bytes()));
        // Clients choose the host, so the cache is bounded.
        if files.len() < DOCUMENTS_MAX {
            files.insert(base, Arc::clone(&file));
        }
        file
    }
}

/// The base of URLs in the document: the public URL if one is set, else the host of the request.
/// The scheme of a forwarded request is unknown, so its URLs stay relative.
fn base_url(request: &HttpRequest) -> String {
    let base = BaseUrl::of(request);
    let is_forwarded =
        [FORWARDED, X_FORWARDED_FOR, X_FORWARDED_PROTO].iter().any(|it| request.headers().contains_key(it));
    let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    match host.filter(|host| !is_forwarded && !host.as_str().contains('@')) {
        Some(host) if base.as_str().is_empty() => format!("http://{host}"),
        _ => base.as_str().to_owned(),
    }
}
