//! `DELETE /api-keys/{api_key_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Action, use_cases};

use super::ApiKeyBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, LoggedIn};
use crate::http::{ApiKeyPath, IfMatch, NotChanged};
use crate::openapi::{ApiKeyPathParams, IfMatchParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Revoke an API key
///
/// Revokes one of your keys. All further requests with it are refused.
#[utoipa::path(
    delete, path = "/api-keys/{api_key_id}", tag = "API keys", operation_id = "revoke_api_key",
    security(("password" = ["user"])),
    params(IfMatchParams, ApiKeyPathParams),
    responses((status = 204, description = "The key is revoked."), Refusals)
)]
pub(crate) async fn revoke_api_key(
    caller: Caller<LoggedIn>,
    ApiKeyPath(id): ApiKeyPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let revoke = move |tx: &mut dyn domain::ports::WriteTx, actor: &domain::Actor| {
        if_match.check_removal(|| {
            tx.lock_user(actor.user_id)?;
            Ok(tx.find_api_key(id)?.filter(|key| key.user_id == actor.user_id).map(ApiKeyBody::from))
        })?;
        use_cases::revoke_api_key(tx, id, actor.user_id).map_err(NotChanged::Refused)
    };
    let effect = move |&(): &()| Some(AuditedEffect::of(Action::ApiKeyRevoked, &id));
    caller.write(&state, (), state.now(), revoke, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
