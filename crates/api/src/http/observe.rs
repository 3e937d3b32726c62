//! The middleware of every request: an id, one log line, the common headers, and errors as
//! problems.

use std::future::pending;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ACCEPT_ENCODING, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpResponse, ResponseError};
use domain::ports::IdGenerator;
use log::{Level, log_enabled};

use super::base::BaseUrl;
use super::caller_name::CallerName;
use super::client_address::ClientAddress;
use super::connection::Connection;
use super::headers::{IDEMPOTENCY_REPLAYED, write_headers};
use super::held::{HeldPayload, PIECE_BYTES_MAX, until_sent};
use super::negotiation::{is_ambiguous, is_plain, takes_json};
use super::request_id::{RequestId, TraceParent};
use super::request_policy::RequestPolicy;
use super::trace;
use crate::clock::UuidV7Generator;
use crate::logging::ACCESS;
use crate::monitoring::Monitoring;
use crate::problem::{Code, Problem};
use crate::tracing::{RequestSpan, Tracing, in_span};

/// The maximum total size of a request's header names and values, in bytes.
const HEADER_BYTES_MAX: usize = 32 * 1024;

/// What the middleware needs to serve a request.
#[derive(Clone)]
pub(crate) struct Middleware {
    pub(crate) policy: Arc<RequestPolicy>,
    /// Counts requests, if the server is monitored.
    pub(crate) monitoring: Option<Arc<Monitoring>>,
    /// Traces requests, if traces are on.
    pub(crate) tracing: Option<Arc<Tracing>>,
}

/// Serves one request, counts it if the server is monitored, and traces it if traces are on.
pub(crate) async fn observe(
    middleware: Middleware,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let connection = request.conn_data::<Rc<Connection>>().cloned();
    if connection.as_ref().is_some_and(|connection| !connection.begin(request.head())) {
        // This waits until the connection is closed, which drops the future.
        return pending().await;
    }
    let Some(tracing) = &middleware.tracing else {
        return serve(&middleware, None, started, connection, request, next).await;
    };
    let span = trace::begin(tracing, &request);
    in_span(Rc::clone(&span), serve(&middleware, Some(&span), started, connection, request, next)).await
}

async fn serve(
    middleware: &Middleware,
    span: Option<&RequestSpan>,
    started: Instant,
    connection: Option<Rc<Connection>>,
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let Middleware { policy, monitoring, .. } = middleware;
    let id = RequestId::of(request.headers(), || UuidV7Generator.next_uuid());
    request.extensions_mut().insert(id.clone());
    let private = request.headers().contains_key(AUTHORIZATION);
    let serving = connection.as_ref().map(Connection::serve);
    let payload = HeldPayload::of(&mut request);
    policy.identify(&request);
    let response = match policy.preflight(&request) {
        Some(answer) => request.into_response(answer),
        None => match check(&request).and_then(|()| policy.admit(&request)) {
            Ok(()) => policy.count_invalid_credential(next.call(request).await?.map_into_boxed_body()),
            Err(problem) => request.error_response(problem),
        },
    };
    if let Some(monitoring) = monitoring {
        count_outcome(monitoring, &response);
    }
    let code = problem_of(response.response()).map(|problem| problem.code);
    let mut response = in_problem_form(response, &id);
    policy.write(&mut response);
    write_headers(response.headers_mut(), private, &id);
    if connection.is_some_and(|connection| connection.is_last()) {
        // The framework would use the request that it has read last, which may be another one.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    if let Some(span) = span {
        trace::end(span, &mut response, &id, code);
    }
    note(&response, code, &id, started, monitoring.as_deref());
    // A small response is sent immediately.
    let is_small = match response.response().body().size() {
        BodySize::None => true,
        BodySize::Sized(bytes) => bytes <= PIECE_BYTES_MAX as u64,
        BodySize::Stream => false,
    };
    if is_small && payload.is_none() {
        return Ok(response);
    }
    Ok(response.map_body(|_, body| until_sent(body, (serving, payload))))
}

/// Refuses malformed and unacceptable requests before the router sees them.
fn check(request: &ServiceRequest) -> Result<(), Problem> {
    let header_bytes: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.as_bytes().len()).sum();
    if header_bytes > HEADER_BYTES_MAX {
        return Err(Problem::new(Code::HeadersTooLarge));
    }
    if !has_good_host(request.headers()) {
        let detail = "The Host header is not a host with an optional port.";
        return Err(Problem::new(Code::InvalidParameter).with_detail(detail));
    }
    for name in [AUTHORIZATION, CONTENT_TYPE] {
        if is_ambiguous(request.headers(), &name) {
            let detail = format!("There are two different {name} headers: send one.");
            return Err(Problem::new(Code::InvalidParameter).with_detail(detail));
        }
    }
    if !takes_json(request.request()) && !is_page(request.path()) {
        return Err(Problem::new(Code::NotAcceptable));
    }
    if !is_plain(request.headers()) {
        return Err(Problem::new(Code::UnsupportedMediaType)
            .with_detail("Send the body as it is, without a Content-Encoding.")
            .with_header(ACCEPT_ENCODING, "identity"));
    }
    Ok(())
}

/// Whether `Host` is valid (RFC 9112, section 3.2) by its characters (RFC 3986, section 3.2).
fn has_good_host(headers: &HeaderMap) -> bool {
    let is_of_host = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(byte);
    headers.get(HOST).is_none_or(|host| host.as_bytes().iter().all(is_of_host))
}

/// Whether the path is a page, with media types other than JSON.
fn is_page(path: &str) -> bool {
    let is_below = |page| path.strip_prefix(page).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    path == "/" || is_below("/docs") || is_below("/console")
}

/// Writes an error's body: from its problem, or, for the framework's own errors, from the status.
fn in_problem_form(response: ServiceResponse<BoxBody>, id: &RequestId) -> ServiceResponse<BoxBody> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return response;
    }
    let (request, response) = response.into_parts();
    let base = BaseUrl::of(&request);
    let known = problem_of(&response);
    let answer = if let Some(problem) = known {
        log_cause(problem, id);
        problem.respond(&id.0, base.as_str())
    } else {
        let problem = match response.error() {
            Some(error) if status.is_server_error() => Problem::internal(error),
            _ => Problem::new(Code::of_status(status)),
        };
        log_cause(&problem, id);
        problem.respond(&id.0, base.as_str())
    };
    ServiceResponse::new(request, answer)
}

/// Logs the cause of a problem: a fault of the server as an error, unavailability as a warning.
fn log_cause(problem: &Problem, id: &RequestId) {
    let Some(cause) = problem.cause() else { return };
    if problem.status_code() == StatusCode::INTERNAL_SERVER_ERROR {
        log::error!(request_id = id.0.as_str(); "{cause}");
    } else {
        log::warn!(request_id = id.0.as_str(); "{cause}");
    }
}

/// The problem that a response reports.
fn problem_of(response: &HttpResponse) -> Option<&Problem> {
    response.error().and_then(|error| error.as_error::<Problem>())
}

/// Counts what a request came to, apart from its status.
fn count_outcome(monitoring: &Monitoring, response: &ServiceResponse<BoxBody>) {
    if let Some(problem) = problem_of(response.response()) {
        monitoring.count_refusal(problem);
    }
    if response.request().method() == Method::POST && response.headers().contains_key(IDEMPOTENCY_REPLAYED) {
        monitoring.count_replay();
    }
}

/// Counts the request, and writes its log line.
fn note(
    response: &ServiceResponse<BoxBody>,
    code: Option<Code>,
    id: &RequestId,
    started: Instant,
    monitoring: Option<&Monitoring>,
) {
    let is_logged = log_enabled!(target: ACCESS, Level::Info);
    if !is_logged && monitoring.is_none() {
        return;
    }
    let request = response.request();
    let (route, took) = (request.match_pattern(), started.elapsed());
    if let Some(monitoring) = monitoring {
        monitoring.count_request(route.as_deref(), request.method(), response.status(), took);
    }
    if is_logged {
        log_access(response, code, id, route.as_deref(), took);
    }
}

fn log_access(
    response: &ServiceResponse<BoxBody>,
    code: Option<Code>,
    id: &RequestId,
    route: Option<&str>,
    took: Duration,
) {
    let request = response.request();
    let extensions = request.extensions();
    let trace = TraceParent::of(request.headers()).map(|parent| parent.trace_id);
    log::info!(
        target: ACCESS,
        method = request.method().as_str(),
        route = route.unwrap_or("-"),
        status = response.status().as_u16(),
        code = code.map_or("-", Code::as_str),
        duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        request_id = id.0.as_str(),
        client:% = ClientAddress::of(request).0,
        caller = extensions.get::<CallerName>().map_or_else(|| "-".to_owned(), ToString::to_string),
        trace_id = trace.unwrap_or("-");
        "request"
    );
}
