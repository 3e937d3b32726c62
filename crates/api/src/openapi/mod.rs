//! The OpenAPI document: operations from the handlers' annotations, error responses from the table
//! of problems, and common parts from passes over the whole document.

mod enums;
mod examples;
mod parameters;
mod passes;
mod refusals;

use serde_json::Value;
use utoipa::openapi::security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::problem::Code;
pub(crate) use enums::{Direction, FeatureType, HoldStatus, OverLimit, Role, Scope, Timing};
pub(crate) use examples::{example_list, example_with};
pub(crate) use parameters::{
    AccountPathParams, ApiKeyPathParams, BookingPathParams, ConditionParams, DryRunParams, GrantPathParams,
    HoldPathParams, IdempotencyParams, IfMatchParams, KeyPathParams, MeterPathParams, MetricPathParams, PageParams,
    StaffPathParams, UsagePathParams, UserPathParams, list_of,
};
use refusals::{LimitProblem, OverLimitProblem, Problem, ValidationProblem};
pub(crate) use refusals::{NotModified, responses};

/// The document without operations, which are merged into it.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headroom",
        description = "Accounts, their plans, and exact enforcement of plan limits. \
            Get a token with **Authorize** (in the default setup `user` / `user`), open an account, subscribe it to a plan, \
            and add staff members and bookings up to the plan's limits.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "The maintainers of Headroom"),
    ),
    servers((url = "/", description = "This server.")),
    components(schemas(Problem, ValidationProblem, LimitProblem, OverLimitProblem)),
    tags(
        (name = "Service", description = "Tokens and their public keys, plans, health."),
        (name = "Accounts", description = "Customers that subscribe to a plan: workspaces, teams, salons."),
        (name = "Subscriptions", description = "The plan of an account, and its changes."),
        (name = "Staff", description = "Staff members. The plan limits how many are active."),
        (name = "Bookings", description = "Bookings. The plan limits how many there are per day."),
        (name = "Usage", description = "What is used of the meters that the catalogue adds. The plan limits how much there is in a window."),
        (name = "Allocations", description = "What exists of a meter of gauges, such as projects, under keys of your own."),
        (name = "Holds", description = "Quantities of a meter that are kept free until they are used, released or expire."),
        (name = "Limits", description = "The effective limits of an account, its usage, overrides and grants."),
        (name = "Members", description = "The users of an account and their roles."),
        (name = "Users", description = "The authenticated user."),
        (name = "API keys", description = "Credentials of programs that act on your behalf."),
    ),
    modifiers(&SecuritySchemes),
)]
struct DocumentFrame;

/// The document of these operations. It is the same on every machine, because its URLs are
/// relative.
///
/// # Panics
/// Never: every document can be written as JSON.
pub(crate) fn document(operations: utoipa::openapi::OpenApi) -> Value {
    let document = serde_json::to_value(DocumentFrame::openapi().merge_from(operations));
    let mut document = document.expect("the document has maps of no other keys than strings");
    passes::run(&mut document);
    document
}

/// Makes the URLs in the document absolute, for a server that clients reach at `base_url`, such as
/// `https://headroom.example`. A client that has only the document needs absolute URLs.
pub(crate) fn set_base_url(document: &mut Value, base_url: &str) {
    document["servers"][0]["url"] = base_url.into();
    let token_url = format!("{base_url}{TOKEN_PATH}");
    document["components"]["securitySchemes"]["password"]["flows"]["password"]["tokenUrl"] = token_url.into();
}

/// The path that issues tokens.
const TOKEN_PATH: &str = "/token";

/// The two security schemes: a login and an API key.
struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        // Without scopes: clients do not request roles, and the explorer would show a check box for
        // each scope.
        let flow = Flow::Password(Password::new(TOKEN_PATH, Scopes::new()));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("password", SecurityScheme::OAuth2(OAuth2::new([flow])));
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "An API key from `POST /api-keys` with the scope that the operation requires: `read`, `write` or `admin`.",
        ));
        // The explorer sorts schemes by name, and the login shall come first.
        components.add_security_scheme("program_key", SecurityScheme::Http(key.build()));
    }
}

/// The error responses of every request.
pub(crate) const ANY: &[Code] = &[
    Code::InvalidParameter,
    Code::NotAcceptable,
    Code::UnsupportedMediaType,
    Code::RateLimited,
    Code::HeadersTooLarge,
    Code::Internal,
];
/// The further error responses of a request with a token.
pub(crate) const TOKEN: &[Code] = &[Code::Unauthenticated, Code::InvalidToken, Code::TokenExpired, Code::Unavailable];
/// The further error responses of a request with a body.
pub(crate) const BODY: &[Code] =
    &[Code::InvalidJson, Code::UnknownField, Code::InvalidParameter, Code::RequestTimeout, Code::PayloadTooLarge];
/// The further error responses of a request whose fields are validated.
pub(crate) const VALIDATION: &[Code] = &[Code::ValidationFailed];
/// The further error responses of a request that requires a role or a scope.
pub(crate) const ROLE: &[Code] = &[Code::Forbidden];
/// The further error responses of a request for a page of a list.
pub(crate) const PAGE: &[Code] = &[Code::InvalidParameter, Code::InvalidCursor];
/// The further error responses of a request that reads.
pub(crate) const FIND: &[Code] = &[Code::NotFound, Code::Unavailable];
/// The further error responses of a request that writes.
pub(crate) const WRITE: &[Code] = &[Code::InvalidParameter, Code::Unavailable, Code::OutcomeUnknown];

/// The further error responses of a conditional request.
pub(crate) const VERSION: &[Code] = &[Code::PreconditionFailed];
/// The further error responses of an idempotent POST.
pub(crate) const IDEMPOTENT: &[Code] = &[Code::InvalidParameter, Code::Conflict, Code::IdempotencyKeyReused];

/// Declares the error responses of an operation, for its annotation: the sets above, and further
/// codes.
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
