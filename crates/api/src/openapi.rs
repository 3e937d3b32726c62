//! The OpenAPI document: made from the handlers' own annotations, and every status from the table of problems.

mod headers;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};
use utoipa::openapi::example::Example;
use utoipa::openapi::schema::{AnyOfBuilder, Schema};
use utoipa::openapi::security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::openapi::{Content, Ref, RefOr, Response};
use utoipa::{IntoParams, Modify, OpenApi, ToSchema};

use crate::endpoints::entitlements::LimitBody;
use crate::endpoints::subscriptions::ExcessBody;
use crate::endpoints::{
    accounts, api_keys, bookings, entitlements, health, jwks, members, overrides, plans, ready, staff, subscriptions,
    token, users,
};
use crate::problem::{Code, MEDIA_TYPE};
use headers::{Rehearsals, Replays};

/// Every operation.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headroom",
        description = "Accounts, the plans they are on, and limits that hold exactly. \
            Get a token with **Authorize** (in the default set-up `user` / `user`), open an account, put it on a plan, \
            and add staff members and bookings until the plan permits no more.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
    ),
    paths(
        token::create::create_token,
        token::refresh::refresh_token,
        token::revoke::revoke_token,
        users::register::register_user,
        users::me::find_me,
        users::rename::rename_me,
        users::delete::delete_me,
        users::password::change_password,
        api_keys::create::create_api_key,
        api_keys::list::list_api_keys,
        api_keys::find::find_api_key,
        api_keys::revoke::revoke_api_key,
        accounts::open::open_account,
        accounts::list::list_accounts,
        accounts::find::find_account,
        accounts::change::change_account,
        accounts::remove::remove_account,
        accounts::restore::restore_account,
        accounts::audit::list_audit,
        members::list::list_members,
        members::find::find_member,
        members::put::put_member,
        members::remove::remove_member,
        members::transfer::transfer_account,
        subscriptions::subscribe::subscribe,
        subscriptions::preview::preview_plan_change,
        subscriptions::unsubscribe::unsubscribe,
        subscriptions::find::find_subscription,
        entitlements::list::list_entitlements,
        entitlements::check::check,
        overrides::put::put_override,
        overrides::remove::remove_override,
        subscriptions::cancel::cancel_scheduled_change,
        subscriptions::history::list_subscription_changes,
        staff::add::add_staff_member,
        staff::list::list_staff,
        staff::find::find_staff_member,
        staff::change::change_staff_member,
        staff::remove::remove_staff_member,
        staff::restore::restore_staff_member,
        bookings::create::create_booking,
        bookings::list::list_bookings,
        bookings::find::find_booking,
        bookings::change::change_booking,
        bookings::remove::remove_booking,
        bookings::restore::restore_booking,
        plans::list_plans,
        jwks::list_public_keys,
        health::health,
        ready::ready,
    ),
    components(schemas(Problem, ValidationProblem, LimitProblem, OverLimitProblem)),
    tags(
        (name = "Accounts", description = "Whatever subscribes: salons, clinics, studios."),
        (name = "Subscriptions", description = "The plan that an account is on, and changing it."),
        (name = "Limits", description = "What an account may still do, and limits of its own."),
        (name = "Staff", description = "Staff members, as many as the plan permits."),
        (name = "Bookings", description = "Bookings, as many a day as the plan permits."),
        (name = "Members", description = "Who may do what in an account."),
        (name = "Users", description = "Yourself."),
        (name = "API keys", description = "For programs that act on your behalf."),
        (name = "Service", description = "Tokens and the keys that they verify by, plans, health."),
    ),
    modifiers(&PasswordFlow, &Replays, &Rehearsals),
)]
struct ApiDoc;

/// The document as JSON.
///
/// # Panics
/// Never: every document can be written as JSON.
#[must_use]
pub fn document_json() -> String {
    let json =
        serde_json::to_string_pretty(&ApiDoc::openapi()).expect("a document without maps of other keys than strings");
    json + "\n"
}

/// What an operation takes of whoever has logged in. Nobody asks for these: roles are given.
const PERMISSIONS: [(&str, &str); 5] = [
    ("user", "Anybody who has logged in."),
    ("viewer", "A viewer, manager or owner of the account, or an operator."),
    ("manager", "A manager or owner of the account, or an operator."),
    ("owner", "An owner of the account, or an operator."),
    ("operator", "An operator."),
];

/// Lets the explorer's Authorize button get a token by itself.
struct PasswordFlow;

impl Modify for PasswordFlow {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let flow = Flow::Password(Password::new("/token", Scopes::from_iter(PERMISSIONS)));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("password", SecurityScheme::OAuth2(OAuth2::new([flow])));
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "An API key from `POST /api-keys`, of the scope that an operation names: `read`, `write` or `admin`.",
        ));
        // By a name that comes after "password": the explorer sorts them, and people log in first.
        components.add_security_scheme("program_key", SecurityScheme::Http(key.build()));
    }
}

/// An error, as problem details (RFC 9457).
#[derive(Serialize, ToSchema)]
struct Problem {
    /// A link to what the code means.
    r#type: String,
    /// What happened, in a few words.
    title: String,
    /// The status of the answer.
    status: u16,
    /// What to do about it, in a sentence.
    detail: String,
    /// A stable name for programs to act on.
    code: String,
    /// The request's id, as in `X-Request-Id` and in the log.
    request_id: String,
}

/// A body that was read but is not acceptable: all faults at once.
#[derive(Serialize, ToSchema)]
struct ValidationProblem {
    #[serde(flatten)]
    problem: Problem,
    /// What is wrong with which field.
    errors: Vec<FieldProblem>,
}

/// What is wrong with one field.
#[derive(Serialize, ToSchema)]
struct FieldProblem {
    /// The field, as a JSON pointer (RFC 6901).
    pointer: String,
    /// A stable name for programs to act on.
    code: String,
    /// What to send instead, in a sentence.
    detail: String,
}

/// A limit that was met.
#[derive(Serialize, ToSchema)]
struct LimitProblem {
    #[serde(flatten)]
    problem: Problem,
    /// How many more were requested.
    requested: u32,
    #[serde(flatten)]
    state: LimitBody,
}

/// A plan that permits less than there is.
#[derive(Serialize, ToSchema)]
struct OverLimitProblem {
    #[serde(flatten)]
    problem: Problem,
    /// Where there is more than the plan permits.
    exceeded: Vec<ExcessBody>,
}

/// What any request can be answered.
pub(crate) const ANY: &[Code] = &[Code::NotAcceptable, Code::RateLimited, Code::HeadersTooLarge, Code::Internal];
/// What a request that needs a token can be answered besides.
pub(crate) const TOKEN: &[Code] = &[Code::Unauthenticated, Code::InvalidToken, Code::TokenExpired, Code::Unavailable];
/// What a request with a body can be answered besides.
pub(crate) const BODY: &[Code] = &[
    Code::InvalidJson,
    Code::UnknownField,
    Code::InvalidParameter,
    Code::RequestTimeout,
    Code::PayloadTooLarge,
    Code::UnsupportedMediaType,
];
/// What a request whose body has fields to check can be answered besides.
pub(crate) const VALIDATION: &[Code] = &[Code::ValidationFailed];
/// What a request that takes a role or a scope can be answered besides.
pub(crate) const ROLE: &[Code] = &[Code::Forbidden];
/// What a request for a page of a list can be answered besides.
pub(crate) const PAGE: &[Code] = &[Code::InvalidParameter, Code::InvalidCursor];
/// What a request that looks something up can be answered besides.
pub(crate) const FIND: &[Code] = &[Code::NotFound, Code::Unavailable];
/// What a request that writes can be answered besides.
pub(crate) const WRITE: &[Code] = &[Code::InvalidParameter, Code::Unavailable, Code::OutcomeUnknown];

/// What a request that is meant for one version can be answered besides.
pub(crate) const VERSION: &[Code] = &[Code::PreconditionFailed];
/// What a POST that can be done once can be answered besides.
pub(crate) const ONCE: &[Code] = &[Code::InvalidParameter, Code::Conflict, Code::IdempotencyKeyReused];

/// Declares what an operation can be refused with, for its annotation: the sets above, and codes of its own.
macro_rules! problems {
    ($name:ident: $($set:ident),+ $(+ [$($code:ident),+])?) => {
        struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<String, utoipa::openapi::RefOr<utoipa::openapi::Response>> {
                crate::openapi::responses(&[
                    $(crate::openapi::$set,)+
                    $(&[$(crate::problem::Code::$code,)+],)?
                ])
            }
        }
    };
}
pub(crate) use problems;

/// What makes a POST be done once, however often it is sent.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what once::Keyed reads")]
pub(crate) struct OnceParams {
    /// Any text of your own, best a UUID: whoever sends the same request with the same key within 24 hours gets the first
    /// answer again, and nothing is done twice.
    #[param(rename = "Idempotency-Key", required = false, min_length = 1, max_length = 255, pattern = r"^[!-~]+$")]
    idempotency_key: Option<String>,
}

/// What makes a POST do nothing.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what http::DryRunQuery reads")]
pub(crate) struct DryRunParams {
    /// `true` to do nothing but answer what would be answered: 200 with the resource as it would be, or the refusal.
    #[param(required = false)]
    dry_run: Option<bool>,
}

/// Which version of a resource a change is meant for.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "it describes what http::IfMatch reads")]
pub(crate) struct IfMatchParams {
    /// The `ETag` of what you have seen: the request is refused if there is another version by now. Without it, the last
    /// one to write wins.
    #[param(rename = "If-Match", required = false)]
    if_match: Option<String>,
}

/// Which part of a list to answer.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what http::PageQuery reads")]
pub(crate) struct PageParams {
    /// How many items: 1 to 100; 20 if left out.
    #[param(required = false, minimum = 1, maximum = 100)]
    limit: Option<u32>,
    /// The `next_cursor` of the page before.
    #[param(required = false)]
    cursor: Option<String>,
}

/// Declares the schema of a list of bodies.
macro_rules! list_of {
    ($name:ident: $body:ty) => {
        /// A page of a list, the newest first.
        #[derive(utoipa::ToSchema)]
        #[expect(dead_code, reason = "it describes what http::Page answers")]
        struct $name {
            /// The items.
            data: Vec<$body>,
            /// Asks for the next page; null on the last.
            #[schema(required)]
            next_cursor: Option<String>,
        }
    };
}
pub(crate) use list_of;

/// A response for each status that the codes have, with each code as an example.
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
    let mut schemas: Vec<&str> = codes.iter().map(|&code| schema(code)).collect();
    schemas.sort_unstable();
    schemas.dedup();
    let schemas: Vec<RefOr<Schema>> = schemas.into_iter().map(|name| Ref::from_schema_name(name).into()).collect();
    let schema = match <[_; 1]>::try_from(schemas) {
        Ok([only]) => only,
        Err(several) => several.into_iter().fold(AnyOfBuilder::new(), AnyOfBuilder::item).into(),
    };
    let content = Content::builder().schema(Some(schema)).examples_from_iter(examples).build();
    Response::builder().description(titles.join(" ")).content(MEDIA_TYPE, content).build()
}

/// The schema of a code's problem.
fn schema(code: Code) -> &'static str {
    match code {
        Code::ValidationFailed => "ValidationProblem",
        Code::StaffLimitExceeded | Code::BookingLimitExceeded => "LimitProblem",
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
        Code::StaffLimitExceeded => json!({
            "requested": 1, "plan": "basic", "metric": "staff", "limit": 2, "used": 2, "remaining": 0,
            "window": null, "next_allowed_day": null, "plans_that_allow": ["pro"],
        }),
        Code::BookingLimitExceeded => json!({
            "requested": 1, "plan": "basic", "metric": "bookings_per_day", "limit": 5, "used": 5, "remaining": 0,
            "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z", "time_zone": "Europe/Berlin"},
            "next_allowed_day": "2026-03-30", "plans_that_allow": ["pro"],
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
