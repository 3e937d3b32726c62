//! Headroom over HTTP. This crate knows HTTP and JSON, `domain` the rules, `storage` SQL.
//!
//! [`configure`] is the whole service; the binary and the tests use the same one.

// `println!` panics if the reader has closed the pipe; `cli::output::print` does not.
#![deny(clippy::print_stdout)]

mod access;
pub mod auth;
pub mod backups;
pub mod cli;
pub mod clock;
pub mod config;
mod endpoints;
mod http;
mod idempotency;
pub mod logging;
pub mod monitoring;
mod openapi;
pub mod passwords;
pub mod plans;
mod priority;
pub mod problem;
pub mod server;
pub mod state;
pub mod tracing;
mod version;

pub use access::BearerCredential;
pub use endpoints::{document_json, routes};
pub use http::{
    Allowance, AllowedOrigins, ProxyHeader, PublicUrl, RateLimitSettings, RequestPolicy, RequestPolicySettings,
    TrustedProxies,
};
pub use server::{configure, service};
pub use state::AppState;

/// The writer thread often frees memory that a worker has allocated: this allocator needs no lock
/// for that.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
