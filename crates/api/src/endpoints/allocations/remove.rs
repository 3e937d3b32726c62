//! `DELETE /accounts/{account_id}/allocations/{meter}/{key}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Action, use_cases};

use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::AllocationPath;
use crate::openapi::{AccountPathParams, KeyPathParams, MeterPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE);

/// Remove an allocation
///
/// What it took is free again. Removing a key that is not allocated changes nothing.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/allocations/{meter}/{key}", tag = "Allocations", operation_id = "remove_allocation",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(AccountPathParams, MeterPathParams, KeyPathParams),
    responses((status = 204, description = "The key is not allocated."), Refusals)
)]
pub(crate) async fn remove_allocation(
    caller: Caller<Manager>,
    path: AllocationPath,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let AllocationPath { account, meter, key, .. } = path;
    let resource = format!("{meter}/{key}");
    let effect =
        move |existed: &bool| existed.then(|| AuditedEffect::on(account, Action::AllocationRemoved, &resource));
    let remove = move |tx: &mut dyn domain::ports::WriteTx, _: &domain::Actor| {
        use_cases::remove_allocation(tx, account, &meter, &key)
    };
    caller.write(&state, account, state.now(), remove, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
