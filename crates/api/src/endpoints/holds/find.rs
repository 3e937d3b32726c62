//! `GET /accounts/{account_id}/holds/{hold_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::use_cases;

use super::HoldBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{Conditions, HoldPath};
use crate::openapi::{AccountPathParams, ConditionParams, HoldPathParams, NotModified, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get a hold
///
/// Returns a hold of the account, in any state. Holds are removed 30 days after they expired.
#[utoipa::path(
    get, path = "/accounts/{account_id}/holds/{hold_id}", tag = "Holds", operation_id = "find_hold",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(ConditionParams, AccountPathParams, HoldPathParams),
    responses(
        (status = 200, description = "The hold.",
            headers(("ETag")), body = HoldBody,
            example = json!(super::example())),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_hold(
    caller: Caller<Viewer>,
    HoldPath(account, id): HoldPath,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let hold = caller.read(&state, account, move |tx, _| use_cases::find_hold(tx, account, id)).await?;
    conditions.respond(&HoldBody::at(&hold, state.now()))
}
