//! `DELETE /users/me`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::UserError;
use domain::{Action, use_cases};

use super::find_locked;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, LoggedIn};
use crate::http::{IfMatch, NotChanged};
use crate::openapi::{IfMatchParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, WRITE, VERSION + [Conflict]);

/// Delete your user
///
/// Deletes your user, sessions, API keys and memberships. Refused while you are the last owner of
/// an account or the last operator.
#[utoipa::path(
    delete, path = "/users/me", tag = "Users", operation_id = "delete_me",
    security(("password" = ["user"])),
    params(IfMatchParams),
    responses((status = 204, description = "The user is deleted."), Refusals)
)]
pub(crate) async fn delete_me(
    caller: Caller<LoggedIn>,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let delete = move |tx: &mut dyn domain::ports::WriteTx, actor: &domain::Actor| {
        if_match.check(|| find_locked(tx, actor.user_id))?;
        use_cases::delete_user(tx, actor.user_id).map(|()| actor.user_id).map_err(NotChanged::Refused)
    };
    let effect = |user: &domain::UserId| Some(AuditedEffect::of(Action::UserDeleted, &user));
    caller.write::<_, NotChanged<UserError>>(&state, (), state.now(), delete, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
