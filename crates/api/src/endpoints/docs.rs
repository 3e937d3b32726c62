//! `/docs`: the explorer, the list of error codes, and the OpenAPI document they are about. All from the binary.

use std::fmt::Write;
use std::sync::LazyLock;

use actix_web::http::header::{CONTENT_SECURITY_POLICY, LOCATION, X_FRAME_OPTIONS};
use actix_web::middleware::Compress;
use actix_web::web::{Data, Path, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use crate::http::{Base, Plain, get, resource};
use crate::json::json;
use crate::openapi;
use crate::problem::{Code, Problem};

/// What the explorer's pages may load: what this server itself sends, and nothing else.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

pub(super) fn routes(config: &mut ServiceConfig) {
    let explorer = Config::from("../openapi.json")
        .persist_authorization(true)
        .try_it_out_enabled(true)
        .display_request_duration(true)
        .use_base_layout()
        .validator_url("none");
    config
        .service(resource("/openapi.json", [get(openapi_document)]).wrap(Compress::default()))
        .service(resource("/docs/errors", [get(error_codes)]))
        .service(resource("/", [get(to_docs)]))
        .service(resource("/docs", [get(to_docs)]))
        .service(
            resource("/docs/{file:.*}", [get(explorer_file)]).app_data(Data::new(explorer)).wrap(Compress::default()),
        );
}

async fn explorer_file(file: Path<String>, config: Data<Config<'static>>) -> Result<HttpResponse, Problem> {
    let file = utoipa_swagger_ui::serve(&file, config.into_inner()).map_err(Problem::internal)?;
    let file = file.ok_or_else(|| Problem::new(Code::NotFound))?;
    Ok(HttpResponse::Ok()
        .content_type(file.content_type)
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .body(file.bytes.into_owned()))
}

/// Relative, from `/` and from `/docs`: under which prefix they are, the browser knows.
async fn to_docs() -> HttpResponse {
    HttpResponse::Found().insert_header((LOCATION, "docs/")).finish()
}

async fn openapi_document(_: Plain, request: HttpRequest) -> HttpResponse {
    static DOCUMENT: LazyLock<String> = LazyLock::new(openapi::document_json);
    match Base::of(&request).as_str() {
        "" => HttpResponse::Ok().content_type("application/json").body(DOCUMENT.as_str()),
        base => json(&mut HttpResponse::Ok(), &openapi::document_at(base)),
    }
}

/// What `type` of a problem links to.
async fn error_codes() -> HttpResponse {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Headroom: error codes</title>\
         <h1>Error codes</h1><p>Every error is a problem (RFC 9457) with one of these codes.</p>",
    );
    for code in Code::ALL {
        let (name, status) = (code.as_str(), code.status().as_u16());
        // Writing to a string does not fail.
        let _ = write!(page, "<h2 id=\"{name}\">{name}</h2><p>{status}. {}. {}</p>", code.title(), code.detail());
    }
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_FRAME_OPTIONS, "DENY"))
        .body(page)
}
