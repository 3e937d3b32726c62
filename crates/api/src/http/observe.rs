//! What every request gets: an id, one log line, the headers of every answer, and errors in the one form.

use std::rc::Rc;
use std::time::Instant;

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, ResponseError};
use domain::ports::IdGenerator;
use log::{Level, log_enabled};

use super::held::{HeldPayload, until_sent};
use super::negotiation::takes_json;
use super::patience::Connection;
use super::request_id::{self, RequestId, trace_id};
use crate::auth::Caller;
use crate::clock::UuidV7Generator;
use crate::problem::{Code, Problem};

/// The most that a request's header names and values may take together.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// The most bytes of a body that needs no waiting for its reader.
const SMALL_BODY_BYTES_MAX: u64 = 16 * 1024;

const ACCESS: &str = "headroom::access";

/// Serves one request, whatever becomes of it.
pub(crate) async fn observe(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let id = RequestId::of(request.headers(), || UuidV7Generator.next_uuid());
    let private = request.headers().contains_key(AUTHORIZATION);
    let serving = request.conn_data::<Rc<Connection>>().map(Connection::serve);
    let payload = HeldPayload::of(&mut request);
    let response = match check(&request) {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(problem) => request.error_response(problem).map_into_boxed_body(),
    };
    let mut response = in_problem_form(response, &id);
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if private && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(HeaderName::from_static(request_id::HEADER), value);
    }
    if log_enabled!(target: ACCESS, Level::Info) {
        log_access(&response, &id, started);
    }
    // A small answer is sent as soon as it is made.
    let is_small = matches!(response.response().body().size(), BodySize::Sized(0..=SMALL_BODY_BYTES_MAX));
    if is_small && payload.is_none() {
        return Ok(response);
    }
    Ok(response.map_body(|_, body| until_sent(body, (serving, payload))))
}

/// What is refused before anything else is looked at.
fn check(request: &ServiceRequest) -> Result<(), Problem> {
    let header_bytes: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.as_bytes().len()).sum();
    if header_bytes > HEADER_BYTES_MAX {
        return Err(Problem::new(Code::HeadersTooLarge));
    }
    if !takes_json(request.request()) && !is_page(request.path()) {
        return Err(Problem::new(Code::NotAcceptable));
    }
    Ok(())
}

/// Whether the path is for people, and answered with more than JSON.
fn is_page(path: &str) -> bool {
    path == "/" || path == "/docs" || path.starts_with("/docs/")
}

/// Writes an error's body: ours from its problem, the framework's own from its status.
fn in_problem_form(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (request, response) = response.into_parts();
    let known = response.error().and_then(|error| error.as_error::<Problem>());
    let answer = if let Some(problem) = known {
        log_cause(problem, id);
        problem.respond(&id.0)
    } else {
        let problem = match response.error() {
            Some(error) if status.is_server_error() => Problem::internal(error),
            _ => Problem::new(Code::of_status(status)),
        };
        log_cause(&problem, id);
        problem.respond(&id.0)
    };
    ServiceResponse::new(request, answer)
}

/// A problem is logged once, here: what is ours to mend as an error, what the caller can mend not at all.
fn log_cause(problem: &Problem, id: &RequestId) {
    let Some(cause) = problem.cause() else { return };
    if problem.status_code() == StatusCode::INTERNAL_SERVER_ERROR {
        log::error!(request_id = id.0.as_str(); "{cause}");
    } else {
        log::warn!(request_id = id.0.as_str(); "{cause}");
    }
}

fn log_access(response: &ServiceResponse<BoxBody>, id: &RequestId, started: Instant) {
    let request = response.request();
    let route = request.match_pattern();
    let extensions = request.extensions();
    let trace = request.headers().get("traceparent").and_then(|value| trace_id(value.to_str().ok()?));
    log::info!(
        target: ACCESS,
        method = request.method().as_str(),
        route = route.as_deref().unwrap_or("-"),
        status = response.status().as_u16(),
        duration_us = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX),
        request_id = id.0.as_str(),
        caller = extensions.get::<Caller>().map_or("-", |caller| caller.username.as_str()),
        trace_id = trace.unwrap_or("-");
        "request"
    );
}
