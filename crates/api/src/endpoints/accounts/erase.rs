//! `POST /accounts/{account_id}/erase`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, DryRun, use_cases};

use super::super::erasure::{self, ErasureBody};
use crate::AppState;
use crate::access::{AccountEraser, AuditedEffect, Caller, DryRunQuery};
use crate::http::AccountPath;
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, DryRunParams, IdempotencyParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, IDEMPOTENT);

/// Erase an account
///
/// Removes the personal data of an account permanently, also of one that was removed before. It cannot
/// be restored. From this response on, every request for it gets 404; its rows are erased in the
/// background. Counters stay, and so do the ids, actions and times of its audit log.
#[utoipa::path(
    post, path = "/accounts/{account_id}/erase", tag = "Accounts", operation_id = "erase_account",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IdempotencyParams, DryRunParams, AccountPathParams),
    responses(
        (status = 200, description = "The erasure, or what it would erase (dry run).", body = ErasureBody,
            example = json!(erasure::example("acct_01h455vb4pex5vsknk084sn02q"))),
        Refusals,
    )
)]
pub(crate) async fn erase_account(
    caller: Caller<AccountEraser>,
    AccountPath(id): AccountPath,
    dry_run: DryRunQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    if dry_run.parse_for(&caller, id, &state).await? {
        let count = move |tx: &mut DryRun<'_>, _: &Actor| use_cases::count_account_erasure(tx, id);
        return caller.dry_run(&state, id, count, move |counts| ErasureBody::dry_run(&id, counts)).await;
    }
    let erase = move |tx: &mut dyn WriteTx, _: &Actor| use_cases::erase_account(tx, id, now);
    let effect = move |(): &()| Some(AuditedEffect::on(id, Action::AccountErased, &id));
    let respond = move |()| StoredResponse::unversioned(&ErasureBody::requested(&id, now));
    let response = caller.post(&state, id, now, erase, effect, respond).await?;
    // The rows are erased from now on, and not a minute later.
    state.schedule_maintenance();
    Ok(response)
}
