//! What stands between HTTP and the handlers: the request's id and log line, who may come in
//! from where and how often, bodies, methods, paths.

mod base;
mod body;
mod client_address;
mod connection;
mod cors;
mod counts;
mod dry_run;
mod fields;
mod gate;
mod held;
mod negotiation;
mod observe;
mod page;
mod path;
mod query;
mod rate_limit;
mod request_id;
mod resource;
mod static_file;
mod unread;
mod version;

pub(crate) use base::Base;
pub use base::PublicUrl;
pub(crate) use body::{BODY_BYTES_MAX, Body, BodyFields, read_bytes};
pub(crate) use client_address::ClientAddress;
pub use client_address::TrustedProxies;
pub(crate) use connection::{Deadlines, WatchedStream};
pub use cors::AllowedOrigins;
pub(crate) use dry_run::DryRunQuery;
pub(crate) use fields::Input;
pub use gate::Gate;
pub(crate) use negotiation::is_form;
pub(crate) use observe::observe;
pub(crate) use page::PageQuery;
pub(crate) use path::{AccountPath, ApiKeyPath, BookingPath, MemberPath, OverridePath, StaffPath};
pub(crate) use query::{Parameters, Query, faulty};
pub(crate) use rate_limit::Quota;
pub use rate_limit::{Allowance, RateLimitSettings};
pub(crate) use request_id::RequestId;
pub(crate) use resource::{delete, get, patch, post, put, resource, unknown_route};
pub(crate) use static_file::StaticFile;
pub(crate) use unread::{Plain, Unread};
pub(crate) use version::{Conditions, IfMatch, NotChanged, Versioned, content_version, etag, tagged};
