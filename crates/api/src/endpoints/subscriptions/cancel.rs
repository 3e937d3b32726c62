//! `DELETE /accounts/{account_id}/subscription/scheduled-change`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, Subscription, use_cases};

use super::SubscriptionBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{AccountPath, IfMatch, NotChanged};
use crate::openapi::{AccountPathParams, IfMatchParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Cancel the scheduled change
///
/// Cancels the scheduled change, so that the account stays on its plan. Without a scheduled change
/// nothing changes.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/subscription/scheduled-change", tag = "Subscriptions",
    operation_id = "cancel_scheduled_change",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IfMatchParams, AccountPathParams),
    responses((status = 204, description = "No change is scheduled."), Refusals)
)]
pub(crate) async fn cancel_scheduled_change(
    caller: Caller<Manager>,
    AccountPath(account): AccountPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    let cancel = move |tx: &mut dyn WriteTx, _: &Actor| {
        if_match.check_removal(|| SubscriptionBody::find_locked(tx, &catalog, account, now))?;
        use_cases::cancel_scheduled_change(tx, &catalog, account, now).map_err(NotChanged::Refused)
    };
    let effect = move |kept: &Option<Subscription>| {
        Some(AuditedEffect::on(account, Action::PlanChangeCancelled, &kept.as_ref()?.id))
    };
    caller.write(&state, account, now, cancel, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
