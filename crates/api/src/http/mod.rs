//! HTTP below the handlers: request ids and log lines, the request policy, bodies, methods, paths,
//! conditional requests, connections.

mod base;
mod body;
mod caller_name;
mod client_address;
mod connection;
mod cors;
mod fields;
mod framework_errors;
mod headers;
mod held;
mod json;
mod list;
mod negotiation;
mod observe;
mod path;
mod query;
mod rate_limits;
mod request_id;
mod request_policy;
mod resource;
mod static_file;
mod trace;
mod unread;
mod version;

pub(crate) use base::BaseUrl;
pub use base::PublicUrl;
pub(crate) use body::{BODY_BYTES_MAX, Body, BodyFields, CatalogFields, LARGE_BODY_BYTES_MAX, read_bytes};
pub(crate) use caller_name::CallerName;
pub(crate) use client_address::ClientAddress;
pub use client_address::{ProxyHeader, TrustedProxies};
pub(crate) use connection::{Deadlines, WatchedStream};
pub use cors::AllowedOrigins;
pub(crate) use fields::Input;
pub(crate) use headers::IDEMPOTENCY_REPLAYED;
pub(crate) use json::{Json, json, line};
pub(crate) use list::List;
pub(crate) use negotiation::is_form;
pub(crate) use observe::{Middleware, observe};
pub(crate) use path::{
    AccountPath, AllocationPath, AllocationsPath, ApiKeyPath, BookingPath, GrantPath, HoldPath, MemberPath, Overridden,
    OverrideKeyPath, OverridePath, StaffPath, UsagePath, UserPath,
};
pub(crate) use query::{Parameters, Query, faulty};
pub(crate) use rate_limits::Quota;
pub use rate_limits::{Allowance, RateLimitSettings};
pub(crate) use request_id::RequestId;
pub use request_policy::{RequestPolicy, RequestPolicySettings};
pub(crate) use resource::{MethodRoute, get, resource, server_wide, unknown_route};
pub(crate) use static_file::StaticFile;
pub(crate) use unread::{NoQueryOrConditions, Unread};
pub(crate) use version::{Conditions, IfMatch, NotChanged, Versioned, content_version, etag, tagged};
