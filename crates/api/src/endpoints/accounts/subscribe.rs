//! `POST /accounts/{account_id}/subscribe`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use domain::{Action, FaultReason, Faults, PlanChange, SubscriptionId, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::SubscriptionBody;
use crate::AppState;
use crate::access::{Caller, Effect, Manager};
use crate::http::{AccountPath, Body, BodyFields, Input};
use crate::openapi::problems;
use crate::problem::Problem;

/// The plan to be on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanChoice, example = json!({"plan": "basic"}))]
pub(crate) struct SubscribeRequest {
    /// The key of the plan, as `GET /plans` lists it, in any letter case.
    #[serde(default)]
    #[schema(value_type = String, required, max_length = 64)]
    plan: Input,
}

impl BodyFields for SubscribeRequest {
    type Parsed = String;

    fn parse(self) -> Result<String, Faults> {
        let mut faults = Faults::default();
        let plan = self.plan.get("plan", &mut faults).map(str::to_owned);
        let plan = faults.take("plan", plan.ok_or(FaultReason::Required));
        plan.ok_or(faults)
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE + [UnknownPlan]);

/// Put an account on a plan
///
/// Takes effect at once. What exists stays, even where the new plan permits fewer: only creating more is refused then.
/// Choosing the plan that the account is on already changes nothing.
#[utoipa::path(
    post, path = "/accounts/{account_id}/subscribe", tag = "Accounts", operation_id = "subscribe",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(("account_id" = String, Path, description = "The account's id.", example = "acct_01h455vb4pex5vsknk084sn02q")),
    request_body = SubscribeRequest,
    responses(
        (status = 201, description = "The account's first subscription.",
            headers(("Location" = String, description = "The subscription's path.")), body = SubscriptionBody,
            example = json!({"id": "sub_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                "plan": "basic", "plan_since": "2026-03-29T08:00:00Z", "created_at": "2026-03-29T08:00:00Z"})),
        (status = 200, description = "The subscription, changed to the plan, or on it already.", body = SubscriptionBody,
            example = json!({"id": "sub_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                "plan": "pro", "plan_since": "2026-04-01T08:00:00Z", "created_at": "2026-03-29T08:00:00Z"})),
        Refusals,
    )
)]
pub(crate) async fn subscribe(
    caller: Caller<Manager>,
    AccountPath(account): AccountPath,
    body: Body<SubscribeRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let plan = body.parse_for(&caller, account, &state).await?;
    let catalog = Arc::clone(&state.catalog);
    let (id, now) = (SubscriptionId::from_uuid(state.next_uuid()), state.now());
    let change = caller
        .write(
            &state,
            account,
            now,
            move |tx, _| use_cases::subscribe(tx, &catalog, account, &plan, id, now),
            move |change| match change {
                PlanChange::Started(subscription) | PlanChange::Changed(subscription) => {
                    Some(Effect::on(account, Action::PlanChanged, &subscription.id))
                }
                PlanChange::Unchanged(_) => None,
            },
        )
        .await?;
    let mut response = match change {
        PlanChange::Started(_) => {
            let mut created = HttpResponse::Created();
            created.insert_header((LOCATION, format!("/accounts/{account}/subscription")));
            created
        }
        PlanChange::Changed(_) | PlanChange::Unchanged(_) => HttpResponse::Ok(),
    };
    Ok(response.json(SubscriptionBody::new(account, change.subscription())))
}
