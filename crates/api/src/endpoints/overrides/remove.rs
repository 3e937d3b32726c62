//! `DELETE /accounts/{account_id}/overrides/{metric}`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::ChangeError;
use domain::ports::{Accounts, FeatureOverrides, WriteTx};
use domain::{AccountId, Action, Actor, DryRun, KeyKind, OverrideKey, PlanCatalog, keys_of_kind, use_cases};

use super::{find_locked, refer_to_operator};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Operator};
use crate::http::{IfMatch, NotChanged, OverrideKeyPath};
use crate::openapi::{AccountPathParams, DryRunParams, IfMatchParams, MetricPathParams, problems};
use crate::problem::{Code, Problem};

/// The unit of work that removes an override, on the store or in a dry run.
struct RemoveUnit {
    account: AccountId,
    key: OverrideKey,
    if_match: IfMatch,
    catalog: Arc<PlanCatalog>,
}

impl RemoveUnit {
    /// Whether there was an override.
    fn run(&self, tx: &mut (impl Accounts + FeatureOverrides + ?Sized)) -> Result<bool, NotChanged<ChangeError>> {
        let Self { account, ref key, ref if_match, ref catalog } = *self;
        if_match.check_removal(|| find_locked(tx, account, key))?;
        use_cases::remove_override(tx, catalog, account, key).map_err(NotChanged::Refused)
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Remove an override
///
/// Removes the override of a limit or a feature. The plan's limit or value applies again
/// immediately. Without an override nothing changes. An override of a metric or a feature that no
/// longer exists can be removed, too.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/overrides/{metric}", tag = "Limits", operation_id = "remove_override",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IfMatchParams, DryRunParams, AccountPathParams, MetricPathParams),
    responses((status = 204, description = "The account has no such override."), Refusals)
)]
pub(crate) async fn remove_override(
    caller: Caller<Operator>,
    OverrideKeyPath(account, key): OverrideKeyPath,
    if_match: IfMatch,
    dry_run: DryRunQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await.map_err(refer_to_operator)?;
    let (audited, catalog) = (key.clone(), state.catalog.get());
    let refusal = {
        let (key, catalog) = (key.clone(), Arc::clone(&catalog));
        move |refusal: Problem| {
            let kind = KeyKind::MetricOrFeature;
            let is_unknown = refusal.code == Code::NotFound && !keys_of_kind(&catalog, kind).contains(&key.as_str());
            if is_unknown { Problem::no_such_key(kind, key.as_str(), &catalog) } else { refer_to_operator(refusal) }
        }
    };
    let unit = RemoveUnit { account, key, if_match, catalog };
    if is_dry_run {
        let remove = move |tx: &mut DryRun<'_>, _: &Actor| unit.run(tx);
        return caller.dry_run_removal(&state, account, remove).await.map_err(refusal);
    }
    let effect =
        move |was_removed: &bool| was_removed.then(|| AuditedEffect::on(account, Action::OverrideRemoved, &audited));
    let remove = move |tx: &mut dyn WriteTx, _: &Actor| unit.run(tx);
    caller.write(&state, account, state.now(), remove, effect).await.map_err(refusal)?;
    Ok(HttpResponse::NoContent().finish())
}
