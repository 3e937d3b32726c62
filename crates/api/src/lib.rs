//! Headroom over HTTP: it knows HTTP and JSON, the domain knows the rules, the store knows SQL.
//!
//! [`configure`] is the whole service; the binary and the tests use the same one.

// `println!` panics if the reader has gone: `cli::output::print` does not.
#![deny(clippy::print_stdout)]

mod access;
pub mod auth;
pub mod cli;
pub mod clock;
pub mod config;
mod endpoints;
mod http;
mod idempotency;
pub mod logging;
mod openapi;
pub mod passwords;
pub mod plans;
pub mod problem;
pub mod server;
pub mod state;
mod version;

pub use access::BearerCredential;
pub use endpoints::{document_json, routes};
pub use http::{
    Allowance, AllowedOrigins, ProxyHeader, PublicUrl, RateLimitSettings, RequestPolicy, RequestPolicySettings,
    TrustedProxies,
};
pub use server::{configure, service};
pub use state::AppState;

/// What a worker asks for, the writer often gives back: an allocator whose threads do not meet over
/// it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
