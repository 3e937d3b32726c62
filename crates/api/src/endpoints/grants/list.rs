//! `GET /accounts/{account_id}/grants`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::{Actor, GrantId, use_cases};

use super::GrantBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::AccountPath;
use crate::openapi::{AccountPathParams, PageParams, example_list, list_of, problems};
use crate::problem::Problem;

list_of!(GrantList: GrantBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the grants
///
/// Lists the grants of the account, the newest first. Expired grants remain in the list until they
/// are removed.
#[utoipa::path(
    get, path = "/accounts/{account_id}/grants", tag = "Limits", operation_id = "list_grants",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, PageParams),
    responses(
        (status = 200, description = "The grants.", body = GrantList,
            example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_grants(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<GrantId, _>(format!("grants {account}"), &caller, account, &state).await?;
    let (after, max) = (page.after, page.read_max());
    let list = move |tx: &mut dyn ReadTx, _: &Actor| use_cases::list_grants(tx, account, after, max);
    let grants = caller.read(&state, account, list).await?;
    page.respond(&state, grants, |grant| grant.id, |grant| GrantBody::new(account, &grant))
}
