//! `GET /accounts/{account_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::FindError;
use domain::ports::ReadTx;
use domain::{Actor, use_cases};

use super::AccountBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{AccountPath, Conditions};
use crate::openapi::{AccountPathParams, ConditionParams, NotModified, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get an account
///
/// Returns the account and its subscription, if it has one.
#[utoipa::path(
    get, path = "/accounts/{account_id}", tag = "Accounts", operation_id = "find_account",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(ConditionParams, AccountPathParams),
    responses(
        (status = 200, description = "The account.",
            headers(("ETag")), body = AccountBody,
            example = json!(super::example())),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_account(
    caller: Caller<Viewer>,
    AccountPath(id): AccountPath,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    let find = move |tx: &mut dyn ReadTx, _: &Actor| {
        let account = use_cases::find_account(tx, &catalog, id, now)?;
        Ok::<_, FindError>(AccountBody::new(account, &catalog, now))
    };
    conditions.respond(&caller.read(&state, id, find).await?)
}
