//! `GET /accounts`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::AccessError;
use domain::{AccountId, Role, use_cases};

use super::AccountBody;
use crate::AppState;
use crate::access::{Caller, Reader};
use crate::http::PageQuery;
use crate::openapi::{PageParams, list_of, problems};
use crate::problem::Problem;

list_of!(AccountList: AccountBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List your accounts
///
/// Those you are a member of, the newest first; for an operator all there are, for an API key of one account that one.
#[utoipa::path(
    get, path = "/accounts", tag = "Accounts", operation_id = "list_accounts",
    security(("password" = ["user"]), ("program_key" = ["read"])),
    params(PageParams),
    responses(
        (status = 200, description = "The accounts.", body = AccountList,
            example = json!({"data": [{"id": "acct_01h455vb4pex5vsknk084sn02q", "name": "My Salon",
                "time_zone": "Europe/Berlin", "subscription": null, "created_at": "2026-03-29T08:00:00Z"}],
                "next_cursor": null})),
        Refusals,
    )
)]
pub(crate) async fn list_accounts(
    caller: Caller<Reader>,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<AccountId, _>("accounts".to_owned(), &caller, (), &state).await?;
    let (after, max) = (page.after, page.read_max());
    let list = move |tx: &mut dyn domain::ports::ReadTx, actor: &domain::Actor| {
        if let Some(only) = actor.account_id {
            // Its user may have left the account.
            return Ok(match use_cases::authorize(tx, actor, only, Role::Viewer) {
                Ok(()) if after.is_none() => tx.find_account(only)?.into_iter().collect(),
                Err(AccessError::Storage(error)) => return Err(error.into()),
                Ok(()) | Err(_) => Vec::new(),
            });
        }
        let is_operator = use_cases::is_operator(tx, actor)?;
        Ok::<_, AccessError>(tx.list_accounts((!is_operator).then_some(actor.user_id), after, max)?)
    };
    let accounts = caller.read(&state, (), list).await?;
    page.respond(&state, accounts, |account| account.id, AccountBody::from)
}
