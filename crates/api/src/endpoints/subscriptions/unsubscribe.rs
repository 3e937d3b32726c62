//! `POST /accounts/{account_id}/unsubscribe`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::SubscribeError;
use domain::ports::WriteTx;
use domain::{Action, Actor, Ending, Faults, NewChange, Requested, SubscriptionChangeId, SubscriptionId, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::SubscriptionBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{AccountPath, Body, BodyFields, IfMatch, Input, NotChanged};
use crate::idempotency::StoredResponse;
use crate::openapi::{self, AccountPathParams, IdempotencyParams, IfMatchParams, problems};
use crate::problem::Problem;

/// The fields of the end of a subscription. All are optional.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Ending, example = json!({"timing": "period_end", "reason": "We close for the winter"}))]
pub(crate) struct UnsubscribeRequest {
    /// When the subscription ends. Default: `immediate`.
    #[serde(default)]
    #[schema(value_type = Option<openapi::Timing>)]
    timing: Input,
    /// The reason for the end, 1 to 2000 characters. The history contains it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    reason: Input,
}

impl BodyFields for UnsubscribeRequest {
    type Parsed = Ending;

    fn parse(self) -> Result<Ending, Faults> {
        let mut faults = Faults::default();
        let timing = self.timing.get("timing", &mut faults);
        let reason = self.reason.get("reason", &mut faults);
        faults.finish(Ending::parse(timing, reason))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION, IDEMPOTENT + [SubscriptionRequired]);

/// Unsubscribe an account
///
/// Ends the subscription immediately, or at the end of the current period. All data is kept, and
/// nothing can be created until the account subscribes again. A scheduled change is cancelled.
#[utoipa::path(
    post, path = "/accounts/{account_id}/unsubscribe", tag = "Subscriptions", operation_id = "unsubscribe",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, IfMatchParams, AccountPathParams),
    request_body = UnsubscribeRequest,
    responses(
        (status = 200, description = "The subscription, with `ended_at` if it has ended, or with the end as its `scheduled_change`.",
            headers(("ETag")), body = SubscriptionBody,
            example = json!(super::example_scheduled(None))),
        Refusals,
    )
)]
pub(crate) async fn unsubscribe(
    caller: Caller<Manager>,
    AccountPath(account): AccountPath,
    if_match: IfMatch,
    body: Body<UnsubscribeRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let ending = body.parse_for(&caller, account, &state).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let subscription_id = SubscriptionId::from_uuid(state.next_uuid());
    let id = SubscriptionChangeId::from_uuid(state.next_uuid());
    let unsubscribe = move |tx: &mut dyn WriteTx, actor: &Actor| {
        if_match.check(|| SubscriptionBody::find_locked(tx, &catalog, account, now))?;
        let requested = Requested { by: actor.user_id, at: now, reason: ending.reason.clone() };
        let new = NewChange { subscription_id, id, requested };
        let ended = use_cases::unsubscribe(tx, &catalog, account, &ending, &new);
        let (subscription, has_ended) = ended.map_err(NotChanged::Refused)?;
        let body = SubscriptionBody::find(tx, account, &subscription, now)?;
        let ended_at = has_ended.then(|| now.to_string());
        Ok::<_, NotChanged<SubscribeError>>((subscription.id, SubscriptionBody { ended_at, ..body }))
    };
    let effect = move |(id, body): &(SubscriptionId, SubscriptionBody)| {
        let has_ended = body.ended_at.is_some();
        let action = if has_ended { Action::SubscriptionEnded } else { Action::PlanChangeScheduled };
        Some(AuditedEffect::on(account, action, id))
    };
    caller.post(&state, account, now, unsubscribe, effect, |(_, body)| StoredResponse::ok(&body)).await
}
