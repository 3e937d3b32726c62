//! `GET /accounts`.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::error::AccessError;
use domain::ports::{Page, ReadTx};
use domain::{
    Account, AccountId, AccountPosition, AccountSearch, Actor, ExternalId, FoldedName, PlanCatalog, Role, Timestamp,
    UnknownWord, use_cases,
};
use utoipa::IntoParams;

use super::AccountBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Reader};
use crate::http::Parameters;
use crate::openapi::{PageParams, example_list, list_of, problems};
use crate::problem::Problem;

list_of!(AccountList: AccountBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// The filter of the list. Accounts match all parameters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what Filter::read reads")]
struct AccountFilterParams {
    /// `true` to include removed accounts. Default: false.
    #[param(required = false)]
    include_deleted: Option<bool>,
    /// Only the account with this id of your own system.
    #[param(required = false)]
    external_id: Option<String>,
    /// Only accounts whose name begins with this text, in any letter case, or whose id or
    /// `external_id` it is. 1 to 128 characters.
    #[param(required = false, min_length = 1, max_length = 128)]
    search: Option<String>,
}

/// What the list is restricted to.
struct Filter {
    include_deleted: bool,
    external_id: Option<ExternalId>,
    search: Option<AccountSearch>,
}

impl Filter {
    fn read(parameters: &mut Parameters) -> Result<Self, Problem> {
        let external_id = parameters.parse("external_id", "1 to 128 visible ASCII characters")?;
        let search = parameters
            .parse("search", "the beginning of a name, or an id: 1 to 128 characters, one of them visible")?;
        Ok(Self { include_deleted: parameters.flag("include_deleted")?, external_id, search })
    }

    /// Whether the account is listed.
    fn admits(&self, account: &Account) -> bool {
        let is_found = self.search.as_ref().is_none_or(|search| search.matches(account));
        is_found && account.erased_at.is_none() && (self.include_deleted || account.deleted_at.is_none())
    }
}

/// A position as a cursor has it: the id alone, or, in a search, the folded name before it, in
/// characters that a URL takes as they are.
enum Position {
    Listed(AccountId),
    Found(AccountPosition),
}

impl Position {
    const fn id(&self) -> AccountId {
        match self {
            Self::Listed(id) | Self::Found(AccountPosition { id, .. }) => *id,
        }
    }

    const fn found(&self) -> Option<&AccountPosition> {
        match self {
            Self::Listed(_) => None,
            Self::Found(position) => Some(position),
        }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listed(id) => id.fmt(f),
            Self::Found(AccountPosition { name, id }) => write!(f, "{}~{id}", URL_SAFE_NO_PAD.encode(name.as_str())),
        }
    }
}

impl FromStr for Position {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (name, id) = text.split_once('~').map_or((None, text), |(name, id)| (Some(name), id));
        let id = id.parse().map_err(|_| UnknownWord)?;
        let Some(name) = name else { return Ok(Self::Listed(id)) };
        let bytes = URL_SAFE_NO_PAD.decode(name).map_err(|_| UnknownWord)?;
        let name = String::from_utf8(bytes).map_err(|_| UnknownWord)?;
        Ok(Self::Found(AccountPosition { name: FoldedName::from_folded(&name), id }))
    }
}

/// List your accounts
///
/// Lists the accounts that you are a member of, the newest first. An operator gets all accounts, an
/// API key of one account gets that account. A page may have fewer accounts than `limit` and still
/// have a `next_cursor`. With `external_id`, the list has the account with this id, if you may see
/// it. With `search`, an operator gets the accounts by name.
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
    let page = page.filtered::<Position, _, _>("accounts".to_owned(), &caller, (), &state, Filter::read);
    let (mut page, filter) = page.await?;
    let (after, max) = (page.after.take(), page.max());
    let (catalog, now) = (state.catalog.get(), state.now());
    let in_force = Arc::clone(&catalog);
    let list = move |tx: &mut dyn ReadTx, actor: &Actor| {
        list_visible(tx, actor, &filter, (&in_force, now), after.as_ref(), max)
    };
    let accounts = caller.read(&state, (), list).await?;
    page.respond_bounded(&state, accounts, |account| AccountBody::new(account, &catalog, now))
}

/// A page of the accounts that the actor may see, at an instant.
fn list_visible(
    tx: &mut dyn ReadTx,
    actor: &Actor,
    filter: &Filter,
    (catalog, now): (&PlanCatalog, Timestamp),
    after: Option<&Position>,
    max: usize,
) -> Result<Page<Account, Position>, AccessError> {
    let at_most_one = |account: Option<Account>| {
        let items = account.into_iter().filter(|it| after.is_none() && filter.admits(it)).collect();
        Ok(Page { items, next: None })
    };
    if let Some(external_id) = &filter.external_id {
        return at_most_one(find_visible(tx, actor, external_id)?);
    }
    let is_operator = use_cases::is_operator(tx, actor)?;
    if let Some(only) = actor.account_id {
        // The key's user may have left the account.
        let is_permitted = is_operator || tx.find_role(only, actor.user_id)?.is_some();
        return at_most_one(if is_permitted { tx.find_account(only)? } else { None });
    }
    let (user, include_deleted) = ((!is_operator).then_some(actor.user_id), filter.include_deleted);
    let Some(search) = &filter.search else {
        let after = after.map(Position::id);
        let page = use_cases::list_accounts(tx, catalog, user, include_deleted, after, max, now)?;
        return Ok(Page { items: page.items, next: page.next.map(Position::Listed) });
    };
    let after = after.and_then(Position::found);
    let page = use_cases::search_accounts(tx, catalog, user, search, include_deleted, after, max, now)?;
    Ok(Page { items: page.items, next: page.next.map(Position::Found) })
}

/// The account with the external id, if the actor may see it.
fn find_visible(tx: &mut dyn ReadTx, actor: &Actor, external_id: &ExternalId) -> Result<Option<Account>, AccessError> {
    let Some(id) = tx.find_account_by_external_id(external_id)? else { return Ok(None) };
    match use_cases::authorize_though_removed(tx, actor, id, Role::Viewer) {
        Ok(()) => Ok(tx.find_account(id)?),
        Err(AccessError::Storage(error)) => Err(error.into()),
        Err(_) => Ok(None),
    }
}
