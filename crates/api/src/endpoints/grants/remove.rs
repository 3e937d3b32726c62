//! `DELETE /accounts/{account_id}/grants/{grant_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::ChangeError;
use domain::ports::{Accounts, WriteTx};
use domain::{AccountId, Action, Actor, DryRun, GrantId, use_cases};

use super::{GrantBody, refer_to_operator};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Operator};
use crate::http::{GrantPath, IfMatch, NotChanged};
use crate::openapi::{AccountPathParams, DryRunParams, GrantPathParams, IfMatchParams, problems};
use crate::problem::Problem;

/// Removes the grant, on the store or in a dry run. Returns whether it existed.
fn remove(
    tx: &mut (impl Accounts + ?Sized),
    account: AccountId,
    id: GrantId,
    if_match: &IfMatch,
) -> Result<bool, NotChanged<ChangeError>> {
    if_match.check_removal(|| {
        let found = tx.lock_account(account)?;
        let mut grants = found.iter().flat_map(|account| &account.grants);
        Ok(grants.find(|grant| grant.id == id).map(|grant| GrantBody::new(account, grant)))
    })?;
    use_cases::remove_grant(tx, account, id).map_err(NotChanged::Refused)
}

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Remove a grant
///
/// Removes a grant. The limit without it applies immediately; what exists stays. Without the grant
/// nothing changes.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/grants/{grant_id}", tag = "Limits", operation_id = "remove_grant",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IfMatchParams, DryRunParams, AccountPathParams, GrantPathParams),
    responses((status = 204, description = "The account does not have this grant."), Refusals)
)]
pub(crate) async fn remove_grant(
    caller: Caller<Operator>,
    GrantPath(account, id): GrantPath,
    if_match: IfMatch,
    dry_run: DryRunQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    if dry_run.parse_for(&caller, account, &state).await.map_err(refer_to_operator)? {
        let remove = move |tx: &mut DryRun<'_>, _: &Actor| remove(tx, account, id, &if_match);
        return caller.dry_run_removal(&state, account, remove).await.map_err(refer_to_operator);
    }
    let remove = move |tx: &mut dyn WriteTx, _: &Actor| remove(tx, account, id, &if_match);
    let effect = move |was_removed: &bool| was_removed.then(|| AuditedEffect::on(account, Action::GrantRemoved, &id));
    caller.write(&state, account, state.now(), remove, effect).await.map_err(refer_to_operator)?;
    Ok(HttpResponse::NoContent().finish())
}
