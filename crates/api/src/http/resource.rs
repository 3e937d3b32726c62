//! Resources that know their methods: another method is 405 with `Allow`, another path is 404.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{Handler, HttpRequest, HttpResponse, Resource, Responder, Route, guard, web};

use crate::problem::{Code, Problem};

/// A handler and the methods that it answers.
pub(crate) struct MethodRoute {
    allow: &'static str,
    route: Route,
}

impl MethodRoute {
    /// Answers `method` with `route`; GET includes HEAD.
    pub(crate) fn new(method: &Method, route: Route) -> Self {
        let (allow, route) = match *method {
            Method::GET => ("GET, HEAD", route.guard(guard::Any(guard::Get()).or(guard::Head()))),
            Method::POST => ("POST", route.method(Method::POST)),
            Method::PUT => ("PUT", route.method(Method::PUT)),
            Method::PATCH => ("PATCH", route.method(Method::PATCH)),
            _ => ("DELETE", route.method(Method::DELETE)),
        };
        Self { allow, route }
    }
}

/// Answers GET, and HEAD with the same headers and no body.
pub(crate) fn get<F, Args>(handler: F) -> MethodRoute
where
    F: Handler<Args>,
    Args: actix_web::FromRequest + 'static,
    F::Output: Responder + 'static,
{
    MethodRoute::new(&Method::GET, web::to(handler))
}

/// The resource at `path`, with the methods that `routes` answer.
pub(crate) fn resource(path: &str, routes: impl IntoIterator<Item = MethodRoute>) -> Resource {
    let mut resource = web::resource(path);
    let mut allow = Vec::new();
    for route in routes {
        allow.push(route.allow);
        resource = resource.route(route.route);
    }
    let allow = allow.join(", ");
    resource.default_service(web::to(move || {
        let refusal = Problem::new(Code::MethodNotAllowed).with_header(ALLOW, allow.clone());
        async { Err::<&str, Problem>(refusal) }
    }))
}

/// Answers requests without a path: `OPTIONS *` (RFC 9110, section 9.3.7) returns the methods of
/// the server.
pub(crate) async fn server_wide(request: HttpRequest) -> Result<HttpResponse, Problem> {
    if request.method() == Method::OPTIONS && request.path() == "*" {
        return Ok(HttpResponse::NoContent().insert_header((ALLOW, "GET, HEAD, POST, PUT, PATCH, DELETE")).finish());
    }
    Err(Problem::new(Code::NotFound))
}

/// Answers unknown paths with 404. For a superfluous slash the detail says so: a redirect would
/// drop the body of a POST.
pub(crate) async fn unknown_route(request: HttpRequest) -> Result<&'static str, Problem> {
    let not_found = Problem::new(Code::NotFound);
    let path = request.match_info().as_str();
    let meant = path.trim_end_matches('/');
    if meant.len() == path.len() || meant.is_empty() || !request.resource_map().has_resource(meant) {
        return Err(not_found);
    }
    Err(not_found.with_detail(format!("Paths here end without a slash. Use {meant}.")))
}
