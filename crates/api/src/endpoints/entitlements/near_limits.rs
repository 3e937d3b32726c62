//! `GET /near-limits`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::use_cases::NearLimits;
use domain::{
    AccountId, Actor, Entitlement, ExternalId, KeyKind, MetricDef, PlanCatalog, Ratio, keys_of_kind, use_cases,
};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};

use crate::AppState;
use crate::access::{Caller, OperatorReader, PageQuery};
use crate::endpoints::overrides::OverrideBody;
use crate::http::{Parameters, faulty};
use crate::openapi::{PageParams, example_list, list_of, problems};
use crate::problem::{Problem, WindowBody, hint};

list_of!(NearLimitsList: NearLimitsBody);
problems!(Refusals: ANY, TOKEN, ROLE, PAGE);

/// Which limits the list is about.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what filter reads")]
struct NearLimitsParams {
    /// The part of a limit from which on it is listed: 0.5 to 1, with up to 4 decimals. With 1, only
    /// limits that are used up are listed. Default: 0.8.
    #[param(required = false, minimum = 0.5, maximum = 1, example = 0.9)]
    ratio: Option<f64>,
    /// Only this metric. Default: every metric of the catalogue.
    #[param(required = false, example = "staff")]
    metric: Option<String>,
}

/// An account that is near a limit, or over it.
#[derive(Serialize, ToSchema)]
#[schema(as = NearLimits)]
pub(crate) struct NearLimitsBody {
    /// The account's id.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// The account's name.
    #[schema(example = "My Salon")]
    name: String,
    /// The account's id in the caller's own system. Only if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "cus_42")]
    external_id: Option<String>,
    /// The key of the current plan.
    #[schema(example = "basic")]
    plan: String,
    /// The metrics whose usage reaches the ratio, at least one.
    metrics: Vec<NearLimitBody>,
}

/// A limit that an account is near, or over.
#[derive(Serialize, ToSchema)]
#[schema(as = NearLimit)]
pub(crate) struct NearLimitBody {
    /// The metric, such as `staff`.
    #[schema(example = "staff")]
    metric: String,
    /// What is counted, such as `bookings`.
    #[schema(example = "staff")]
    meter: String,
    /// `gauge`: how many exist at once; `counter`: how many in a window.
    #[schema(example = "gauge")]
    kind: &'static str,
    /// The effective limit, with the override and the grants in force.
    #[schema(example = 4)]
    limit: u64,
    /// The usage, with what is held.
    #[schema(example = 4)]
    used: u64,
    /// How much of the usage is held.
    #[schema(example = 1)]
    held: u64,
    /// How much of the limit was granted.
    #[schema(example = 1)]
    granted: u64,
    /// The limit minus the usage, at least 0.
    #[schema(example = 0)]
    remaining: u64,
    /// The usage over the limit, or 0.
    #[schema(example = 0)]
    over_by: u64,
    /// The window of a counter; null for a gauge, and for a counter that never resets.
    #[schema(required)]
    window: Option<WindowBody>,
    /// The time at which the counter begins anew: the end of the window. null without a window.
    #[schema(required, format = DateTime, example = "2026-03-29T22:00:00Z")]
    resets_at: Option<String>,
    /// The override of the plan's limit, or null.
    #[schema(required)]
    r#override: Option<OverrideBody>,
}

impl NearLimitBody {
    /// The limit; `None` if it is unlimited.
    fn new(it: &Entitlement) -> Option<Self> {
        Some(Self {
            metric: it.metric.to_string(),
            meter: it.meter.to_string(),
            kind: it.kind.as_str(),
            limit: it.usage.limit.max()?,
            used: it.usage.used,
            held: it.held,
            granted: it.granted,
            remaining: it.usage.remaining()?,
            over_by: it.usage.over_by(),
            window: it.window.as_ref().map(WindowBody::from),
            resets_at: it.window.as_ref().map(|window| window.span.end.to_string()),
            r#override: it.given.as_ref().map(OverrideBody::from),
        })
    }
}

impl From<NearLimits> for NearLimitsBody {
    fn from(it: NearLimits) -> Self {
        Self {
            account_id: it.account.id.to_string(),
            name: it.account.name.to_string(),
            external_id: it.account.external_id.as_ref().map(ExternalId::to_string),
            plan: it.plan.to_string(),
            metrics: it.entitlements.iter().filter_map(NearLimitBody::new).collect(),
        }
    }
}

/// The ratio, and the metrics that the list is about.
fn filter(parameters: &mut Parameters, catalog: &PlanCatalog) -> Result<(Ratio, Vec<MetricDef>), Problem> {
    let ratio = parameters.parse::<Ratio>("ratio", "a number from 0.5 to 1 with up to 4 decimals, such as 0.8")?;
    let metrics = match parameters.take("metric")? {
        None => catalog.metrics().to_vec(),
        Some(key) => {
            let metric = catalog.metrics().iter().find(|metric| metric.key.as_str() == key);
            let unknown = || {
                let hint = hint(&key, &keys_of_kind(catalog, KeyKind::Metric));
                faulty(format!("The parameter metric is a metric of the catalogue, such as staff.{hint}"))
            };
            vec![metric.cloned().ok_or_else(unknown)?]
        }
    };
    Ok((ratio.unwrap_or_default(), metrics))
}

/// List the accounts near a limit
///
/// Lists the accounts, the newest first, of which at least one metric is used up to `ratio` of its
/// effective limit, or over the limit; counters in their present windows. Removed accounts and
/// accounts without a plan are not listed, nor are metrics of which nothing is used. A page examines
/// up to 200 accounts, so it may have fewer items than `limit`, or none, and still have a
/// `next_cursor`. An API key must not be bound to an account.
#[utoipa::path(
    get, path = "/near-limits", tag = "Limits", operation_id = "list_near_limits",
    security(("password" = ["operator"]), ("program_key" = ["read"])),
    params(NearLimitsParams, PageParams),
    responses(
        (status = 200, description = "The accounts.", body = NearLimitsList, example = json!(example_list(example()))),
        Refusals,
    )
)]
pub(crate) async fn list_near_limits(
    caller: Caller<OperatorReader>,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    let filter = |parameters: &mut Parameters| filter(parameters, &catalog);
    let page = page.filtered::<AccountId, _, _>("near-limits".to_owned(), &caller, (), &state, filter).await?;
    let (page, (ratio, metrics)) = page;
    let (after, max) = (page.after, page.max());
    let list = move |tx: &mut dyn ReadTx, _: &Actor| {
        use_cases::list_near_limits(tx, &catalog, &metrics, ratio, after, max, now)
    };
    let found = caller.read(&state, (), list).await?;
    page.respond_bounded(&state, found, NearLimitsBody::from)
}

/// The example of an account for the document.
fn example() -> Value {
    json!({
        "account_id": "acct_01h455vb4pex5vsknk084sn02q", "name": "My Salon", "external_id": "cus_42", "plan": "basic",
        "metrics": [
            {"metric": "staff", "meter": "staff", "kind": "gauge", "limit": 4, "used": 4, "held": 1, "granted": 1,
                "remaining": 0, "over_by": 0, "window": null, "resets_at": null,
                "override": {"limit": 3, "reason": "Trial until the autumn", "expires_at": "2026-09-01T00:00:00Z",
                    "created_by": "user_01h455vb4pex5vsknk084sn02q", "created_at": "2026-03-20T12:34:56.789012Z"}},
            {"metric": "bookings_per_day", "meter": "bookings", "kind": "counter", "limit": 5, "used": 4, "held": 0,
                "granted": 0, "remaining": 1, "over_by": 0,
                "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z", "time_zone": "Europe/Berlin"},
                "resets_at": "2026-03-29T22:00:00Z", "override": null}],
    })
}
