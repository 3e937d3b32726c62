//! `DELETE /accounts/{account_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Account, Action, Actor, use_cases};

use super::AccountBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Remover};
use crate::http::{AccountPath, IfMatch};
use crate::openapi::{AccountPathParams, IfMatchParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Remove an account
///
/// Removes an account. Its data is kept, and an owner can restore it. Until then all other requests
/// for it get 404. Removing it again changes nothing.
#[utoipa::path(
    delete, path = "/accounts/{account_id}", tag = "Accounts", operation_id = "remove_account",
    security(("password" = ["owner"]), ("program_key" = ["admin"])),
    params(IfMatchParams, AccountPathParams),
    responses((status = 204, description = "The account is removed."), Refusals)
)]
pub(crate) async fn remove_account(
    caller: Caller<Remover>,
    AccountPath(id): AccountPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    let remove = move |tx: &mut dyn WriteTx, _: &Actor| {
        let is_expected = |it: &Account| if_match.admits(|| AccountBody::new(it.clone(), &catalog, now));
        use_cases::remove_account(tx, id, is_expected, now)
    };
    let effect = move |was_removed: &bool| was_removed.then(|| AuditedEffect::on(id, Action::AccountRemoved, &id));
    caller.write(&state, id, now, remove, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
