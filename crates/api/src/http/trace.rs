//! The span of a request, with the attributes of HTTP that OpenTelemetry's conventions name. Paths,
//! addresses of clients and other headers are not among them: they may be personal.

use std::rc::Rc;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{HOST, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::uri::{Authority, Uri};
use opentelemetry::KeyValue;

use super::base::BaseUrl;
use super::request_id::{RequestId, TRACEPARENT, TraceParent};
use crate::monitoring::method_name;
use crate::problem::Code;
use crate::tracing::{Parent, RequestSpan, Tracing};

/// The method of requests whose method has no name in the conventions.
const OTHER_METHOD: &str = "_OTHER";
/// Its place in the name of a span.
const OTHER_VERB: &str = "HTTP";

/// Begins the span of a request.
pub(super) fn begin(tracing: &Arc<Tracing>, request: &ServiceRequest) -> Rc<RequestSpan> {
    let verb = method_name(request.method()).unwrap_or(OTHER_VERB);
    Rc::new(RequestSpan::begin(tracing, verb, parent(request.headers()).as_ref()))
}

/// The caller's span.
fn parent(headers: &HeaderMap) -> Option<Parent> {
    let TraceParent { trace_id, span_id, is_sampled } = TraceParent::of(headers)?;
    let states: Vec<&str> = headers.get_all("tracestate").filter_map(|value| value.to_str().ok()).collect();
    let trace_state = states.join(",");
    Some(Parent { trace_id: trace_id.to_owned(), span_id: span_id.to_owned(), is_sampled, trace_state })
}

/// Ends the span of a request with its response, which gets its ids. `code` is that of the problem,
/// if it is one.
pub(super) fn end(span: &RequestSpan, response: &mut ServiceResponse<BoxBody>, id: &RequestId, code: Option<Code>) {
    if let Ok(value) = HeaderValue::from_str(&span.traceparent()) {
        response.headers_mut().insert(HeaderName::from_static(TRACEPARENT), value);
    }
    if !span.is_sampled() {
        return;
    }
    let (request, status) = (response.request(), response.status());
    let (method, route) = (method_name(request.method()), request.match_pattern());
    let mut attributes = vec![
        KeyValue::new("http.request.method", method.unwrap_or(OTHER_METHOD)),
        KeyValue::new("http.response.status_code", i64::from(status.as_u16())),
        KeyValue::new("headroom.request_id", id.0.clone()),
    ];
    attributes.extend(server(request));
    attributes.extend(route.clone().map(|route| KeyValue::new("http.route", route)));
    attributes.extend(code.map(|code| KeyValue::new("headroom.problem_code", code.as_str())));
    if status.is_server_error() {
        attributes.push(KeyValue::new("error.type", status.as_u16().to_string()));
    }
    let verb = method.unwrap_or(OTHER_VERB);
    let name = route.map_or_else(|| verb.to_owned(), |route| format!("{verb} {route}"));
    span.end(name, attributes, status.is_server_error());
}

/// The address by which the client reached this server.
fn server(request: &HttpRequest) -> Vec<KeyValue> {
    let public: Option<Uri> = BaseUrl::of(request).as_str().parse().ok().filter(|uri: &Uri| uri.host().is_some());
    let scheme = public.as_ref().and_then(Uri::scheme_str).unwrap_or("http").to_owned();
    let host = || request.headers().get(HOST)?.to_str().ok()?.parse().ok();
    let authority: Option<Authority> = public.and_then(|uri| uri.authority().cloned()).or_else(host);
    let address = authority.as_ref().map(|it| KeyValue::new("server.address", it.host().to_owned()));
    let port = authority.as_ref().and_then(Authority::port_u16);
    let port = port.map(|port| KeyValue::new("server.port", i64::from(port)));
    [Some(KeyValue::new("url.scheme", scheme)), address, port].into_iter().flatten().collect()
}
