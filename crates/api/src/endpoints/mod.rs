//! The endpoints, one file each: request, response, OpenAPI annotation, handler. A handler
//! extracts, parses into the domain, runs one use case through the store, and turns the result into
//! HTTP.
//!
//! The annotation also states the method and the path of the handler. Each module lists its
//! handlers in `endpoints!`, and [`catalog`] lists the modules.

mod accounts;
mod allocations;
mod api_keys;
mod bookings;
mod catalog;
mod console;
mod docs;
mod endpoint;
mod entitlements;
mod erasure;
mod grants;
mod health;
mod holds;
mod jwks;
mod members;
mod overrides;
mod plans;
mod ready;
mod staff;
mod subscriptions;
mod token;
mod usage;
mod users;

use actix_web::web::ServiceConfig;

pub use docs::document_json;

/// Registers every route of the service.
pub fn routes(config: &mut ServiceConfig) {
    config.configure(catalog::routes).configure(docs::routes).configure(console::routes);
}
