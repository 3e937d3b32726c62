//! `DELETE /accounts/{account_id}/usage/{use_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, use_cases};

use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::UsagePath;
use crate::openapi::{AccountPathParams, UsagePathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE);

/// Remove a usage record
///
/// Removes a usage record and gives its quantity back, in the windows in which it counted: also if
/// the time zone or the plan of the account has changed since. Removing it again changes nothing.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/usage/{use_id}", tag = "Usage", operation_id = "remove_usage",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(AccountPathParams, UsagePathParams),
    responses((status = 204, description = "The usage record is removed."), Refusals)
)]
pub(crate) async fn remove_usage(
    caller: Caller<Manager>,
    UsagePath(account, id): UsagePath,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let remove = move |tx: &mut dyn WriteTx, _: &Actor| use_cases::remove_usage_record(tx, account, id, now);
    let effect = move |was_removed: &bool| was_removed.then(|| AuditedEffect::on(account, Action::UsageRemoved, &id));
    caller.write(&state, account, now, remove, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
