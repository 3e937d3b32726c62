//! `GET /users/me`.

use actix_web::HttpResponse;
use actix_web::web::Data;

use super::{UserBody, find_caller};
use crate::AppState;
use crate::access::{Caller, Reader};
use crate::http::Conditions;
use crate::openapi::{ConditionParams, NotModified, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get your user
///
/// Returns the user of the access token or the API key.
#[utoipa::path(
    get, path = "/users/me", tag = "Users", operation_id = "find_me",
    security(("password" = ["user"]), ("program_key" = ["read"])),
    params(ConditionParams),
    responses(
        (status = 200, description = "Your user.",
            headers(("ETag")), body = UserBody,
            example = json!(super::example())),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_me(
    caller: Caller<Reader>,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    conditions.respond(&UserBody::from(caller.read(&state, (), find_caller).await?))
}
