//! The OpenAPI document: the words of the handlers' annotations, every status from the table of
//! problems, and what holds for all operations from the passes over the whole.

mod examples;
mod parameters;
mod passes;
mod refusals;
mod words;

use serde_json::Value;
use utoipa::openapi::security::{Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityScheme};
use utoipa::{Modify, OpenApi};

use crate::problem::Code;
pub(crate) use examples::{example_list, example_with};
pub(crate) use parameters::{ConditionParams, DryRunParams, IdempotencyParams, IfMatchParams, PageParams, list_of};
use refusals::{LimitProblem, OverLimitProblem, Problem, ValidationProblem};
pub(crate) use refusals::{NotModified, responses};
pub(crate) use words::{Direction, OverLimit, Role, Scope, Timing};

/// The document without operations, which are merged into it.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Headroom",
        description = "Accounts, the plans they are on, and limits that hold exactly. \
            Get a token with **Authorize** (in the default set-up `user` / `user`), open an account, put it on a plan, \
            and add staff members and bookings until the plan permits no more.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0"),
        contact(name = "The maintainers of Headroom"),
    ),
    servers((url = "/", description = "This server.")),
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
    modifiers(&SecuritySchemes),
)]
struct DocumentFrame;

/// The document of these operations, the same on every machine: URLs in it are relative to where it
/// is served.
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
/// `https://headroom.example`: a client that has only the document needs them.
pub(crate) fn set_base_url(document: &mut Value, base_url: &str) {
    document["servers"][0]["url"] = base_url.into();
    let token_url = format!("{base_url}{TOKEN_PATH}");
    document["components"]["securitySchemes"]["password"]["flows"]["password"]["tokenUrl"] = token_url.into();
}

/// The path that issues tokens.
const TOKEN_PATH: &str = "/token";

/// The two ways to be known: a login and an API key.
struct SecuritySchemes;

impl Modify for SecuritySchemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        // Without scopes: roles are not asked for, and the explorer would show a check box for
        // each.
        let flow = Flow::Password(Password::new(TOKEN_PATH, Scopes::new()));
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("password", SecurityScheme::OAuth2(OAuth2::new([flow])));
        let key = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
            "An API key from `POST /api-keys`, of the scope that an operation names: `read`, `write` or `admin`.",
        ));
        // By a name that comes after "password": the explorer sorts them, and people log in first.
        components.add_security_scheme("program_key", SecurityScheme::Http(key.build()));
    }
}

/// The responses of any request.
pub(crate) const ANY: &[Code] = &[
    Code::InvalidParameter,
    Code::NotAcceptable,
    Code::UnsupportedMediaType,
    Code::RateLimited,
    Code::HeadersTooLarge,
    Code::Internal,
];
/// The other responses of a request that needs a token.
pub(crate) const TOKEN: &[Code] = &[Code::Unauthenticated, Code::InvalidToken, Code::TokenExpired, Code::Unavailable];
/// The other responses of a request with a body.
pub(crate) const BODY: &[Code] =
    &[Code::InvalidJson, Code::UnknownField, Code::InvalidParameter, Code::RequestTimeout, Code::PayloadTooLarge];
/// The other responses of a request whose body has fields to check.
pub(crate) const VALIDATION: &[Code] = &[Code::ValidationFailed];
/// The other responses of a request that needs a role or a scope.
pub(crate) const ROLE: &[Code] = &[Code::Forbidden];
/// The other responses of a request for a page of a list.
pub(crate) const PAGE: &[Code] = &[Code::InvalidParameter, Code::InvalidCursor];
/// The other responses of a request that reads.
pub(crate) const FIND: &[Code] = &[Code::NotFound, Code::Unavailable];
/// The other responses of a request that writes.
pub(crate) const WRITE: &[Code] = &[Code::InvalidParameter, Code::Unavailable, Code::OutcomeUnknown];

/// The other responses of a conditional request.
pub(crate) const VERSION: &[Code] = &[Code::PreconditionFailed];
/// The other responses of an idempotent POST.
pub(crate) const IDEMPOTENT: &[Code] = &[Code::InvalidParameter, Code::Conflict, Code::IdempotencyKeyReused];

/// Declares what an operation can be refused with, for its annotation: the sets above, and codes of
/// its own.
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
