//! `PUT /accounts/{account_id}/overrides/{metric}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::ChangeError;
use domain::ports::{Accounts, FeatureOverrides, WriteTx};
use domain::use_cases::{self, AnyOverride};
use domain::{
    AccountId, Action, Actor, DryRun, Fault, FaultReason, Faults, FeatureType, FeatureValue, Limit, NewFeatureOverride,
    NewOverride, OverrideKey, PlanCatalog, Timestamp,
};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{AnyOverrideBody, find_locked, refer_to_operator};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Operator};
use crate::http::{Body, CatalogFields, IfMatch, Input, NotChanged, Overridden, OverridePath, tagged};
use crate::openapi::{AccountPathParams, DryRunParams, IfMatchParams, MetricPathParams, problems};
use crate::problem::Problem;

/// The fields of an override: `limit` for a metric, `value` for a feature.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewOverride,
    example = json!({"limit": 4, "reason": "Trial until the autumn", "expires_at": "2099-09-01T00:00:00Z"}))]
pub(crate) struct PutOverrideRequest {
    /// The limit; null means unlimited. The field is required for a metric.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 0, maximum = 9_007_199_254_740_991_u64)]
    limit: Input,
    /// The value, of the feature's type: true or false, a whole number, or a text of 1 to 500
    /// characters. The field is required for a feature.
    #[serde(default)]
    #[schema(value_type = Option<super::FeatureValueBody>)]
    value: Input,
    /// The reason for the override, 1 to 2000 characters.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 2000)]
    reason: Input,
    /// The time when the override expires, RFC 3339 with an offset, in the future. Default: never.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    expires_at: Input,
}

impl CatalogFields for PutOverrideRequest {
    /// The fields themselves: the path decides which apply.
    type Parsed = Self;

    const UNLISTED: &[&str] = &["value"];

    fn parse(self, _: &PlanCatalog) -> Result<Self, Faults> {
        Ok(self)
    }
}

/// The parsed request.
enum New {
    Limit(NewOverride),
    Feature(NewFeatureOverride),
}

impl New {
    fn parse(fields: &PutOverrideRequest, about: &Overridden) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let reason = fields.reason.get("reason", &mut faults);
        let expires_at = fields.expires_at.get("expires_at", &mut faults);
        match about {
            Overridden::Limit(_) => {
                if !matches!(fields.value, Input::Absent | Input::Null) {
                    faults.add("value", FaultReason::NotApplicable);
                }
                let limit = match &fields.limit {
                    Input::Null => Ok(Limit::Unlimited),
                    limit => limit.number(0).and_then(|max| max.map(Limit::AtMost).ok_or(FaultReason::Required)),
                };
                faults.finish(NewOverride::parse(limit, reason, expires_at)).map(Self::Limit)
            }
            Overridden::Feature(feature) => {
                if !matches!(fields.limit, Input::Absent | Input::Null) {
                    faults.add("limit", FaultReason::NotApplicable);
                }
                let value = value(&fields.value, feature.feature_type);
                faults.finish(NewFeatureOverride::parse(value, reason, expires_at)).map(Self::Feature)
            }
        }
    }

    const fn expires_at(&self) -> Option<Timestamp> {
        match self {
            Self::Limit(new) => new.expires_at,
            Self::Feature(new) => new.expires_at,
        }
    }
}

/// The value of a feature of this type.
fn value(input: &Input, feature_type: FeatureType) -> Result<FeatureValue, FaultReason> {
    match (feature_type, input) {
        (_, Input::Absent | Input::Null) => Err(FaultReason::Required),
        (FeatureType::Switch, Input::Flag(is_on)) => Ok(FeatureValue::Switch(*is_on)),
        (FeatureType::Switch, _) => Err(FaultReason::WrongType { expected: "boolean" }),
        (FeatureType::Number, number) => {
            number.number(0).and_then(|number| number.map(FeatureValue::Number).ok_or(FaultReason::Required))
        }
        (FeatureType::Text, Input::Text(text)) => FeatureValue::parse_text(text),
        (FeatureType::Text, _) => Err(FaultReason::WrongType { expected: "string" }),
    }
}

/// The unit of work that puts an override, on the store or in a dry run.
struct PutUnit {
    account: AccountId,
    key: OverrideKey,
    if_match: IfMatch,
    new: New,
    now: Timestamp,
}

impl PutUnit {
    fn run(
        &self,
        tx: &mut (impl Accounts + FeatureOverrides + ?Sized),
        actor: &Actor,
    ) -> Result<AnyOverride, NotChanged<ChangeError>> {
        let Self { account, ref key, ref if_match, ref new, now } = *self;
        if_match.check(|| find_locked(tx, account, key))?;
        let by = actor.user_id;
        let given = match new {
            New::Limit(new) => {
                use_cases::put_override(tx, account, &key.metric(), new, by, now).map(AnyOverride::Limit)
            }
            New::Feature(new) => {
                use_cases::put_feature_override(tx, account, &key.feature(), new, by, now).map(AnyOverride::Feature)
            }
        };
        given.map_err(NotChanged::Refused)
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION);

/// Override a limit or a feature of an account
///
/// Sets a limit, higher or lower, that replaces the plan's limit and any earlier override, or a
/// value that replaces the plan's value of a feature. It applies to all plans until it is removed
/// or expires. Existing staff members and bookings stay. An account without a plan can still create
/// nothing, and has no features.
#[utoipa::path(
    put, path = "/accounts/{account_id}/overrides/{metric}", tag = "Limits", operation_id = "put_override",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IfMatchParams, DryRunParams, AccountPathParams, MetricPathParams),
    request_body = PutOverrideRequest,
    responses(
        (status = 200, description = "The override, or as it would be (dry run).",
            headers(("ETag")), body = AnyOverrideBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn put_override(
    caller: Caller<Operator>,
    OverridePath(account, about): OverridePath,
    if_match: IfMatch,
    dry_run: DryRunQuery,
    body: Body<PutOverrideRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await.map_err(refer_to_operator)?;
    let fields = body.parse_for(&caller, account, &state).await.map_err(refer_to_operator)?;
    let now = state.now();
    let new = New::parse(&fields, &about).and_then(|new| match new.expires_at() {
        Some(end) if end <= now => Err(Fault { field: "expires_at", reason: FaultReason::InThePast }.into()),
        _ => Ok(new),
    });
    let new = match new {
        Ok(new) => new,
        Err(faults) => return Err(refer_to_operator(caller.unless_refused(&state, account, faults.into()).await)),
    };
    let key = match &about {
        Overridden::Limit(metric) => OverrideKey::from(metric.clone()),
        Overridden::Feature(feature) => OverrideKey::from(feature.key.clone()),
    };
    let audited = key.clone();
    let unit = PutUnit { account, key, if_match, new, now };
    if is_dry_run {
        let put = move |tx: &mut DryRun<'_>, actor: &Actor| unit.run(tx, actor);
        let response = caller.dry_run(&state, account, put, |given| AnyOverrideBody::from(&given));
        return response.await.map_err(refer_to_operator);
    }
    let put = move |tx: &mut dyn WriteTx, actor: &Actor| unit.run(tx, actor);
    let effect = move |_: &AnyOverride| Some(AuditedEffect::on(account, Action::OverridePut, &audited));
    let given = caller.write(&state, account, now, put, effect).await.map_err(refer_to_operator)?;
    Ok(tagged(&AnyOverrideBody::from(&given)))
}
