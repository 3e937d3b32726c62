//! `POST /accounts/{account_id}/subscribe`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::SubscribeError;
use domain::ports::{Accounts, ReadHolds, ReadUsage, ReadUsers, Subscriptions, WriteTx};
use domain::{
    AccountId, Action, Actor, DryRun, Faults, NewChange, PlanCatalog, PlanChange, PlanChoice, Requested, Scope,
    SubscriptionChangeId, SubscriptionId, Timestamp, use_cases,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::SubscriptionBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Manager};
use crate::http::{AccountPath, Body, BodyFields, IfMatch, Input, NotChanged};
use crate::idempotency::StoredResponse;
use crate::openapi::{self, AccountPathParams, DryRunParams, IdempotencyParams, IfMatchParams, problems};
use crate::problem::Problem;

/// The plan to subscribe to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PlanChoice, example = json!({"plan": "basic"}))]
pub(crate) struct SubscribeRequest {
    /// The key of the plan, as `GET /plans` lists it, in any letter case.
    #[serde(default)]
    #[schema(value_type = String, required, max_length = 64)]
    plan: Input,
    /// When the change takes effect. Default: `immediate`.
    #[serde(default)]
    #[schema(value_type = Option<openapi::Timing>)]
    timing: Input,
    /// The treatment of usage over the new plan's limits. Default: `keep`.
    #[serde(default)]
    #[schema(value_type = Option<openapi::OverLimit>)]
    over_limit: Input,
    /// The reason for the change, 1 to 2000 characters. The history contains it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    reason: Input,
}

impl BodyFields for SubscribeRequest {
    type Parsed = PlanChoice;

    fn parse(self) -> Result<PlanChoice, Faults> {
        let mut faults = Faults::default();
        let plan = self.plan.get("plan", &mut faults);
        let timing = self.timing.get("timing", &mut faults);
        let over_limit = self.over_limit.get("over_limit", &mut faults);
        let reason = self.reason.get("reason", &mut faults);
        faults.finish(PlanChoice::parse(plan, timing, over_limit, reason))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION, IDEMPOTENT + [UnknownPlan, OverLimit]);

/// The unit of work that changes the plan, on the store or in a dry run.
struct SubscribeUnit {
    account: AccountId,
    if_match: IfMatch,
    choice: PlanChoice,
    subscription_id: SubscriptionId,
    id: SubscriptionChangeId,
    now: Timestamp,
}

impl SubscribeUnit {
    fn run(
        &self,
        tx: &mut (impl Accounts + Subscriptions + ReadUsage + ReadHolds + ReadUsers + ?Sized),
        catalog: &PlanCatalog,
        actor: &Actor,
    ) -> Result<(PlanChange, SubscriptionBody), NotChanged<SubscribeError>> {
        let Self { account, ref if_match, ref choice, subscription_id, id, now } = *self;
        if_match.check(|| SubscriptionBody::find_locked(tx, catalog, account, now))?;
        let requested = Requested { by: actor.user_id, at: now, reason: choice.reason.clone() };
        let new = NewChange { subscription_id, id, requested };
        let is_operator =
            actor.scope == Scope::Admin && tx.find_user(actor.user_id)?.is_some_and(|user| user.is_operator);
        let change =
            use_cases::subscribe(tx, catalog, account, choice, is_operator, &new).map_err(NotChanged::Refused)?;
        let body = SubscriptionBody::find(tx, account, change.subscription(), now)?;
        Ok((change, body))
    }
}

/// Subscribe an account to a plan
///
/// Changes the plan immediately, or at the end of the current period. The first plan always starts
/// immediately. Existing staff members and bookings stay, even over the new plan's limits: only new
/// ones are refused. With `over_limit: reject` such a change is refused instead. A request for
/// another plan replaces the scheduled change. A request for the current plan changes nothing.
#[utoipa::path(
    post, path = "/accounts/{account_id}/subscribe", tag = "Subscriptions", operation_id = "subscribe",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, IfMatchParams, DryRunParams, AccountPathParams),
    request_body = SubscribeRequest,
    responses(
        (status = 201, description = "The account's new subscription.",
            body = SubscriptionBody,
            example = json!(super::example())),
        (status = 200, description = "The subscription: changed, unchanged, with a scheduled change, or as it would be (dry run).",
            headers(("ETag")), body = SubscriptionBody,
            example = json!(super::example_scheduled(Some("pro")))),
        Refusals,
    )
)]
pub(crate) async fn subscribe(
    caller: Caller<Manager>,
    AccountPath(account): AccountPath,
    if_match: IfMatch,
    dry_run: DryRunQuery,
    body: Body<SubscribeRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await?;
    let choice = body.parse_for(&caller, account, &state).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let subscription_id = SubscriptionId::from_uuid(state.next_uuid());
    let id = SubscriptionChangeId::from_uuid(state.next_uuid());
    let (requested, plans) = (choice.plan.clone(), Arc::clone(&catalog));
    let unit = SubscribeUnit { account, if_match, choice, subscription_id, id, now };
    if is_dry_run {
        let subscribe = move |tx: &mut DryRun<'_>, actor: &Actor| unit.run(tx, &catalog, actor);
        let response = caller.dry_run(&state, account, subscribe, |(_, body)| body).await;
        return response.map_err(|problem| problem.naming_plans(&requested, &plans));
    }
    let subscribe = move |tx: &mut dyn WriteTx, actor: &Actor| unit.run(tx, &catalog, actor);
    let effect = move |(change, _): &(PlanChange, SubscriptionBody)| {
        let action = match change {
            PlanChange::Started(_) | PlanChange::Changed(_) => Action::PlanChanged,
            PlanChange::Scheduled(_) => Action::PlanChangeScheduled,
            PlanChange::Unchanged(_) => return None,
        };
        Some(AuditedEffect::on(account, action, &change.subscription().id))
    };
    let respond = move |(change, body)| match change {
        PlanChange::Started(_) => StoredResponse::created(format!("/accounts/{account}/subscription"), &body),
        PlanChange::Changed(_) | PlanChange::Scheduled(_) | PlanChange::Unchanged(_) => StoredResponse::ok(&body),
    };
    let response = caller.post(&state, account, now, subscribe, effect, respond).await;
    response.map_err(|problem| problem.naming_plans(&requested, &plans))
}
