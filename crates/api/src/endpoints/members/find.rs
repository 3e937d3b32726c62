//! `GET /accounts/{account_id}/members/{user_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::FindError;
use domain::use_cases;

use super::MemberBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{Conditions, MemberPath};
use crate::openapi::{AccountPathParams, ConditionParams, NotModified, UserPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get a member
///
/// Returns a member of the account, by the user's id or username.
#[utoipa::path(
    get, path = "/accounts/{account_id}/members/{user_id}", tag = "Members", operation_id = "find_member",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(ConditionParams, AccountPathParams, UserPathParams),
    responses(
        (status = 200, description = "The member.",
            headers(("ETag")), body = MemberBody,
            example = json!(super::example())),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_member(
    caller: Caller<Viewer>,
    MemberPath(account, user): MemberPath,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let find = move |tx: &mut dyn domain::ports::ReadTx, _: &domain::Actor| {
        let user = use_cases::find_user(tx, &user)?.ok_or(FindError::NotFound)?;
        tx.find_member(account, user.id)?.ok_or(FindError::NotFound)
    };
    conditions.respond(&MemberBody::from(caller.read(&state, account, find).await?))
}
