//! `GET /accounts/{account_id}/grants/{grant_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::{Actor, use_cases};

use super::GrantBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{Conditions, GrantPath};
use crate::openapi::{AccountPathParams, ConditionParams, GrantPathParams, NotModified, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get a grant
///
/// Returns a grant of the account. An expired one is found until it is removed.
#[utoipa::path(
    get, path = "/accounts/{account_id}/grants/{grant_id}", tag = "Limits", operation_id = "find_grant",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(ConditionParams, AccountPathParams, GrantPathParams),
    responses(
        (status = 200, description = "The grant.",
            headers(("ETag")), body = GrantBody,
            example = json!(super::example())),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_grant(
    caller: Caller<Viewer>,
    GrantPath(account, id): GrantPath,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let find = move |tx: &mut dyn ReadTx, _: &Actor| use_cases::find_grant(tx, account, id);
    conditions.respond(&GrantBody::new(account, &caller.read(&state, account, find).await?))
}
