//! What stands between HTTP and the handlers: the request's id and log line, who may come in
//! from where and how often, bodies, methods, paths.

mod body;
mod client_address;
mod cors;
mod counts;
mod gate;
mod held;
mod negotiation;
mod observe;
mod page;
mod path;
mod patience;
mod rate_limit;
mod request_id;
mod resource;

pub(crate) use body::{BODY_BYTES_MAX, Body, BodyFields, Input, read_bytes};
pub(crate) use client_address::ClientAddress;
pub use client_address::TrustedProxies;
pub use cors::AllowedOrigins;
pub use gate::Gate;
pub(crate) use negotiation::is_form;
pub(crate) use observe::observe;
pub(crate) use page::PageQuery;
pub(crate) use path::{AccountPath, ApiKeyPath, BookingPath, MemberPath, StaffPath};
pub(crate) use patience::watch;
pub(crate) use rate_limit::Quota;
pub use rate_limit::{Allowance, RateLimitSettings};
pub(crate) use request_id::RequestId;
pub(crate) use resource::{delete, get, patch, post, put, resource, unknown_route};
