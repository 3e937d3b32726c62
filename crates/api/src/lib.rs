//! Headroom over HTTP: it knows HTTP and JSON, the domain knows the rules, the store knows SQL.
//!
//! [`configure`] is the whole service; the binary and the tests use the same one.

// `println!` panics if the reader has gone: `output::print` does not.
#![deny(clippy::print_stdout)]

mod access;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
mod copy_command;
mod credential;
mod descriptors;
mod effect;
mod endpoints;
pub mod health_check;
mod http;
mod idempotency;
mod json;
mod key_commands;
mod listener;
pub mod logging;
pub mod openapi;
pub mod operator;
mod output;
pub mod passwords;
pub mod plans;
pub mod private_file;
pub mod problem;
mod readiness;
mod secrets;
pub mod server;
pub mod state;
mod user_commands;
mod version;

use actix_web::Route;
use actix_web::body::BoxBody;
use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::{Next, from_fn};
use actix_web::web::{self, Data, PayloadConfig, ServiceConfig};

pub use credential::Shown;
pub use endpoints::routes;
pub use http::{Allowance, AllowedOrigins, ProxyHeader, PublicUrl, RateLimitSettings, RequestPolicy, TrustedProxies};
pub use state::AppState;

/// What a worker asks for, the writer often gives back: an allocator whose threads do not meet over it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Registers the whole service.
pub fn configure(state: Data<AppState>) -> impl FnOnce(&mut ServiceConfig) {
    |config| {
        config.service(service(state.clone(), routes)).default_service(fallback(state));
    }
}

/// What answers requests that are about no path, such as `OPTIONS *`, with the same round it.
pub(crate) fn fallback(state: Data<AppState>) -> Route {
    web::to(http::server_wide)
        .wrap(from_fn(move |request, next: Next<BoxBody>| http::observe(Data::clone(&state), request, next)))
}

/// The service with the given routes, and round them what every request gets: an id, a log line, the headers that
/// every answer has, and the one form of errors.
pub fn service(state: Data<AppState>, routes: impl FnOnce(&mut ServiceConfig)) -> impl HttpServiceFactory {
    let observed = Data::clone(&state);
    web::scope("")
        .app_data(state)
        .app_data(PayloadConfig::new(http::BODY_BYTES_MAX))
        .configure(routes)
        .default_service(web::to(http::unknown_route))
        .wrap(from_fn(move |request, next: Next<BoxBody>| http::observe(Data::clone(&observed), request, next)))
}
