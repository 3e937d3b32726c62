//! `GET /accounts/{account_id}/members`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::UserId;

use super::MemberBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::AccountPath;
use crate::openapi::{AccountPathParams, PageParams, example_list, list_of, problems};
use crate::problem::Problem;

list_of!(MemberList: MemberBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the members
///
/// Lists the members of the account. The user who registered last comes first.
#[utoipa::path(
    get, path = "/accounts/{account_id}/members", tag = "Members", operation_id = "list_members",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, PageParams),
    responses(
        (status = 200, description = "The members.", body = MemberList,
            example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_members(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<UserId, _>(format!("members {account}"), &caller, account, &state).await?;
    let (after, max) = (page.after, page.read_max());
    let members = caller.read(&state, account, move |tx, _| tx.list_members(account, after, max)).await?;
    page.respond(&state, members, |member| member.user_id, MemberBody::from)
}
