//! `GET /accounts/{account_id}/overrides`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::use_cases::{self, AnyOverride};
use domain::{Actor, OverrideKey};
use serde::Serialize;
use utoipa::ToSchema;

use super::AnyOverrideBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::AccountPath;
use crate::openapi::{AccountPathParams, PageParams, example_list, list_of, problems};
use crate::problem::Problem;

/// An override in a list.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedOverride)]
struct ListedOverrideBody {
    /// The key of the metric or the feature.
    #[schema(example = "staff")]
    key: String,
    r#override: AnyOverrideBody,
}

impl From<AnyOverride> for ListedOverrideBody {
    fn from(it: AnyOverride) -> Self {
        Self { key: it.key().to_string(), r#override: AnyOverrideBody::from(&it) }
    }
}

list_of!(OverrideList: ListedOverrideBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the overrides
///
/// Lists the overrides of the account, of limits and of features, by key. Expired overrides remain
/// in the list until they are replaced or removed.
#[utoipa::path(
    get, path = "/accounts/{account_id}/overrides", tag = "Limits", operation_id = "list_overrides",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, PageParams),
    responses(
        (status = 200, description = "The overrides.", body = OverrideList,
            example = json!(example_list(serde_json::json!({"key": "staff", "override": super::example()})))),
        Refusals,
    )
)]
pub(crate) async fn list_overrides(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<OverrideKey, _>(format!("overrides {account}"), &caller, account, &state).await?;
    let (after, max) = (page.after.clone(), page.read_max());
    let list = move |tx: &mut dyn ReadTx, _: &Actor| use_cases::list_overrides(tx, account, after.as_ref(), max);
    let overrides = caller.read(&state, account, list).await?;
    page.respond(&state, overrides, AnyOverride::key, ListedOverrideBody::from)
}
