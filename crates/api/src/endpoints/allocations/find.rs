//! `GET /accounts/{account_id}/allocations/{meter}/{key}`.

use actix_web::web::Data;
use domain::use_cases;

use super::AllocationBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{AllocationPath, Json};
use crate::openapi::{AccountPathParams, KeyPathParams, MeterPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND);

/// Get an allocation
///
/// Returns the allocation with this key.
#[utoipa::path(
    get, path = "/accounts/{account_id}/allocations/{meter}/{key}", tag = "Allocations", operation_id = "find_allocation",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, MeterPathParams, KeyPathParams),
    responses(
        (status = 200, description = "The allocation.", body = AllocationBody, example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn find_allocation(
    caller: Caller<Viewer>,
    path: AllocationPath,
    state: Data<AppState>,
) -> Result<Json<AllocationBody>, Problem> {
    let AllocationPath { account, meter, key, .. } = path;
    let find = caller.read(&state, account, move |tx, _| use_cases::find_allocation(tx, account, &meter, &key));
    Ok(Json(find.await?.into()))
}
