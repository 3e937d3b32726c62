//! `GET /accounts/{account_id}/entitlements`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::use_cases::Entitlements;
use domain::{AccountId, Actor, Date, Entitlement, FeatureEntitlement, PlanKey, parse_day, use_cases};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::endpoints::overrides::{FeatureOverrideBody, FeatureValueBody, OverrideBody};
use crate::http::{AccountPath, Conditions, Parameters, Query, Versioned, content_version};
use crate::openapi::{AccountPathParams, ConditionParams, NotModified, problems};
use crate::problem::{Code, Problem, WindowBody};

/// The effective limits of an account, and its usage.
#[derive(Serialize, ToSchema)]
#[schema(as = AccountEntitlements)]
pub(crate) struct EntitlementsBody {
    /// The account's id.
    account_id: String,
    /// The key of the current plan, or null.
    #[schema(required)]
    plan: Option<String>,
    /// The day of the limits per day.
    #[schema(format = Date)]
    on: String,
    /// The entitlement for each metric.
    entitlements: Vec<EntitlementBody>,
    /// The value of each feature, if the service has custom metrics or features.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Vec<FeatureEntitlementBody>, required = false)]
    features: Option<Vec<FeatureEntitlementBody>>,
}

/// The effective limit of one metric, and its usage.
#[derive(Serialize, ToSchema)]
#[schema(as = Entitlement)]
pub(crate) struct EntitlementBody {
    /// The metric, such as `staff`.
    #[schema(example = "staff")]
    metric: String,
    /// The effective limit; null means unlimited. 0 without a plan.
    #[schema(required, format = Int64, example = 2)]
    limit: Option<u64>,
    /// The usage.
    #[schema(example = 1)]
    used: u64,
    /// The limit minus the usage, at least 0; null means unlimited.
    #[schema(required, format = Int64, example = 1)]
    remaining: Option<u64>,
    /// The usage over the limit, or 0.
    #[schema(example = 0)]
    over_by: u64,
    /// The day of a limit per day; null for other limits.
    #[schema(required)]
    window: Option<WindowBody>,
    /// The key of the current plan, or null.
    #[schema(required, example = "basic")]
    plan: Option<String>,
    /// The override of the plan's limit, or null.
    #[schema(required)]
    r#override: Option<OverrideBody>,
    /// What is counted, such as `bookings`. It and the members below are only there if the service
    /// has custom metrics or features, or if something is held or granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "staff")]
    meter: Option<String>,
    /// `gauge`: how many exist at once; `counter`: how many in a window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "gauge")]
    kind: Option<&'static str>,
    /// How much of the usage is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 0)]
    held: Option<u64>,
    /// How much of the limit was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = u64, required = false, example = 0)]
    granted: Option<u64>,
}

/// The value of one feature.
#[derive(Serialize, ToSchema)]
#[schema(as = FeatureEntitlement)]
pub(crate) struct FeatureEntitlementBody {
    /// The feature.
    #[schema(example = "sso")]
    feature: String,
    /// The value for the account. Without a plan: false, 0, or an empty text.
    value: FeatureValueBody,
    /// The value of the plan alone.
    plan_value: FeatureValueBody,
    /// The key of the current plan, or null.
    #[schema(required, example = "basic")]
    plan: Option<String>,
    /// The override of the plan's value, or null.
    #[schema(required)]
    r#override: Option<FeatureOverrideBody>,
}

impl From<&FeatureEntitlement> for FeatureEntitlementBody {
    fn from(it: &FeatureEntitlement) -> Self {
        Self {
            feature: it.feature.to_string(),
            value: FeatureValueBody::from(&it.value),
            plan_value: FeatureValueBody::from(&it.plan_value),
            plan: it.plan.as_ref().map(PlanKey::to_string),
            r#override: it.given.as_ref().map(FeatureOverrideBody::from),
        }
    }
}

impl EntitlementsBody {
    fn new(account: AccountId, entitlements: &Entitlements) -> Self {
        let is_extended = entitlements.is_extended;
        Self {
            account_id: account.to_string(),
            plan: entitlements.plan.as_ref().map(PlanKey::to_string),
            on: entitlements.on.to_string(),
            entitlements: entitlements.all.iter().map(|it| EntitlementBody::new(it, is_extended)).collect(),
            features: is_extended.then(|| entitlements.features.iter().map(FeatureEntitlementBody::from).collect()),
        }
    }
}

impl Versioned for EntitlementsBody {
    fn version(&self) -> String {
        content_version(self)
    }
}

impl EntitlementBody {
    fn new(it: &Entitlement, is_extended: bool) -> Self {
        let is_extended = is_extended || it.held > 0 || it.granted > 0;
        Self {
            metric: it.metric.to_string(),
            limit: it.usage.limit.max(),
            used: it.usage.used,
            remaining: it.usage.remaining(),
            over_by: it.usage.over_by(),
            window: it.window.as_ref().map(WindowBody::from),
            plan: it.plan.as_ref().map(PlanKey::to_string),
            r#override: it.given.as_ref().map(OverrideBody::from),
            meter: is_extended.then(|| it.meter.to_string()),
            kind: is_extended.then(|| it.kind.as_str()),
            held: is_extended.then_some(it.held),
            granted: is_extended.then_some(it.granted),
        }
    }
}

/// The parameter `on`.
fn on(parameters: &mut Parameters) -> Result<Option<Date>, Problem> {
    let not_a_day = |_| {
        let detail = "The parameter on is a day from 1970-01-01 to 2199-12-31, such as 2026-03-29.";
        Problem::new(Code::InvalidParameter).with_detail(detail)
    };
    parameters.take("on")?.map(|day| parse_day(&day).map_err(not_a_day)).transpose()
}

problems!(Refusals: ANY, TOKEN, FIND, VERSION + [InvalidParameter]);

/// Get the entitlements of an account
///
/// Lists every effective limit and its usage, by the same counts and the same day as enforcement,
/// and the value of every feature. All numbers are of one instant, so a later creation may still be
/// refused. The `ETag` changes if and only if the response does.
#[utoipa::path(
    get, path = "/accounts/{account_id}/entitlements", tag = "Limits", operation_id = "list_entitlements",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(
        ConditionParams,
        AccountPathParams,
        ("on" = Option<String>, Query, format = Date,
            description = "The day of the limits per day, from 1970-01-01 to 2199-12-31. Default: today in the account's time zone."),
    ),
    responses(
        (status = 200, description = "The entitlements.",
            headers(("ETag")), body = EntitlementsBody,
            example = json!({"account_id": "acct_01h455vb4pex5vsknk084sn02q", "plan": "basic", "on": "2026-03-29",
                "entitlements": [
                    {"metric": "staff", "limit": 4, "used": 3, "remaining": 1, "over_by": 0, "window": null, "plan": "basic",
                        "override": {"limit": 4, "reason": "Trial until the autumn", "expires_at": "2026-09-01T00:00:00Z",
                            "created_by": "user_01h455vb4pex5vsknk084sn02q", "created_at": "2026-03-20T12:34:56.789012Z"},
                        "meter": "staff", "kind": "gauge", "held": 0, "granted": 0},
                    {"metric": "bookings_per_day", "limit": 5, "used": 2, "remaining": 3, "over_by": 0,
                        "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z",
                            "time_zone": "Europe/Berlin"},
                        "plan": "basic", "override": null, "meter": "bookings", "kind": "counter", "held": 0, "granted": 0}],
                "features": [{"feature": "sso", "value": true, "plan_value": false, "plan": "basic",
                    "override": {"feature": "sso", "value": true, "reason": "A pilot", "expires_at": "2026-09-01T00:00:00Z",
                        "created_by": "user_01h455vb4pex5vsknk084sn02q", "created_at": "2026-03-20T12:34:56.789012Z"}}]})),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn list_entitlements(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    query: Query,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let on = query.parse_for(&caller, account, &state, on).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let list = move |tx: &mut dyn ReadTx, _: &Actor| use_cases::list_entitlements(tx, &catalog, account, on, now);
    conditions.respond(&EntitlementsBody::new(account, &caller.read(&state, account, list).await?))
}
