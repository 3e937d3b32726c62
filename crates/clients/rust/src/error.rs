//! Errors: refusals of the service by their code, and requests that got no answer.

use std::time::Duration;

use domain::PlanKey;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error as ThisError;

use crate::limits::{LimitExcess, LimitState};

/// A problem (RFC 9457) as the service describes it.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Problem {
    /// The stable error code.
    pub code: String,
    /// The HTTP status.
    pub status: u16,
    /// A short summary.
    pub title: String,
    /// The explanation for people, and how to correct the request.
    pub detail: String,
    /// The request's id, as in the service's log.
    pub request_id: String,
    /// The URL of the code's description.
    #[serde(rename = "type")]
    pub type_url: String,
    /// The other members, such as `plans_that_allow`.
    #[serde(flatten)]
    pub members: Map<String, Value>,
}

/// A request that the plan does not permit.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct LimitExceeded {
    /// The problem. Its code is `limit_exceeded`, `staff_limit_exceeded` or
    /// `booking_limit_exceeded`.
    pub problem: Problem,
    /// How many more were requested.
    pub requested: u64,
    /// The limit, what is used, when there is room again, and the plans that permit the request.
    pub state: LimitState,
}

impl LimitExceeded {
    /// The plan to offer: the smallest one that permits the request.
    #[must_use]
    pub fn upgrade(&self) -> Option<&PlanKey> {
        self.state.plans_that_allow.first()
    }
}

/// A fault of a field.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FieldFault {
    /// Where the field is (RFC 6901), such as `/items/3/quantity`.
    pub pointer: String,
    /// The stable code of the fault.
    pub code: String,
    /// The explanation for people.
    pub detail: String,
}

/// Why a request did not succeed.
#[derive(Debug, ThisError)]
#[non_exhaustive]
pub enum Error {
    /// The plan permits no more.
    #[error("{}", .0.problem.detail)]
    Refused(Box<LimitExceeded>),
    /// The account is on no plan.
    #[error("{}", .0.detail)]
    SubscriptionRequired(Box<Problem>),
    /// The account uses more than the new plan permits, and the request says `reject`.
    #[error("{}", .problem.detail)]
    OverLimit {
        /// The problem.
        problem: Box<Problem>,
        /// What is in excess.
        exceeded: Vec<LimitExcess>,
    },
    /// The token or the API key is missing, invalid or expired, or the credentials are wrong.
    #[error("{}", .0.detail)]
    Unauthenticated(Box<Problem>),
    /// The role or the API key's scope does not permit it.
    #[error("{}", .0.detail)]
    Forbidden(Box<Problem>),
    /// It does not exist, or is in an account of others.
    #[error("{}", .0.detail)]
    NotFound(Box<Problem>),
    /// The present state does not permit it.
    #[error("{}", .0.detail)]
    Conflict(Box<Problem>),
    /// The resource has changed since the `ETag` of `If-Match`.
    #[error("{}", .0.detail)]
    PreconditionFailed(Box<Problem>),
    /// The request is faulty.
    #[error("{}", describe_faults(.problem, .faults))]
    Invalid {
        /// The problem.
        problem: Box<Problem>,
        /// The faults of fields.
        faults: Vec<FieldFault>,
    },
    /// The catalogue has no such plan.
    #[error("{}", .0.detail)]
    UnknownPlan(Box<Problem>),
    /// The idempotency key was used with another request.
    #[error("{}", .0.detail)]
    IdempotencyKeyReused(Box<Problem>),
    /// There were too many requests, also after retries. The request had no effect.
    #[error("{}", .problem.detail)]
    RateLimited {
        /// The problem.
        problem: Box<Problem>,
        /// When to try again.
        retry_after: Option<Duration>,
    },
    /// The service cannot answer, also after retries. The request had no effect.
    #[error("{}", .problem.detail)]
    Unavailable {
        /// The problem.
        problem: Box<Problem>,
        /// When to try again.
        retry_after: Option<Duration>,
    },
    /// It is unknown whether the request was carried out, also after retries.
    #[error("{}", .0.detail)]
    OutcomeUnknown(Box<Problem>),
    /// Another problem; see its code.
    #[error("{}", .0.detail)]
    Other(Box<Problem>),
    /// No connection, no answer in time, or an answer that was cut off. If `is_sent`, it is unknown
    /// whether the request was carried out.
    #[error("no answer from the service: {reason}")]
    Connection {
        /// The cause.
        reason: String,
        /// Whether a part of the request may have reached the service.
        is_sent: bool,
    },
    /// An answer that is not Headroom's, such as that of a proxy.
    #[error("an unexpected answer with status {status}: {reason}")]
    UnexpectedAnswer {
        /// The HTTP status.
        status: u16,
        /// What is unexpected.
        reason: String,
        /// The request's id, if the answer has one.
        request_id: Option<String>,
    },
    /// The request cannot be sent: a value has no place in a URL or a header.
    #[error("the request cannot be sent: {0}")]
    Unsendable(String),
    /// The settings of the client are faulty.
    #[error("the client is misconfigured: {0}")]
    Configuration(String),
}

impl Error {
    /// The problem that the service described, if it did.
    #[must_use]
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Refused(refusal) => Some(&refusal.problem),
            Self::SubscriptionRequired(problem)
            | Self::Unauthenticated(problem)
            | Self::Forbidden(problem)
            | Self::NotFound(problem)
            | Self::Conflict(problem)
            | Self::PreconditionFailed(problem)
            | Self::UnknownPlan(problem)
            | Self::IdempotencyKeyReused(problem)
            | Self::OutcomeUnknown(problem)
            | Self::Other(problem)
            | Self::OverLimit { problem, .. }
            | Self::Invalid { problem, .. }
            | Self::RateLimited { problem, .. }
            | Self::Unavailable { problem, .. } => Some(problem),
            Self::Connection { .. } | Self::UnexpectedAnswer { .. } | Self::Unsendable(_) | Self::Configuration(_) => {
                None
            }
        }
    }

    /// The stable code of the problem, if the service described one.
    #[must_use]
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|problem| problem.code.as_str())
    }

    /// The request's id, as in the service's log.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::UnexpectedAnswer { request_id, .. } => request_id.as_deref(),
            _ => self.problem().map(|problem| problem.request_id.as_str()),
        }
    }

    /// Whether the service gave no decision: it was not reached, or it was not able to answer.
    #[must_use]
    pub fn is_outage(&self) -> bool {
        match self {
            Self::Connection { .. } | Self::RateLimited { .. } | Self::Unavailable { .. } | Self::OutcomeUnknown(_) => {
                true
            }
            Self::UnexpectedAnswer { status, .. } => *status >= 500,
            Self::Other(problem) => problem.status >= 500,
            _ => false,
        }
    }

    /// The error of an answer with this status that is not a success.
    pub(crate) fn of_answer(status: u16, retry_after: Option<Duration>, request_id: Option<&str>, body: &[u8]) -> Self {
        match serde_json::from_slice::<Problem>(body) {
            Ok(problem) => Self::of_problem(Box::new(problem), retry_after),
            Err(_) => Self::UnexpectedAnswer {
                status,
                reason: "its body is not a problem of Headroom".to_owned(),
                request_id: request_id.map(str::to_owned),
            },
        }
    }

    fn of_problem(problem: Box<Problem>, retry_after: Option<Duration>) -> Self {
        match problem.code.as_str() {
            "limit_exceeded" | "staff_limit_exceeded" | "booking_limit_exceeded" => refused(problem),
            "subscription_required" => Self::SubscriptionRequired(problem),
            "over_limit" => Self::OverLimit { exceeded: member(&problem, "exceeded").unwrap_or_default(), problem },
            "unauthenticated" | "invalid_token" | "token_expired" | "invalid_credentials" => {
                Self::Unauthenticated(problem)
            }
            "forbidden" => Self::Forbidden(problem),
            "not_found" => Self::NotFound(problem),
            "conflict" => Self::Conflict(problem),
            "precondition_failed" => Self::PreconditionFailed(problem),
            "unknown_plan" => Self::UnknownPlan(problem),
            "idempotency_key_reused" => Self::IdempotencyKeyReused(problem),
            "rate_limited" => Self::RateLimited { problem, retry_after },
            "unavailable" => Self::Unavailable { problem, retry_after },
            "outcome_unknown" => Self::OutcomeUnknown(problem),
            _ if matches!(problem.status, 400 | 422) => {
                Self::Invalid { faults: member(&problem, "errors").unwrap_or_default(), problem }
            }
            _ => Self::Other(problem),
        }
    }
}

fn refused(problem: Box<Problem>) -> Error {
    let requested = member(&problem, "requested");
    let state = serde_json::from_value(Value::Object(problem.members.clone())).ok();
    match requested.zip(state) {
        Some((requested, state)) => Error::Refused(Box::new(LimitExceeded { problem: *problem, requested, state })),
        None => Error::Other(problem),
    }
}

fn member<T: for<'de> Deserialize<'de>>(problem: &Problem, name: &str) -> Option<T> {
    serde_json::from_value(problem.members.get(name)?.clone()).ok()
}

fn describe_faults(problem: &Problem, faults: &[FieldFault]) -> String {
    let faults = faults.iter().map(|FieldFault { pointer, detail, .. }| format!(" {pointer}: {detail}"));
    problem.detail.clone() + &faults.collect::<String>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{Limit, Metric};
    use serde_json::json;

    fn problem(status: u16, code: &str, more: &Value) -> Vec<u8> {
        let mut problem = json!({
            "type": format!("/docs/errors#{code}"), "title": "A title", "status": status, "detail": "A detail.",
            "code": code, "request_id": "r1",
        });
        let members = problem.as_object_mut().expect("it is an object");
        members.extend(more.as_object().expect("it is an object").clone());
        serde_json::to_vec(&problem).expect("it is JSON")
    }

    fn error(status: u16, code: &str, more: &Value) -> Error {
        Error::of_answer(status, None, Some("r1"), &problem(status, code, more))
    }

    #[test]
    fn a_refused_limit_says_what_is_used_and_what_would_help() {
        // As a service without metrics of its own answers, and as one with them does.
        let built_in = json!({
            "plan": "basic", "metric": "staff", "limit": 2, "used": 2, "requested": 1, "remaining": 0, "window": null,
            "next_allowed_day": null, "plans_that_allow": ["pro"],
        });
        let mut extended = built_in.clone();
        extended["metric"] = "sms".into();
        extended["meter"] = "sms".into();
        extended["window"] =
            json!({"start": "2026-03-01T00:00:00Z", "end": "2026-04-01T00:00:00Z", "time_zone": "UTC"});
        extended["next_allowed_at"] = "2026-04-01T00:00:00Z".into();
        extended["exceeded"] = json!([{
            "metric": "sms", "limit": 2, "used": 2, "requested": 1, "remaining": 0, "window": null,
            "next_allowed_at": null,
        }]);
        for (code, body, metric, exceeded) in
            [("staff_limit_exceeded", built_in, "staff", 0), ("limit_exceeded", extended, "sms", 1)]
        {
            let Error::Refused(refusal) = error(403, code, &body) else { panic!("{code}") };
            let LimitExceeded { problem, requested, state } = &*refusal;
            assert_eq!((problem.code.as_str(), *requested), (code, 1));
            assert_eq!(
                (&state.metric, state.limit, state.used),
                (&metric.parse::<Metric>().unwrap(), Limit::AtMost(2), 2)
            );
            assert_eq!(refusal.upgrade().map(PlanKey::as_str), Some("pro"));
            assert_eq!(state.exceeded.len(), exceeded);
            assert_eq!(state.next_allowed_at.is_some(), state.window.is_some());
        }
    }

    #[test]
    fn every_code_has_its_error() {
        for (status, code, is_expected) in [
            (401, "token_expired", (|it| matches!(it, Error::Unauthenticated(_))) as fn(&Error) -> bool),
            (403, "forbidden", |it| matches!(it, Error::Forbidden(_))),
            (403, "subscription_required", |it| matches!(it, Error::SubscriptionRequired(_))),
            (404, "not_found", |it| matches!(it, Error::NotFound(_))),
            (409, "conflict", |it| matches!(it, Error::Conflict(_))),
            (412, "precondition_failed", |it| matches!(it, Error::PreconditionFailed(_))),
            (422, "unknown_plan", |it| matches!(it, Error::UnknownPlan(_))),
            (422, "idempotency_key_reused", |it| matches!(it, Error::IdempotencyKeyReused(_))),
            (429, "rate_limited", |it| matches!(it, Error::RateLimited { .. })),
            (503, "unavailable", |it| matches!(it, Error::Unavailable { .. })),
            (503, "outcome_unknown", |it| matches!(it, Error::OutcomeUnknown(_))),
            (400, "invalid_json", |it| matches!(it, Error::Invalid { .. })),
            (500, "internal", |it| matches!(it, Error::Other(_))),
            (418, "a_code_of_a_later_release", |it| matches!(it, Error::Other(_))),
        ] {
            let error = error(status, code, &json!({}));
            assert!(is_expected(&error), "{error:?}");
            assert_eq!((error.code(), error.request_id()), (Some(code), Some("r1")));
            assert_eq!(error.is_outage(), status >= 500 || status == 429, "{code}");
        }
    }

    #[test]
    fn a_faulty_request_names_each_field() {
        let errors = json!({"errors": [{"pointer": "/name", "code": "blank", "detail": "It is blank."}]});
        let error = error(422, "validation_failed", &errors);
        assert_eq!(error.to_string(), "A detail. /name: It is blank.");
        let Error::Invalid { faults, .. } = error else { panic!("{error:?}") };
        assert_eq!((faults[0].pointer.as_str(), faults[0].code.as_str()), ("/name", "blank"));
    }

    #[test]
    fn the_answer_of_a_proxy_is_unexpected() {
        let error = Error::of_answer(502, None, None, b"<html>Bad Gateway</html>");
        assert!(matches!(error, Error::UnexpectedAnswer { status: 502, .. }) && error.is_outage(), "{error:?}");
        assert!(!Error::of_answer(404, None, None, b"").is_outage());
    }
}
