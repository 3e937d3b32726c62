//! `GET /accounts/{account_id}`.

use actix_web::web::{Data, Json};
use domain::use_cases;

use super::AccountBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::AccountPath;
use crate::openapi::problems;
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND);

/// Look an account up
///
/// The account, and the plan it is on if any.
#[utoipa::path(
    get, path = "/accounts/{account_id}", tag = "Accounts", operation_id = "find_account",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(("account_id" = String, Path, description = "The account's id.", example = "acct_01h455vb4pex5vsknk084sn02q")),
    responses(
        (status = 200, description = "The account.", body = AccountBody,
            example = json!({"id": "acct_01h455vb4pex5vsknk084sn02q", "name": "My Salon", "time_zone": "Europe/Berlin",
                "subscription": {"id": "sub_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                    "plan": "basic", "plan_since": "2026-03-29T08:00:00Z", "created_at": "2026-03-29T08:00:00Z"},
                "created_at": "2026-03-29T08:00:00Z"})),
        Refusals,
    )
)]
pub(crate) async fn find_account(
    caller: Caller<Viewer>,
    AccountPath(id): AccountPath,
    state: Data<AppState>,
) -> Result<Json<AccountBody>, Problem> {
    let account = caller.read(&state, id, move |tx, _| use_cases::find_account(tx, id)).await?;
    Ok(Json(account.into()))
}
