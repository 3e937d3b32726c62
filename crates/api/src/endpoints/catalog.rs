//! The catalog of endpoints: the source of the routes and of the OpenAPI document.

use std::sync::LazyLock;

use actix_web::Route;
use actix_web::http::Method;
use actix_web::web::{PayloadConfig, ServiceConfig};
use utoipa::openapi::OpenApi;

use super::endpoint::Endpoint;
use super::{
    accounts, allocations, api_keys, bookings, entitlements, grants, health, holds, jwks, members, overrides, plans,
    ready, staff, subscriptions, token, usage, users,
};
use crate::http::{LARGE_BODY_BYTES_MAX, MethodRoute, resource};

/// The endpoints of each module. The router tries paths in this order, so the busiest come first.
const MODULES: [&[Endpoint]; 18] = [
    bookings::ENDPOINTS,
    usage::ENDPOINTS,
    staff::ENDPOINTS,
    allocations::ENDPOINTS,
    holds::ENDPOINTS,
    subscriptions::ENDPOINTS,
    entitlements::ENDPOINTS,
    overrides::ENDPOINTS,
    grants::ENDPOINTS,
    members::ENDPOINTS,
    accounts::ENDPOINTS,
    users::ENDPOINTS,
    api_keys::ENDPOINTS,
    token::ENDPOINTS,
    plans::ENDPOINTS,
    jwks::ENDPOINTS,
    health::ENDPOINTS,
    ready::ENDPOINTS,
];

/// A path and the routes of its methods.
type PathRoutes = (String, Vec<(Method, fn() -> Route)>);

/// Every path, in the order of its first endpoint.
static RESOURCES: LazyLock<Vec<PathRoutes>> = LazyLock::new(|| {
    let mut resources = Vec::<PathRoutes>::new();
    for endpoint in MODULES.into_iter().flatten() {
        let (path, method) = endpoint.path_and_method().expect("an annotation names a path and a method");
        let route = (method, endpoint.route);
        match resources.iter_mut().find(|(its, _)| *its == path) {
            Some((_, routes)) => routes.push(route),
            None => resources.push((path, vec![route])),
        }
    }
    resources
});

/// Registers each path as one resource, which responds with 405 to other methods.
pub(super) fn routes(config: &mut ServiceConfig) {
    for (path, routes) in &*RESOURCES {
        let routes = routes.iter().map(|(method, route)| MethodRoute::new(method, route()));
        let mut resource = resource(path, routes);
        if path == allocations::MANY_KEYS_PATH {
            resource = resource.app_data(PayloadConfig::new(LARGE_BODY_BYTES_MAX));
        }
        config.service(resource);
    }
}

/// A document of every operation, with the schemas that they refer to.
pub(super) fn operations() -> OpenApi {
    let documents = MODULES.into_iter().flatten().map(|endpoint| (endpoint.document)());
    documents.reduce(OpenApi::merge_from).unwrap_or_default()
}
