//! `POST /accounts/{account_id}/holds/{hold_id}/release`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::HoldError;
use domain::ports::{Accounts, Holds, WriteTx};
use domain::{AccountId, Action, Actor, DryRun, Hold, HoldId, Timestamp, use_cases};

use super::HoldBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Manager};
use crate::http::{HoldPath, IfMatch, NotChanged};
use crate::idempotency::StoredResponse;
use crate::openapi::{
    AccountPathParams, DryRunParams, HoldPathParams, IdempotencyParams, IfMatchParams, example_with, problems,
};
use crate::problem::Problem;

/// Releases the hold, on the store or in a dry run. Also returns whether that changed it.
fn release(
    tx: &mut (impl Accounts + Holds + ?Sized),
    account: AccountId,
    id: HoldId,
    if_match: &IfMatch,
    now: Timestamp,
) -> Result<(Hold, bool), NotChanged<HoldError>> {
    if_match.check(|| HoldBody::find_locked(tx, account, id, now))?;
    use_cases::release_hold(tx, account, id, now).map_err(NotChanged::Refused)
}

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION, IDEMPOTENT + [Conflict]);

/// Release a hold
///
/// What is held is free at once. A hold that was released or has expired stays as it is.
#[utoipa::path(
    post, path = "/accounts/{account_id}/holds/{hold_id}/release", tag = "Holds", operation_id = "release_hold",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, IfMatchParams, DryRunParams, AccountPathParams, HoldPathParams),
    responses(
        (status = 200, description = "The hold, or as it would be (dry run).",
            headers(("ETag")), body = HoldBody,
            example = json!(example_with(super::example(), [
                ("state", "released".into()), ("closed_at", "2026-03-21T09:00:00Z".into()),
            ]))),
        Refusals,
    )
)]
pub(crate) async fn release_hold(
    caller: Caller<Manager>,
    HoldPath(account, id): HoldPath,
    if_match: IfMatch,
    dry_run: DryRunQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    if dry_run.parse_for(&caller, account, &state).await? {
        let release = move |tx: &mut DryRun<'_>, _: &Actor| release(tx, account, id, &if_match, now);
        return caller.dry_run(&state, account, release, |(hold, _)| HoldBody::at(&hold, now)).await;
    }
    let release = move |tx: &mut dyn WriteTx, _: &Actor| release(tx, account, id, &if_match, now);
    let effect = move |(_, has_changed): &(Hold, bool)| {
        has_changed.then(|| AuditedEffect::on(account, Action::HoldReleased, &id))
    };
    let respond = move |(hold, _)| StoredResponse::ok(&HoldBody::at(&hold, now));
    caller.post(&state, account, now, release, effect, respond).await
}
