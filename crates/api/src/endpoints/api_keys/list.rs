//! `GET /api-keys`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ApiKeyId;

use super::ApiKeyBody;
use crate::AppState;
use crate::access::{Caller, LoggedIn, PageQuery};
use crate::openapi::{PageParams, example_list, list_of, problems};
use crate::problem::Problem;

list_of!(ApiKeyList: ApiKeyBody);
problems!(Refusals: ANY, TOKEN, ROLE, PAGE, FIND);

/// List your API keys
///
/// Lists your keys, the newest first, without their secrets. Expired keys are refused, and remain
/// in the list for 30 days.
#[utoipa::path(
    get, path = "/api-keys", tag = "API keys", operation_id = "list_api_keys",
    security(("password" = ["user"])),
    params(PageParams),
    responses(
        (status = 200, description = "The keys.", body = ApiKeyList,
            example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_api_keys(
    caller: Caller<LoggedIn>,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<ApiKeyId, _>("api-keys".to_owned(), &caller, (), &state).await?;
    let (after, max) = (page.after, page.read_max());
    let keys = caller.read(&state, (), move |tx, actor| tx.list_api_keys(actor.user_id, after, max)).await?;
    page.respond(&state, keys, |key| key.id, ApiKeyBody::from)
}
