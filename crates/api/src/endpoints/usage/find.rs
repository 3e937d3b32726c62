//! `GET /accounts/{account_id}/usage/{use_id}`.

use actix_web::web::Data;
use domain::use_cases;

use super::UsageRecordBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{Json, UsagePath};
use crate::openapi::{AccountPathParams, UsagePathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND);

/// Get a usage record
///
/// Gets a usage record that was not removed. It never changes, so it has no `ETag`.
#[utoipa::path(
    get, path = "/accounts/{account_id}/usage/{use_id}", tag = "Usage", operation_id = "find_usage",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, UsagePathParams),
    responses(
        (status = 200, description = "The usage record.", body = UsageRecordBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn find_usage(
    caller: Caller<Viewer>,
    UsagePath(account, id): UsagePath,
    state: Data<AppState>,
) -> Result<Json<UsageRecordBody>, Problem> {
    let usage = caller.read(&state, account, move |tx, _| use_cases::find_usage_record(tx, account, id)).await?;
    Ok(Json(usage.into()))
}
