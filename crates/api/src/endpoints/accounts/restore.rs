//! `POST /accounts/{account_id}/restore`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Account, Action, Actor, use_cases};

use super::AccountBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Remover};
use crate::http::{AccountPath, IfMatch, NotChanged};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, IdempotencyParams, IfMatchParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION, IDEMPOTENT);

/// Restore an account
///
/// Restores a removed account with all its data. An account that is not removed stays unchanged. If
/// all owners have left since, an operator can restore the account and becomes its owner.
#[utoipa::path(
    post, path = "/accounts/{account_id}/restore", tag = "Accounts", operation_id = "restore_account",
    security(("password" = ["owner"]), ("program_key" = ["admin"])),
    params(IdempotencyParams, IfMatchParams, AccountPathParams),
    responses(
        (status = 200, description = "The account.",
            headers(("ETag")), body = AccountBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn restore_account(
    caller: Caller<Remover>,
    AccountPath(id): AccountPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    let known = Arc::clone(&catalog);
    let restore = move |tx: &mut dyn WriteTx, actor: &Actor| {
        if_match.check(|| Ok(tx.lock_account(id)?.map(|account| AccountBody::new(account, &known, now))))?;
        use_cases::restore_account(tx, id, actor.user_id, now).map_err(NotChanged::Refused)
    };
    let effect = move |(_, was_removed): &(Account, bool)| {
        was_removed.then(|| AuditedEffect::on(id, Action::AccountRestored, &id))
    };
    let respond = move |(account, _)| StoredResponse::ok(&AccountBody::new(account, &catalog, now));
    caller.post(&state, id, now, restore, effect, respond).await
}
