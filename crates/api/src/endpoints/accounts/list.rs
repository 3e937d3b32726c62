//! `GET /accounts`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::AccessError;
use domain::ports::{Page, ReadTx};
use domain::{AccountId, Actor, use_cases};
use utoipa::IntoParams;

use super::AccountBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Reader};
use crate::http::Parameters;
use crate::openapi::{PageParams, example_list, list_of, problems};
use crate::problem::Problem;

list_of!(AccountList: AccountBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// The filter of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what list_accounts reads")]
struct AccountFilterParams {
    /// `true` to include removed accounts. Default: false.
    #[param(required = false)]
    include_deleted: Option<bool>,
}

/// List your accounts
///
/// Lists the accounts that you are a member of, the newest first. An operator gets all accounts, an
/// API key of one account gets that account. A page may have fewer accounts than `limit` and still
/// have a `next_cursor`.
#[utoipa::path(
    get, path = "/accounts", tag = "Accounts", operation_id = "list_accounts",
    security(("password" = ["user"]), ("program_key" = ["read"])),
    params(AccountFilterParams, PageParams),
    responses(
        (status = 200, description = "The accounts.", body = AccountList,
            example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_accounts(
    caller: Caller<Reader>,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let filter = |parameters: &mut Parameters| parameters.flag("include_deleted");
    let page = page.filtered::<AccountId, _, _>("accounts".to_owned(), &caller, (), &state, filter);
    let (page, include_deleted) = page.await?;
    let (after, max) = (page.after, page.max());
    let (catalog, now) = (state.catalog.get(), state.now());
    let in_force = Arc::clone(&catalog);
    let list = move |tx: &mut dyn ReadTx, actor: &Actor| {
        let is_operator = use_cases::is_operator(tx, actor)?;
        if let Some(only) = actor.account_id {
            // The key's user may have left the account.
            let is_permitted = is_operator || tx.find_role(only, actor.user_id)?.is_some();
            let account = if is_permitted && after.is_none() { tx.find_account(only)? } else { None };
            let items = account.into_iter().filter(|it| include_deleted || it.deleted_at.is_none()).collect();
            return Ok(Page { items, next: None });
        }
        let user = (!is_operator).then_some(actor.user_id);
        Ok::<_, AccessError>(use_cases::list_accounts(tx, &in_force, user, include_deleted, after, max, now)?)
    };
    let accounts = caller.read(&state, (), list).await?;
    page.respond_bounded(&state, accounts, |account| AccountBody::new(account, &catalog, now))
}
