//! `POST /accounts/{account_id}/grants`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, DryRun, FaultReason, Faults, Grant, GrantId, KeyKind, NewGrant, PlanCatalog, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{GrantBody, refer_to_operator};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Operator};
use crate::http::{AccountPath, Body, CatalogFields, Input};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, DryRunParams, IdempotencyParams, problems};
use crate::problem::Problem;

/// The fields of a new grant.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewGrant, example = json!({"metric": "staff", "quantity": 5, "reason": "Add-on", "reference": "in_123"}))]
pub(crate) struct CreateGrantRequest {
    /// The metric, such as `staff`.
    #[serde(default)]
    #[schema(value_type = String, required)]
    metric: Input,
    /// How many more are permitted.
    #[serde(default)]
    #[schema(value_type = u64, required, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
    /// The reason for the grant, 1 to 2000 characters.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 2000)]
    reason: Input,
    /// What the grant is called elsewhere, such as an invoice: 1 to 128 visible ASCII characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    reference: Input,
    /// The time when the grant expires, RFC 3339 with an offset, in the future. Default: never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Input,
}

impl CatalogFields for CreateGrantRequest {
    type Parsed = NewGrant;

    fn parse(self, catalog: &PlanCatalog) -> Result<NewGrant, Faults> {
        let mut faults = Faults::default();
        let metric = self.metric.get("metric", &mut faults).ok_or(FaultReason::Required);
        let unknown = FaultReason::UnknownKey { kind: KeyKind::Metric };
        let metric = metric.and_then(|key| catalog.metric(key).map(|metric| metric.key.clone()).ok_or(unknown));
        let quantity = self.quantity.number(1).and_then(|quantity| quantity.ok_or(FaultReason::Required));
        let reason = self.reason.get("reason", &mut faults);
        let reference = self.reference.get("reference", &mut faults);
        let expires_at = self.expires_at.get("expires_at", &mut faults);
        faults.finish(NewGrant::parse(metric, quantity, reason, reference, expires_at))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, IDEMPOTENT);

/// Grant more of a limit
///
/// Adds a quantity to the account's limit, on top of the plan or of an override, for example for an
/// add-on that was bought. Grants add up. An account can have 100 grants that have not expired; a
/// further one is refused with 409. An account without a plan can still create nothing.
#[utoipa::path(
    post, path = "/accounts/{account_id}/grants", tag = "Limits", operation_id = "create_grant",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IdempotencyParams, DryRunParams, AccountPathParams),
    request_body = CreateGrantRequest,
    responses(
        (status = 201, description = "The new grant.", body = GrantBody, example = json!(super::example())),
        (status = 200, description = "The grant as it would be (dry run).", body = GrantBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn create_grant(
    caller: Caller<Operator>,
    AccountPath(account): AccountPath,
    dry_run: DryRunQuery,
    body: Body<CreateGrantRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await.map_err(refer_to_operator)?;
    let new = body.parse_for(&caller, account, &state).await.map_err(refer_to_operator)?;
    let (id, now) = (GrantId::from_uuid(state.next_uuid()), state.now());
    if is_dry_run {
        let create = move |tx: &mut DryRun<'_>, actor: &Actor| {
            use_cases::create_grant(tx, account, &new, id, actor.user_id, now)
        };
        let response = caller.dry_run(&state, account, create, |grant| GrantBody::new(account, &grant));
        return response.await.map_err(refer_to_operator);
    }
    let create =
        move |tx: &mut dyn WriteTx, actor: &Actor| use_cases::create_grant(tx, account, &new, id, actor.user_id, now);
    let effect = move |_: &Grant| Some(AuditedEffect::on(account, Action::GrantCreated, &id));
    let respond = move |grant: Grant| {
        StoredResponse::created(format!("/accounts/{account}/grants/{id}"), &GrantBody::new(account, &grant))
    };
    caller.post(&state, account, now, create, effect, respond).await.map_err(refer_to_operator)
}
