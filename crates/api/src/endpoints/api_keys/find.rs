//! `GET /api-keys/{api_key_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::use_cases;

use super::ApiKeyBody;
use crate::AppState;
use crate::access::{Caller, LoggedIn};
use crate::http::{ApiKeyPath, Conditions};
use crate::openapi::{ApiKeyPathParams, ConditionParams, NotModified, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, VERSION);

/// Get an API key
///
/// Returns one of your keys, without its secret.
#[utoipa::path(
    get, path = "/api-keys/{api_key_id}", tag = "API keys", operation_id = "find_api_key",
    security(("password" = ["user"])),
    params(ConditionParams, ApiKeyPathParams),
    responses(
        (status = 200, description = "The key.",
            headers(("ETag")), body = ApiKeyBody,
            example = json!(super::example())),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_api_key(
    caller: Caller<LoggedIn>,
    ApiKeyPath(id): ApiKeyPath,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let find =
        move |tx: &mut dyn domain::ports::ReadTx, actor: &domain::Actor| use_cases::find_api_key(tx, id, actor.user_id);
    conditions.respond(&ApiKeyBody::from(caller.read(&state, (), find).await?))
}
