//! `DELETE /accounts/{account_id}/overrides/{metric}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Action, use_cases};

use super::{find_locked, refer_to_operator};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Operator};
use crate::http::{IfMatch, NotChanged, OverrideKeyPath};
use crate::openapi::{AccountPathParams, IfMatchParams, MetricPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Remove an override
///
/// Removes the override of a limit or a feature. The plan's limit or value applies again
/// immediately. Without an override nothing changes. An override of a metric or a feature that no
/// longer exists can be removed, too.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/overrides/{metric}", tag = "Limits", operation_id = "remove_override",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IfMatchParams, AccountPathParams, MetricPathParams),
    responses((status = 204, description = "The account has no such override."), Refusals)
)]
pub(crate) async fn remove_override(
    caller: Caller<Operator>,
    OverrideKeyPath(account, key): OverrideKeyPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, audited) = (state.catalog.get(), key.clone());
    let effect =
        move |was_removed: &bool| was_removed.then(|| AuditedEffect::on(account, Action::OverrideRemoved, &audited));
    let remove = move |tx: &mut dyn domain::ports::WriteTx, _: &domain::Actor| {
        if_match.check_removal(|| find_locked(tx, account, &key))?;
        use_cases::remove_override(tx, &catalog, account, &key).map_err(NotChanged::Refused)
    };
    caller.write(&state, account, state.now(), remove, effect).await.map_err(refer_to_operator)?;
    Ok(HttpResponse::NoContent().finish())
}
