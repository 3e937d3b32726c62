//! The one table of problem codes: status, title, and what the client can do.

use actix_web::http::StatusCode;

macro_rules! codes {
    ($($name:ident: $code:literal, $status:ident, $title:literal, $detail:literal;)*) => {
        /// A problem's code: a stable name for programs.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Code {
            $(#[doc = $title] $name,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code's name, status, title, and default detail.
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
    UnknownField: "unknown_field", BAD_REQUEST, "Unknown field in the body", "Leave the field out, or correct its name.";
    InvalidCursor: "invalid_cursor", BAD_REQUEST, "The cursor belongs to another list", "Start again from the first page, without a cursor.";
    InvalidParameter: "invalid_parameter", BAD_REQUEST, "The request is malformed", "Correct the request's path, query or headers.";
    Unauthenticated: "unauthenticated", UNAUTHORIZED, "An access token is required", "Get a token from POST /token and send it as: Authorization: Bearer <token>.";
    InvalidToken: "invalid_token", UNAUTHORIZED, "The token is not valid", "Get a new token from POST /token.";
    TokenExpired: "token_expired", UNAUTHORIZED, "The access token has expired", "Get a new token from POST /token.";
    InvalidCredentials: "invalid_credentials", UNAUTHORIZED, "Invalid credentials", "Check the username and the password.";
    Forbidden: "forbidden", FORBIDDEN, "Not permitted", "Ask an owner of the account for a higher role, or use an API key of a wider scope.";
    SubscriptionRequired: "subscription_required", FORBIDDEN, "The account has no subscription", "Subscribe the account to a plan first, with POST /accounts/{id}/subscribe.";
    StaffLimitExceeded: "staff_limit_exceeded", FORBIDDEN, "The plan permits no more staff members", "Choose a plan that permits more staff members.";
    BookingLimitExceeded: "booking_limit_exceeded", FORBIDDEN, "The plan permits no more bookings that day", "Choose another day, or a plan that permits more bookings a day.";
    LimitExceeded: "limit_exceeded", FORBIDDEN, "The plan permits no more", "Wait until next_allowed_at, or choose a plan that permits more.";
    NotFound: "not_found", NOT_FOUND, "Not found", "Check the path and the ids in it.";
    MethodNotAllowed: "method_not_allowed", METHOD_NOT_ALLOWED, "Method not allowed", "Use one of the methods that the Allow header names.";
    NotAcceptable: "not_acceptable", NOT_ACCEPTABLE, "Only JSON is available", "Send Accept: application/json, or no Accept header.";
    RequestTimeout: "request_timeout", REQUEST_TIMEOUT, "Request timeout", "Send the whole request within 5 seconds.";
    Conflict: "conflict", CONFLICT, "Conflict with the current state", "Get the resource, and change what is in the way first.";
    OverLimit: "over_limit", CONFLICT, "Current usage exceeds the plan", "Remove what exceeded lists, choose a larger plan, or send over_limit: keep.";
    PreconditionFailed: "precondition_failed", PRECONDITION_FAILED, "The resource has changed", "Get it again, and send its current ETag as If-Match.";
    PayloadTooLarge: "payload_too_large", PAYLOAD_TOO_LARGE, "The body is too large", "Send at most 16 KiB, or 160 KiB for a list of allocations.";
    UnsupportedMediaType: "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The body's media type is not supported", "Send Content-Type: application/json.";
    ValidationFailed: "validation_failed", UNPROCESSABLE_ENTITY, "Validation failed", "Correct the fields that errors lists.";
    UnknownPlan: "unknown_plan", UNPROCESSABLE_ENTITY, "Unknown plan", "Choose one of the plans that GET /plans lists.";
    IdempotencyKeyReused: "idempotency_key_reused", UNPROCESSABLE_ENTITY, "The Idempotency-Key was used by another request", "Use a new key for each request; repeat a request with its own key and the same body.";
    HeadersTooLarge: "headers_too_large", REQUEST_HEADER_FIELDS_TOO_LARGE, "The headers are too large", "Send at most 32 KiB of headers.";
    RateLimited: "rate_limited", TOO_MANY_REQUESTS, "Too many requests", "Try again after the time that Retry-After names.";
    Internal: "internal", INTERNAL_SERVER_ERROR, "Internal error", "Try again later; if it persists, report the request id.";
    Unavailable: "unavailable", SERVICE_UNAVAILABLE, "The service is unavailable", "Nothing was written. Try again after the time that Retry-After names.";
    OutcomeUnknown: "outcome_unknown", SERVICE_UNAVAILABLE, "It is unknown whether the request was committed", "Send it again with the same Idempotency-Key; without one, check first whether it was done.";
}

impl Code {
    /// The code's stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        self.row().0
    }

    /// The status of the response.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.row().1
    }

    /// A short description of the problem.
    #[must_use]
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// What the client can do.
    #[must_use]
    pub const fn detail(self) -> &'static str {
        self.row().3
    }

    /// The code for a response of the framework, which has only a status.
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
