//! `POST /accounts/{account_id}/check`.

use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::use_cases::Check;
use domain::{Actor, Date, FaultReason, Faults, Kind, MetricDef, PlanCatalog, Window, parse_day, use_cases};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{AccountPath, Body, BodyFields, Input, Json};
use crate::openapi::{AccountPathParams, problems};
use crate::problem::{LimitBody, Problem};

/// The resources that would be created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CheckRequest, example = json!({"metric": "bookings_per_day", "quantity": 3}))]
pub(crate) struct CheckRequest {
    /// The metric, such as `staff`.
    #[serde(default)]
    #[schema(value_type = String, required)]
    metric: Input,
    /// The number of units. Default: 1.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
    /// The day, from 1970-01-01 to 2199-12-31, for metrics per day only. Default: today in the
    /// account's time zone.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    on: Input,
}

/// The parsed request.
pub(crate) struct ParsedCheck {
    metric: MetricDef,
    quantity: u64,
    on: Option<Date>,
}

impl BodyFields for CheckRequest {
    type Parsed = ParsedCheck;

    fn parse(self) -> Result<ParsedCheck, Faults> {
        self.parse_in(&PlanCatalog::builtin())
    }

    fn parse_in(self, catalog: &PlanCatalog) -> Result<ParsedCheck, Faults> {
        let mut faults = Faults::default();
        let metric = self.metric.get("metric", &mut faults).ok_or(FaultReason::Required);
        let unknown = if catalog.is_extended() {
            FaultReason::UnknownKey { kind: "metric" }
        } else {
            FaultReason::NotOneOf { words: "staff, bookings_per_day" }
        };
        let metric = metric.and_then(|metric| catalog.metric(metric).cloned().ok_or(unknown));
        let metric = faults.take("metric", metric);
        let quantity = faults.take("quantity", self.quantity.number(1));
        let on = self.on.get("on", &mut faults);
        let is_by_day = |metric: &MetricDef| {
            matches!(
                metric.kind,
                Kind::Counter(Window::Day | Window::Week | Window::Month | Window::Year | Window::Period)
            )
        };
        if metric.as_ref().is_some_and(|metric| !is_by_day(metric)) && on.is_some() {
            faults.add("on", FaultReason::NotByDay);
        }
        let on = faults.take_optional("on", on.map(parse_day));
        match (metric, quantity, on) {
            (Some(metric), Some(quantity), Some(on)) if faults.is_empty() => {
                Ok(ParsedCheck { metric, quantity: quantity.unwrap_or(1), on })
            }
            _ => Err(faults),
        }
    }
}

/// The result of a check.
#[derive(Serialize, ToSchema)]
#[schema(as = Check)]
pub(crate) struct CheckBody {
    /// Whether the creation is permitted.
    allowed: bool,
    /// The error code of the refusal, or null: `subscription_required`, `staff_limit_exceeded` or
    /// `booking_limit_exceeded`.
    #[schema(required)]
    code: Option<&'static str>,
    /// The number of units in the request.
    #[schema(format = Int64, example = 3)]
    quantity: u64,
    #[serde(flatten)]
    state: LimitBody,
}

impl From<Check> for CheckBody {
    fn from(check: Check) -> Self {
        let (state, quantity) = (LimitBody::from(&check), check.requested);
        let code = check.refusal.map(|refusal| Problem::from(refusal).code.as_str());
        Self { allowed: code.is_none(), code, quantity, state }
    }
}

problems!(Refusals: ANY, TOKEN, BODY, VALIDATION, FIND);

/// Check a limit
///
/// Applies the same rule as creation. If the limit refuses, the response has the next day and the
/// plans that permit it. Nothing is created or reserved, so a later creation may still be refused.
/// An `Idempotency-Key` has no effect: each response is computed anew.
#[utoipa::path(
    post, path = "/accounts/{account_id}/check", tag = "Limits", operation_id = "check",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams),
    request_body = CheckRequest,
    responses(
        (status = 200, description = "The result of the check.", body = CheckBody,
            example = json!({"allowed": false, "code": "booking_limit_exceeded", "quantity": 3, "plan": "basic",
                "metric": "bookings_per_day", "limit": 5, "used": 3, "remaining": 2,
                "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z", "time_zone": "Europe/Berlin"},
                "next_allowed_day": "2026-03-30", "plans_that_allow": ["pro"]})),
        Refusals,
    )
)]
pub(crate) async fn check(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    body: Body<CheckRequest>,
    state: Data<AppState>,
) -> Result<Json<CheckBody>, Problem> {
    let ParsedCheck { metric, quantity, on } = body.parse_for(&caller, account, &state).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let check =
        move |tx: &mut dyn ReadTx, _: &Actor| use_cases::check(tx, &catalog, account, &metric, quantity, on, now);
    Ok(Json(caller.read(&state, account, check).await?.into()))
}
