//! Error responses in the document: their schemas, and a response per status with an example per
//! code.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::example::Example;
use utoipa::openapi::schema::{AnyOfBuilder, Schema};
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{IntoResponses, ToSchema};

use crate::problem::{Code, ExcessBody, LimitBody, MEDIA_TYPE};

/// An error, as problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
pub(super) struct Problem {
    /// The URL of the code's description.
    r#type: String,
    /// A short summary of the error.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// The explanation, and how to correct the request.
    detail: String,
    /// The stable error code, for programs.
    code: String,
    /// The request's id, as in `X-Request-Id` and in the log.
    request_id: String,
}

/// A body with invalid fields. Lists all of them.
#[derive(Serialize, ToSchema)]
pub(super) struct ValidationProblem {
    #[serde(flatten)]
    problem: Problem,
    /// The invalid fields.
    errors: Vec<FieldProblem>,
}

/// An invalid field.
#[derive(Serialize, ToSchema)]
struct FieldProblem {
    /// The field, as a JSON pointer (RFC 6901).
    pointer: String,
    /// The stable error code, for programs.
    code: String,
    /// The explanation, and the values that the field accepts.
    detail: String,
}

/// A limit that the request would exceed.
#[derive(Serialize, ToSchema)]
pub(super) struct LimitProblem {
    #[serde(flatten)]
    problem: Problem,
    /// The number of units that the request would add.
    requested: u32,
    #[serde(flatten)]
    state: LimitBody,
}

/// A plan whose limits are below the account's usage.
#[derive(Serialize, ToSchema)]
pub(super) struct OverLimitProblem {
    #[serde(flatten)]
    problem: Problem,
    /// The limits that the account's usage exceeds.
    exceeded: Vec<ExcessBody>,
}

/// The response to a client that has the current version.
pub(crate) struct NotModified;

impl IntoResponses for NotModified {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        let response = Response::builder().description("The version in `If-None-Match` is current.").build();
        BTreeMap::from([("304".to_owned(), response.into())])
    }
}

/// A response for each status of the codes, with an example for each code.
pub(crate) fn responses(sets: &[&[Code]]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status = BTreeMap::<u16, Vec<Code>>::new();
    for &code in sets.iter().copied().flatten() {
        let codes = by_status.entry(code.status().as_u16()).or_default();
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    by_status.into_iter().map(|(status, codes)| (status.to_string(), response(&codes).into())).collect()
}

fn response(codes: &[Code]) -> Response {
    let titles: Vec<String> = codes.iter().map(|code| format!("{} (`{}`).", code.title(), code.as_str())).collect();
    let examples = codes.iter().map(|&code| {
        let example = Example::builder().summary(code.title()).value(Some(example(code))).build();
        (code.as_str().to_owned(), RefOr::T(example))
    });
    // The general schema comes last: a client that takes the first match sees the members of a
    // specific one.
    let schemas = SCHEMAS.iter().filter(|name| codes.iter().any(|&code| schema(code) == **name));
    let schemas: Vec<RefOr<Schema>> = schemas.map(|name| Ref::from_schema_name(*name).into()).collect();
    let schema = match <[_; 1]>::try_from(schemas) {
        Ok([only]) => only,
        Err(several) => several.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).into(),
    };
    let content = Content::builder().schema(Some(schema)).examples_from_iter(examples).build();
    Response::builder().description(titles.join(" ")).content(MEDIA_TYPE, content).build()
}

/// The schemas of problems, the general one last.
pub(super) const SCHEMAS: [&str; 4] = ["ValidationProblem", "LimitProblem", "OverLimitProblem", "Problem"];

/// The schema of a code's problem.
pub(super) fn schema(code: Code) -> &'static str {
    match code {
        Code::ValidationFailed | Code::UnknownField => "ValidationProblem",
        Code::StaffLimitExceeded | Code::BookingLimitExceeded | Code::LimitExceeded => "LimitProblem",
        Code::OverLimit => "OverLimitProblem",
        _ => "Problem",
    }
}

fn example(code: Code) -> Value {
    let mut problem = json!({
        "type": format!("/docs/errors#{}", code.as_str()),
        "title": code.title(),
        "status": code.status().as_u16(),
        "detail": code.detail(),
        "code": code.as_str(),
        "request_id": "0195b1e0c5f27a4e8a3f6d2b9c1e7f04",
    });
    let extension = match code {
        Code::ValidationFailed => {
            json!({"errors": [{"pointer": "/name", "code": "required", "detail": "This field is required."}]})
        }
        Code::UnknownField => json!({"errors": [
            {"pointer": "/nmae", "code": "unknown_field", "detail": "There is no such field; the closest is \"name\"."},
        ]}),
        Code::StaffLimitExceeded => json!({
            "requested": 1, "plan": "basic", "metric": "staff", "limit": 2, "used": 2, "remaining": 0,
            "window": null, "next_allowed_day": null, "plans_that_allow": ["pro"],
        }),
        Code::BookingLimitExceeded => json!({
            "requested": 1, "plan": "basic", "metric": "bookings_per_day", "limit": 5, "used": 5, "remaining": 0,
            "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z", "time_zone": "Europe/Berlin"},
            "next_allowed_day": "2026-03-30", "plans_that_allow": ["pro"],
        }),
        Code::LimitExceeded => json!({
            "requested": 3, "plan": "pro", "metric": "sms", "limit": 1000, "used": 998, "remaining": 2,
            "window": {"start": "2026-03-14T23:00:00Z", "end": "2026-04-14T22:00:00Z", "time_zone": "Europe/Berlin"},
            "next_allowed_day": null, "plans_that_allow": ["scale"], "meter": "sms",
            "next_allowed_at": "2026-04-14T22:00:00Z",
            "exceeded": [{"metric": "sms", "limit": 1000, "used": 998, "requested": 3, "remaining": 2,
                "window": {"start": "2026-03-14T23:00:00Z", "end": "2026-04-14T22:00:00Z", "time_zone": "Europe/Berlin"},
                "next_allowed_at": "2026-04-14T22:00:00Z"}],
        }),
        Code::OverLimit => json!({
            "exceeded": [{"metric": "staff", "day": null, "used": 3, "new_limit": 2, "excess": 1}],
        }),
        _ => json!({}),
    };
    if let (Some(problem), Value::Object(extension)) = (problem.as_object_mut(), extension) {
        problem.extend(extension);
    }
    problem
}
