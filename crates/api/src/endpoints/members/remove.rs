//! `DELETE /accounts/{account_id}/members/{user_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::MemberError;
use domain::{Action, Role, use_cases};

use super::find_locked;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Leaver};
use crate::http::{IfMatch, MemberPath, NotChanged};
use crate::openapi::{AccountPathParams, IfMatchParams, UserPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION + [Conflict]);

/// Remove a member, or leave
///
/// An owner can remove every member, and every member can leave. The last owner cannot leave,
/// unless the account is removed. Removing a user who is not a member changes nothing.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/members/{user_id}", tag = "Members", operation_id = "remove_member",
    security(("password" = ["viewer"]), ("program_key" = ["admin"])),
    params(IfMatchParams, AccountPathParams, UserPathParams),
    responses((status = 204, description = "The user is not a member."), Refusals)
)]
pub(crate) async fn remove_member(
    caller: Caller<Leaver>,
    MemberPath(account, user): MemberPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let remove = move |tx: &mut dyn domain::ports::WriteTx, actor: &domain::Actor| {
        let user = use_cases::find_user(tx, &user)?;
        let is_self = user.as_ref().is_some_and(|user| user.id == actor.user_id) && actor.api_key.is_none();
        if !is_self {
            let permitted = use_cases::authorize(tx, actor, account, Role::Owner);
            permitted.map_err(|error| NotChanged::Refused(MemberError::from(error)))?;
        }
        let user = user.ok_or(NotChanged::Refused(MemberError::UnknownUser))?.id;
        if_match.check_removal(|| find_locked(tx, account, user))?;
        let was_member = use_cases::remove_member(tx, account, user).map_err(NotChanged::Refused)?;
        Ok::<_, NotChanged<MemberError>>(was_member.then_some(user))
    };
    let effect =
        move |user: &Option<domain::UserId>| Some(AuditedEffect::on(account, Action::MemberRemoved, &(*user)?));
    caller.write(&state, account, state.now(), remove, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
