//! `PUT /accounts/{account_id}/overrides/{metric}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, Fault, FaultReason, Faults, Limit, NewOverride, Override, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{OverrideBody, find_locked, refer_to_operator};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Operator};
use crate::http::{Body, BodyFields, IfMatch, Input, NotChanged, OverridePath, tagged};
use crate::openapi::{AccountPathParams, IfMatchParams, MetricPathParams, problems};
use crate::problem::Problem;

/// The fields of an override.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOverride,
    example = json!({"limit": 4, "reason": "Trial until the autumn", "expires_at": "2099-09-01T00:00:00Z"}))]
pub(crate) struct PutOverrideRequest {
    /// The limit; null means unlimited. The field is required.
    #[serde(default)]
    #[schema(value_type = Option<u64>, required, format = Int64, minimum = 0, maximum = 9_007_199_254_740_991_u64)]
    limit: Input,
    /// The reason for the override, 1 to 2000 characters.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 2000)]
    reason: Input,
    /// The time when the override expires, RFC 3339 with an offset, in the future. Default: never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Input,
}

impl BodyFields for PutOverrideRequest {
    type Parsed = NewOverride;

    fn parse(self) -> Result<NewOverride, Faults> {
        let mut faults = Faults::default();
        let limit = match self.limit {
            Input::Null => Ok(Limit::Unlimited),
            limit => limit.number(0).and_then(|max| max.map(Limit::AtMost).ok_or(FaultReason::Required)),
        };
        let reason = self.reason.get("reason", &mut faults);
        let expires_at = self.expires_at.get("expires_at", &mut faults);
        faults.finish(NewOverride::parse(limit, reason, expires_at))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION);

/// Override a limit of an account
///
/// Sets a limit, higher or lower, that replaces the plan's limit and any earlier override. It
/// applies to all plans until it is removed or expires. Existing staff members and bookings stay.
/// An account without a plan can still create nothing.
#[utoipa::path(
    put, path = "/accounts/{account_id}/overrides/{metric}", tag = "Limits", operation_id = "put_override",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IfMatchParams, AccountPathParams, MetricPathParams),
    request_body = PutOverrideRequest,
    responses(
        (status = 200, description = "The override.",
            headers(("ETag")), body = OverrideBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn put_override(
    caller: Caller<Operator>,
    OverridePath(account, metric): OverridePath,
    if_match: IfMatch,
    body: Body<PutOverrideRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let new = body.parse_for(&caller, account, &state).await.map_err(refer_to_operator)?;
    let now = state.now();
    if new.expires_at.is_some_and(|end| end <= now) {
        let fault = Faults::from(Fault { field: "expires_at", reason: FaultReason::InThePast });
        return Err(refer_to_operator(caller.unless_refused(&state, account, fault.into()).await));
    }
    let audited = metric.clone();
    let put = move |tx: &mut dyn WriteTx, actor: &Actor| {
        if_match.check(|| find_locked(tx, account, &metric))?;
        use_cases::put_override(tx, account, &metric, &new, actor.user_id, now).map_err(NotChanged::Refused)
    };
    let effect = move |_: &Override| Some(AuditedEffect::on(account, Action::OverridePut, &audited));
    let given = caller.write(&state, account, now, put, effect).await.map_err(refer_to_operator)?;
    Ok(tagged(&OverrideBody::from(&given)))
}
