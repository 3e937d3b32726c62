//! `DELETE /accounts/{account_id}/members/{user_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::MemberError;
use domain::{Action, Role, use_cases};

use super::find_user;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::effect::Effect;
use crate::http::MemberPath;
use crate::openapi::problems;
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE + [Conflict]);

/// Remove a member, or leave
///
/// Owners remove anybody, everybody may leave; but an account's last owner cannot go. Removing a user who is no member
/// changes nothing.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/members/{user_id}", tag = "Members", operation_id = "remove_member",
    security(("password" = ["viewer"]), ("program_key" = ["admin"])),
    params(("account_id" = String, Path, description = "The account's id.", example = "acct_01h455vb4pex5vsknk084sn02q"),
        ("user_id" = String, Path, description = "The user's id or name.", example = "ann")),
    responses((status = 204, description = "The user is no member."), Refusals)
)]
pub(crate) async fn remove_member(
    caller: Caller<Viewer>,
    MemberPath(account, user): MemberPath,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let remove = move |tx: &mut dyn domain::ports::WriteTx, actor: &domain::Actor| {
        let user = find_user(tx, &user)?;
        let is_oneself = user.as_ref().is_some_and(|user| user.id == actor.user_id) && actor.api_key.is_none();
        if !is_oneself {
            use_cases::authorize(tx, actor, account, Role::Owner)?;
        }
        let user = user.ok_or(MemberError::UnknownUser)?.id;
        Ok::<_, MemberError>(use_cases::remove_member(tx, account, user)?.then_some(user))
    };
    let effect = move |user: &Option<domain::UserId>| Some(Effect::on(account, Action::MemberRemoved, &(*user)?));
    caller.write(&state, account, state.now(), remove, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
