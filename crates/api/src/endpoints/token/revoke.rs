//! `POST /token/revoke`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::ports::WriteTx;
use domain::{Action, use_cases};

use super::refresh::RefreshRequest;
use crate::AppState;
use crate::access::{AuditWriter, AuditedEffect, UnauthenticatedClient};
use crate::auth::secrets;
use crate::http::{Body, NoQueryOrConditions};
use crate::openapi::problems;
use crate::problem::Problem;

problems!(Refusals: ANY, BODY, VALIDATION, WRITE);

/// Log out
///
/// Revokes the session. All further requests with its access token are refused. An invalid token
/// gets the same response (RFC 7009, section 2.2).
#[utoipa::path(
    post, path = "/token/revoke", tag = "Service", operation_id = "revoke_token",
    request_body = RefreshRequest,
    responses((status = 204, description = "The session is revoked, if it existed."), Refusals)
)]
pub(crate) async fn revoke_token(
    _: UnauthenticatedClient,
    _: NoQueryOrConditions,
    body: Body<RefreshRequest>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (hash, now) = (secrets::hash_of(&body.parse()?), state.now());
    let audit = AuditWriter::of(&request, &state, now);
    let revoke = move |tx: &mut dyn WriteTx| {
        let Some(session) = use_cases::revoke_session(tx, &hash)? else { return Ok(()) };
        audit.note(tx, session.user_id, AuditedEffect::of(Action::SessionRevoked, &session.id))
    };
    state.write(revoke).await?;
    Ok(HttpResponse::NoContent().finish())
}
