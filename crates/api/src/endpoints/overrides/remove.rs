//! `DELETE /accounts/{account_id}/overrides/{metric}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Action, use_cases};

use super::{find_locked, refer_to_operator};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Operator};
use crate::http::{IfMatch, NotChanged, OverridePath};
use crate::openapi::{AccountPathParams, IfMatchParams, MetricPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Remove an override
///
/// Removes an override. The plan's limit applies again immediately. Without an override nothing
/// changes.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/overrides/{metric}", tag = "Limits", operation_id = "remove_override",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IfMatchParams, AccountPathParams, MetricPathParams),
    responses((status = 204, description = "The account has no override of this limit."), Refusals)
)]
pub(crate) async fn remove_override(
    caller: Caller<Operator>,
    OverridePath(account, metric): OverridePath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let audited = metric.clone();
    let effect =
        move |was_removed: &bool| was_removed.then(|| AuditedEffect::on(account, Action::OverrideRemoved, &audited));
    let remove = move |tx: &mut dyn domain::ports::WriteTx, _: &domain::Actor| {
        if_match.check_removal(|| find_locked(tx, account, &metric))?;
        use_cases::remove_override(tx, account, &metric).map_err(NotChanged::Refused)
    };
    caller.write(&state, account, state.now(), remove, effect).await.map_err(refer_to_operator)?;
    Ok(HttpResponse::NoContent().finish())
}
