//! `GET /accounts/{account_id}/subscription`.

use actix_web::web::{Data, Json};
use domain::use_cases;

use super::SubscriptionBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::AccountPath;
use crate::openapi::problems;
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND);

/// Look an account's subscription up
///
/// 404 if the account is on no plan.
#[utoipa::path(
    get, path = "/accounts/{account_id}/subscription", tag = "Accounts", operation_id = "find_subscription",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(("account_id" = String, Path, description = "The account's id.", example = "acct_01h455vb4pex5vsknk084sn02q")),
    responses(
        (status = 200, description = "The subscription.", body = SubscriptionBody,
            example = json!({"id": "sub_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                "plan": "basic", "plan_since": "2026-03-29T08:00:00Z", "created_at": "2026-03-29T08:00:00Z"})),
        Refusals,
    )
)]
pub(crate) async fn find_subscription(
    caller: Caller<Viewer>,
    AccountPath(id): AccountPath,
    state: Data<AppState>,
) -> Result<Json<SubscriptionBody>, Problem> {
    let subscription = caller.read(&state, id, move |tx, _| use_cases::find_subscription(tx, id)).await?;
    Ok(Json(SubscriptionBody::new(id, &subscription)))
}
