//! What stands between HTTP and the handlers: the request's id and log line, bodies, methods, paths.

mod body;
mod held;
mod negotiation;
mod observe;
mod path;
mod patience;
mod request_id;
mod resource;

pub(crate) use body::{BODY_BYTES_MAX, Body, BodyFields, Input, read_bytes};
pub(crate) use negotiation::is_form;
pub(crate) use observe::observe;
pub(crate) use path::{AccountPath, BookingPath, StaffPath};
pub(crate) use patience::watch;
pub(crate) use resource::{get, post, resource, unknown_route};
