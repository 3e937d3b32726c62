//! `GET /accounts/{account_id}/subscription`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::FindError;
use domain::ports::ReadTx;
use domain::{Actor, use_cases};

use super::SubscriptionBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{AccountPath, Conditions};
use crate::openapi::{AccountPathParams, ConditionParams, NotModified, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get the subscription of an account
///
/// Returns the subscription with its current period and its scheduled change, if any. 404 if the
/// account has no plan.
#[utoipa::path(
    get, path = "/accounts/{account_id}/subscription", tag = "Subscriptions", operation_id = "find_subscription",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(ConditionParams, AccountPathParams),
    responses(
        (status = 200, description = "The subscription.",
            headers(("ETag")), body = SubscriptionBody,
            example = json!(super::example_scheduled(Some("pro")))),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_subscription(
    caller: Caller<Viewer>,
    AccountPath(id): AccountPath,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    let find = move |tx: &mut dyn ReadTx, _: &Actor| {
        let account = use_cases::find_account(tx, &catalog, id, now)?;
        let subscription = account.subscription.as_ref().ok_or(FindError::NotFound)?;
        Ok::<_, FindError>(SubscriptionBody::new(&account, subscription, now))
    };
    conditions.respond(&caller.read(&state, id, find).await?)
}
