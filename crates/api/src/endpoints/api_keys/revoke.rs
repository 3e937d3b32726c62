//! `DELETE /api-keys/{api_key_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Action, use_cases};

use crate::AppState;
use crate::access::{Caller, LoggedIn};
use crate::effect::Effect;
use crate::http::ApiKeyPath;
use crate::openapi::problems;
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE);

/// Take an API key back
///
/// It is refused from the next request on.
#[utoipa::path(
    delete, path = "/api-keys/{api_key_id}", tag = "API keys", operation_id = "revoke_api_key",
    security(("password" = ["user"])),
    params(("api_key_id" = String, Path, description = "The key's id.", example = "key_01h455vb4pex5vsknk084sn02q")),
    responses((status = 204, description = "The key is gone."), Refusals)
)]
pub(crate) async fn revoke_api_key(
    caller: Caller<LoggedIn>,
    ApiKeyPath(id): ApiKeyPath,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let revoke = move |tx: &mut dyn domain::ports::WriteTx, actor: &domain::Actor| {
        use_cases::revoke_api_key(tx, id, actor.user_id)
    };
    let effect = move |&(): &()| Some(Effect::of(Action::ApiKeyRevoked, &id));
    caller.write(&state, (), state.now(), revoke, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
