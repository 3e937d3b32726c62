//! `GET /accounts/{account_id}/subscription/history`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::{Actor, PlanKey, SubscriptionChange, SubscriptionChangeId, use_cases};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::AccountPath;
use crate::openapi::{AccountPathParams, PageParams, list_of, problems};
use crate::problem::Problem;

/// A change of a subscription that has taken effect.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SubscriptionChange)]
pub(crate) struct SubscriptionChangeBody {
    /// The change's id.
    #[schema(example = "change_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The key of the previous plan; null if the subscription began.
    #[schema(required, example = "basic")]
    from: Option<String>,
    /// The key of the new plan; null if the subscription ended.
    #[schema(required, example = "pro")]
    to: Option<String>,
    /// The time when the change took effect.
    #[schema(format = DateTime, example = "2026-04-28T22:00:00Z")]
    effective_at: String,
    /// The time when the change was requested.
    #[schema(format = DateTime, example = "2026-04-01T08:00:00Z")]
    requested_at: String,
    /// The id of the user who requested the change.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    requested_by: String,
    /// The reason for the change, or null.
    #[schema(required, example = "Summer is coming")]
    reason: Option<String>,
}

impl From<SubscriptionChange> for SubscriptionChangeBody {
    fn from(change: SubscriptionChange) -> Self {
        Self {
            id: change.id.to_string(),
            from: change.from.as_ref().map(PlanKey::to_string),
            to: change.to.as_ref().map(PlanKey::to_string),
            effective_at: change.at.to_string(),
            requested_at: change.requested.at.to_string(),
            requested_by: change.requested.by.to_string(),
            reason: change.requested.reason.map(|reason| reason.to_string()),
        }
    }
}

list_of!(SubscriptionHistory: SubscriptionChangeBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the subscription changes
///
/// Lists the changes that have taken effect, the newest first, with their plans, times, users and
/// reasons.
#[utoipa::path(
    get, path = "/accounts/{account_id}/subscription/history", tag = "Subscriptions",
    operation_id = "list_subscription_changes",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, PageParams),
    responses(
        (status = 200, description = "The changes.", body = SubscriptionHistory,
            example = json!({"data": [{"id": "change_01h455vb4pex5vsknk084sn02q", "from": "basic", "to": "pro",
                "effective_at": "2026-04-28T22:00:00Z", "requested_at": "2026-04-01T08:00:00Z",
                "requested_by": "user_01h455vb4pex5vsknk084sn02q", "reason": "Summer is coming"}],
                "next_cursor": null})),
        Refusals,
    )
)]
pub(crate) async fn list_subscription_changes(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<SubscriptionChangeId, _>(format!("history {account}"), &caller, account, &state).await?;
    let (after, max) = (page.after, page.read_max());
    let (catalog, now) = (state.catalog.get(), state.now());
    let list = move |tx: &mut dyn ReadTx, _: &Actor| {
        use_cases::list_subscription_changes(tx, &catalog, account, after, max, now)
    };
    let changes = caller.read(&state, account, list).await?;
    page.respond(&state, changes, |change| change.id, SubscriptionChangeBody::from)
}
