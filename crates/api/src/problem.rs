//! Errors as problem details (RFC 9457): one table of codes, one way from every error to an answer.

use std::borrow::Cow;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpResponse, ResponseError};
use domain::error::{AddStaffMemberError, CreateBookingError, FindError, LimitRefusal, StorageError, SubscribeError};
use domain::rules::SubscriptionRequired;
use domain::{Fault, FaultReason, Faults, Metric};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The media type of a problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// How long to wait before asking again what was refused for want of capacity, in seconds.
const RETRY_AFTER_SECONDS: &str = "1";

macro_rules! codes {
    ($($name:ident: $code:literal, $status:ident, $title:literal, $detail:literal;)*) => {
        /// What can go wrong, as a stable name for programs to act on.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code, the status it is answered with, a title, and a sentence that says what to do.
            const fn row(self) -> (&'static str, StatusCode, &'static str, &'static str) {
                match self {
                    $(Self::$name => ($code, StatusCode::$status, $title, $detail),)*
                }
            }
        }
    };
}

codes! {
    InvalidJson: "invalid_json", BAD_REQUEST, "The body is not JSON", "Send one JSON object.";
    UnknownField: "unknown_field", BAD_REQUEST, "The body has a field that is not known", "Leave the field out, or correct its name.";
    InvalidParameter: "invalid_parameter", BAD_REQUEST, "The request is malformed", "Correct the request's path, query or headers.";
    Unauthenticated: "unauthenticated", UNAUTHORIZED, "An access token is required", "Get a token from POST /token and send it as: Authorization: Bearer <token>.";
    InvalidToken: "invalid_token", UNAUTHORIZED, "The access token is not valid", "Get a new token from POST /token.";
    TokenExpired: "token_expired", UNAUTHORIZED, "The access token has expired", "Get a new token from POST /token.";
    InvalidCredentials: "invalid_credentials", UNAUTHORIZED, "The credentials are not right", "Correct the username or the password.";
    SubscriptionRequired: "subscription_required", FORBIDDEN, "The account is on no plan", "Put the account on a plan first, with POST /accounts/{id}/subscribe.";
    StaffLimitExceeded: "staff_limit_exceeded", FORBIDDEN, "The plan permits no more staff members", "Choose a plan that permits more staff members.";
    BookingLimitExceeded: "booking_limit_exceeded", FORBIDDEN, "The plan permits no more bookings that day", "Choose another day, or a plan that permits more bookings a day.";
    NotFound: "not_found", NOT_FOUND, "There is no such thing", "Check the path and the ids in it.";
    MethodNotAllowed: "method_not_allowed", METHOD_NOT_ALLOWED, "The method is not allowed here", "Use one of the methods that the Allow header names.";
    NotAcceptable: "not_acceptable", NOT_ACCEPTABLE, "The answer is JSON only", "Send Accept: application/json, or no Accept header.";
    RequestTimeout: "request_timeout", REQUEST_TIMEOUT, "The request came too slowly", "Send the whole request within 5 seconds.";
    PayloadTooLarge: "payload_too_large", PAYLOAD_TOO_LARGE, "The body is too large", "Send at most 16 KiB.";
    UnsupportedMediaType: "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body's media type is not supported", "Send Content-Type: application/json.";
    ValidationFailed: "validation_failed", UNPROCESSABLE_ENTITY, "The body is not acceptable", "Correct the fields that errors names.";
    UnknownPlan: "unknown_plan", UNPROCESSABLE_ENTITY, "There is no such plan", "Choose one of the plans that GET /plans lists.";
    HeadersTooLarge: "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large", "Send at most 32 KiB of headers.";
    Internal: "internal", INTERNAL_SERVER_ERROR, "Something went wrong here", "Try again later; if it goes on, report the request's id.";
    Unavailable: "unavailable", SERVICE_UNAVAILABLE, "The service cannot take the request just now", "Nothing was written. Try again after the time that Retry-After names.";
    OutcomeUnknown: "outcome_unknown", SERVICE_UNAVAILABLE, "It is not known whether anything was written", "Look whether it was done before trying again.";
}

impl Code {
    /// The code's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The status it is answered with.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().1
    }

    /// What happened, in a few words.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// What to do about it, in a sentence.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        self.row().3
    }

    /// The code for an answer of the framework's own that has only a status.
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let known = [
            Self::NotFound,
            Self::MethodNotAllowed,
            Self::NotAcceptable,
            Self::RequestTimeout,
            Self::PayloadTooLarge,
            Self::UnsupportedMediaType,
            Self::HeadersTooLarge,
            Self::Unavailable,
        ];
        let fallback = if status.is_server_error() { Self::Internal } else { Self::InvalidParameter };
        known.into_iter().find(|code| code.status() == status).unwrap_or(fallback)
    }
}

/// A problem as it is written (RFC 9457, section 3).
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

/// One thing wrong with one field of a body.
#[derive(Debug, Serialize)]
struct FieldError {
    pointer: String,
    code: &'static str,
    detail: String,
}

impl From<&Fault> for FieldError {
    fn from(fault: &Fault) -> Self {
        // RFC 6901: the whole document is the empty pointer.
        let pointer = if fault.field.is_empty() { String::new() } else { format!("/{}", fault.field) };
        Self { pointer, code: fault.reason.code(), detail: fault.reason.to_string() }
    }
}

/// Why a request was refused, on its way to becoming an answer.
#[derive(Debug)]
pub struct Problem {
    /// What went wrong.
    pub code: Code,
    detail: Cow<'static, str>,
    extensions: Vec<(&'static str, Value)>,
    headers: Vec<(HeaderName, Cow<'static, str>)>,
    /// For the log alone.
    cause: Option<String>,
}

impl Problem {
    /// A problem with its code's own detail.
    #[must_use]
    pub fn new(code: Code) -> Self {
        let headers = if code.status() == StatusCode::UNAUTHORIZED {
            vec![(header::WWW_AUTHENTICATE, challenge(code).into())]
        } else if code == Code::Unavailable {
            vec![(header::RETRY_AFTER, RETRY_AFTER_SECONDS.into())]
        } else {
            Vec::new()
        };
        Self { code, detail: code.detail().into(), extensions: Vec::new(), headers, cause: None }
    }

    /// Something went wrong that the caller can do nothing about; `cause` goes to the log alone.
    pub(crate) fn internal(cause: impl fmt::Display) -> Self {
        Self { cause: Some(cause.to_string()), ..Self::new(Code::Internal) }
    }

    pub(crate) fn with_detail(self, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { detail: detail.into(), ..self }
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: impl Into<Cow<'static, str>>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn with(mut self, member: &'static str, value: impl Into<Value>) -> Self {
        self.extensions.push((member, value.into()));
        self
    }

    /// What the log should know beyond the code.
    pub(crate) fn cause(&self) -> Option<&str> {
        self.cause.as_deref()
    }

    /// The answer, for the request of this id.
    pub(crate) fn respond(&self, request_id: &str) -> HttpResponse {
        let body = ProblemBody {
            r#type: format!("/docs/errors#{}", self.code.as_str()),
            title: self.code.title(),
            status: self.code.status().as_u16(),
            detail: &self.detail,
            code: self.code.as_str(),
            request_id,
            extensions: self.extensions.iter().map(|(member, value)| ((*member).to_owned(), value.clone())).collect(),
        };
        let mut response = HttpResponse::build(self.code.status());
        if matches!(self.code, Code::RequestTimeout | Code::PayloadTooLarge) {
            // The rest of the body is still to come, and nobody will read it.
            response.force_close();
        }
        for (name, value) in &self.headers {
            response.insert_header((name, value.as_ref()));
        }
        response.content_type(MEDIA_TYPE).json(body)
    }
}

/// The challenge of a 401 (RFC 6750, section 3): without an error when no token was sent.
fn challenge(code: Code) -> String {
    match code {
        Code::InvalidToken | Code::TokenExpired => {
            format!("Bearer realm=\"headroom\", error=\"invalid_token\", error_description=\"{}\"", code.title())
        }
        _ => "Bearer realm=\"headroom\"".into(),
    }
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

    /// Only the status: the body needs the request's id, and is written where that is known, in `http::observe`.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.code.status())
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        let code = match error {
            StorageError::Unavailable(_) => Code::Unavailable,
            StorageError::OutcomeUnknown(_) => Code::OutcomeUnknown,
            StorageError::Corrupt(_) | StorageError::Backend(_) => Code::Internal,
        };
        Self { cause: Some(error.to_string()), ..Self::new(code) }
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let errors: Vec<FieldError> = faults.iter().map(FieldError::from).collect();
        Self::new(Code::ValidationFailed).with("errors", json!(errors))
    }
}

impl From<SubscriptionRequired> for Problem {
    fn from(SubscriptionRequired: SubscriptionRequired) -> Self {
        Self::new(Code::SubscriptionRequired)
    }
}

impl From<FindError> for Problem {
    fn from(error: FindError) -> Self {
        match error {
            FindError::NotFound => Self::new(Code::NotFound),
            FindError::Storage(error) => error.into(),
        }
    }
}

impl From<SubscribeError> for Problem {
    fn from(error: SubscribeError) -> Self {
        match error {
            SubscribeError::AccountNotFound => Self::new(Code::NotFound),
            SubscribeError::UnknownPlan => Self::new(Code::UnknownPlan),
            SubscribeError::Storage(error) => error.into(),
        }
    }
}

impl From<AddStaffMemberError> for Problem {
    fn from(error: AddStaffMemberError) -> Self {
        match error {
            AddStaffMemberError::AccountNotFound => Self::new(Code::NotFound),
            AddStaffMemberError::SubscriptionRequired(refusal) => refusal.into(),
            AddStaffMemberError::LimitExceeded(refusal) => (*refusal).into(),
            AddStaffMemberError::Storage(error) => error.into(),
        }
    }
}

impl From<CreateBookingError> for Problem {
    fn from(error: CreateBookingError) -> Self {
        match error {
            CreateBookingError::AccountNotFound => Self::new(Code::NotFound),
            CreateBookingError::UnknownStaffMember => {
                Faults::from(Fault { field: "staff_id", reason: FaultReason::UnknownStaffMember }).into()
            }
            CreateBookingError::SubscriptionRequired(refusal) => refusal.into(),
            CreateBookingError::LimitExceeded(refusal) => (*refusal).into(),
            CreateBookingError::Storage(error) => error.into(),
        }
    }
}

impl From<LimitRefusal> for Problem {
    fn from(refusal: LimitRefusal) -> Self {
        let LimitRefusal { exceeded, window, next_allowed_day, plans_that_allow } = refusal;
        let (code, things) = match exceeded.metric {
            Metric::Staff => (Code::StaffLimitExceeded, "staff members"),
            Metric::BookingsPerDay => (Code::BookingLimitExceeded, "bookings a day"),
        };
        let plans: Vec<&str> = plans_that_allow.iter().map(domain::PlanKey::as_str).collect();
        let usage = exceeded.usage;
        let room = next_allowed_day.map(|day| format!(" The next day with room is {day}.")).unwrap_or_default();
        let upgrade = plans.first().map(|plan| format!(" The plan {plan} permits more.")).unwrap_or_default();
        let detail = format!(
            "The plan {} permits {} {things}, and {} are used.{room}{upgrade}",
            exceeded.plan, usage.limit, usage.used
        );
        let window = window.map(
            |day| json!({"start": day.start.to_string(), "end": day.end.to_string(), "time_zone": day.zone.name()}),
        );
        Self::new(code)
            .with_detail(detail)
            .with("plan", exceeded.plan.as_str())
            .with("metric", exceeded.metric.as_str())
            .with("limit", usage.limit.max())
            .with("used", usage.used)
            .with("requested", exceeded.requested)
            .with("remaining", usage.remaining())
            .with("window", window)
            .with("next_allowed_day", next_allowed_day.map(|day| day.to_string()))
            .with("plans_that_allow", plans)
    }
}
