//! The service: the routes and the middleware.

use std::sync::Arc;

use actix_web::Route;
use actix_web::body::BoxBody;
use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};

use crate::AppState;
use crate::endpoints::routes;
use crate::http::{self, Middleware};

/// Registers the whole service.
pub fn configure(state: Data<AppState>) -> impl FnOnce(&mut ServiceConfig) {
    move |config| {
        config.service(service(state.clone(), routes)).default_service(fallback(&state));
    }
}

fn middleware(state: &AppState) -> Middleware {
    let (monitoring, tracing) = (state.monitoring.clone(), state.tracing.clone());
    Middleware { policy: Arc::clone(&state.policy), monitoring, tracing }
}

/// Answers requests without a path, such as `OPTIONS *`, behind the same middleware.
pub(super) fn fallback(state: &Data<AppState>) -> Route {
    let middleware = middleware(state);
    web::to(http::server_wide)
        .wrap(from_fn(move |request, next: Next<BoxBody>| http::observe(middleware.clone(), request, next)))
}

/// The service with the given routes, behind the middleware: request ids, log lines, common
/// headers, and errors as problems.
pub fn service(state: Data<AppState>, routes: impl FnOnce(&mut ServiceConfig)) -> impl HttpServiceFactory {
    let middleware = middleware(&state);
    web::scope("")
        .app_data(state.catalog.clone())
        .app_data(state)
        .app_data(PayloadConfig::new(http::BODY_BYTES_MAX))
        .configure(routes)
        .default_service(web::to(http::unknown_route))
        .wrap(from_fn(move |request, next: Next<BoxBody>| http::observe(middleware.clone(), request, next)))
}
