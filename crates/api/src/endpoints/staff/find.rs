//! `GET /accounts/{account_id}/staff/{staff_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::use_cases;

use super::StaffMemberBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{Conditions, StaffPath};
use crate::openapi::{AccountPathParams, ConditionParams, NotModified, StaffPathParams, example_with, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get a staff member
///
/// Returns a staff member of the account.
#[utoipa::path(
    get, path = "/accounts/{account_id}/staff/{staff_id}", tag = "Staff", operation_id = "find_staff_member",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(ConditionParams, AccountPathParams, StaffPathParams),
    responses(
        (status = 200, description = "The staff member.",
            headers(("ETag")), body = StaffMemberBody,
            example = json!(example_with(super::example(), [("email", serde_json::Value::Null)]))),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_staff_member(
    caller: Caller<Viewer>,
    StaffPath(account, id): StaffPath,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let member = caller.read(&state, account, move |tx, _| use_cases::find_staff_member(tx, account, id)).await?;
    conditions.respond(&StaffMemberBody::from(member))
}
