//! Errors as problem details (RFC 9457): one table of codes, one conversion from errors to
//! responses.

mod codes;
mod conversions;
mod faults;
mod known_keys;
mod limits;
mod metered;
mod unknown;

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use serde_json::{Map, Value};

pub use codes::Code;
pub(crate) use known_keys::hint;
pub(crate) use limits::{ExcessBody, LimitBody, WindowBody};
pub(crate) use unknown::UnknownFields;

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The `Retry-After` of requests refused for lack of capacity, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

/// The body of a problem (RFC 9457, section 3).
#[derive(Serialize)]
struct ProblemBody<'a> {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: &'a str,
    code: &'static str,
    request_id: &'a str,
    #[serde(flatten)]
    extensions: Map<String, Value>,
}

/// Why a request was refused: it becomes the response.
#[derive(Debug)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    detail: Cow<'static, str>,
    extensions: Vec<(Cow<'static, str>, Value)>,
    headers: Vec<(HeaderName, Cow<'static, str>)>,
    /// For the log only.
    cause: Option<String>,
}

impl Problem {
    /// A problem with its code's own detail.
    #[must_use]
    pub fn new(code: Code) -> Self {
        let headers = if let Some(challenge) = challenge(code) {
            vec![(header::WWW_AUTHENTICATE, challenge)]
        } else if code == Code::Unavailable {
            vec![(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into())]
        } else {
            Vec::new()
        };
        Self { code, detail: code.detail().into(), extensions: Vec::new(), headers, cause: None }
    }

    /// An internal error; `cause` goes to the log only.
    pub(crate) fn internal(cause: impl fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Internal) }
    }

    /// A temporary failure; `cause` goes to the log only.
    pub(crate) fn unavailable(cause: impl fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Unavailable) }
    }

    pub(crate) fn with_detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// Removes the challenge: another token would not help.
    pub(crate) fn without_challenge(mut self) -> Self {
        self.headers.retain(|(name, _)| *name != header::WWW_AUTHENTICATE);
        self
    }

    pub(crate) fn with(mut self, member: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.push((member.into(), value.into()));
        self
    }

    /// Whether it has an extension member of this name.
    pub(crate) fn has(&self, member: &str) -> bool {
        self.extensions.iter().any(|(name, _)| name == member)
    }

    /// The metric and the plan whose limit refused the request, if one did.
    pub(crate) fn refused_limit(&self) -> Option<(&str, &str)> {
        let is_refusal =
            matches!(self.code, Code::StaffLimitExceeded | Code::BookingLimitExceeded | Code::LimitExceeded);
        let member = |name| self.extensions.iter().find(|(member, _)| member == name)?.1.as_str();
        member("metric").zip(member("plan")).filter(|_| is_refusal)
    }

    /// Adds each member of an object.
    fn with_members(mut self, object: Value) -> Self {
        if let Value::Object(members) = object {
            self.extensions.extend(members.into_iter().map(|(member, value)| (member.into(), value)));
        }
        self
    }

    /// The cause, for the log.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The response to the request of this id. `base` is what its URLs begin with.
    pub(crate) fn respond(&self, request_id: &str, base: &str) -> HttpResponse {
        let body = ProblemBody {
            r#type: format!("{base}/docs/errors#{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            request_id,
            extensions: self.extensions.iter().map(|(member, value)| (member.to_string(), value.clone())).collect(),
        };
        let mut response = HttpResponse::build(self.code.status());
        if matches!(self.code, Code::RequestTimeout | Code::PayloadTooLarge) {
            // The rest of the body is not read.
            response.force_close();
        }
        for (name, value) in &self.headers {
            response.insert_header((name, value.as_ref()));
        }
        let mut text = serde_json::to_vec(&body).unwrap_or_default();
        text.push(b'\n');
        response.content_type(MEDIA_TYPE).body(text)
    }
}

/// The challenge of a 401, and of a 403 that another token could avoid (RFC 6750, section 3). It
/// has no error if no token was sent.
fn challenge(code: Code) -> Option<Cow<'static, str>> {
    let error = match code {
        Code::InvalidToken | Code::TokenExpired => "invalid_token",
        Code::Forbidden => "insufficient_scope",
        _ if code.status() == StatusCode::UNAUTHORIZED => return Some("Bearer realm=\"headroom\"".into()),
        _ => return None,
    };
    let description = code.title();
    Some(format!("Bearer realm=\"headroom\", error=\"{error}\", error_description=\"{description}\"").into())
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code.as_str())
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Has only the status. `http::observe` writes the body, which needs the request's id.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
    }
}
