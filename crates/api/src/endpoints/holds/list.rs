//! `GET /accounts/{account_id}/holds`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::HoldId;

use super::HoldBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::AccountPath;
use crate::openapi::{AccountPathParams, PageParams, example_list, list_of, problems};
use crate::problem::Problem;

list_of!(HoldList: HoldBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the holds
///
/// Lists the holds of the account in all states, the newest first.
#[utoipa::path(
    get, path = "/accounts/{account_id}/holds", tag = "Holds", operation_id = "list_holds",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, PageParams),
    responses(
        (status = 200, description = "The holds.", body = HoldList, example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_holds(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<HoldId, _>(format!("holds {account}"), &caller, account, &state).await?;
    let (after, max, now) = (page.after, page.read_max(), state.now());
    let holds = caller.read(&state, account, move |tx, _| tx.list_holds(account, after, max)).await?;
    page.respond(&state, holds, |hold| hold.id, |hold| HoldBody::at(&hold, now))
}
