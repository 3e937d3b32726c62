//! `GET /accounts/{account_id}/usage/history`.

use actix_web::web::Data;
use domain::ports::ReadTx;
use domain::use_cases::{HistoryBound, HistoryRange, UsageInWindow};
use domain::{
    Actor, KeyKind, Kind, MetricDef, PlanCatalog, Timestamp, keys_of_kind, parse_day, parse_instant, use_cases,
};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{AccountPath, Json, Parameters, Query, faulty};
use crate::openapi::{AccountPathParams, problems};
use crate::problem::{Problem, WindowBody, hint};

/// The range of the history.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what range reads")]
struct HistoryParams {
    /// A counter, such as `bookings_per_day`. Default: all counters.
    #[param(required = false)]
    metric: Option<String>,
    /// The first window: the one that this day (`YYYY-MM-DD`) begins in, or that contains this time
    /// (RFC 3339 with an offset). Default: now.
    #[param(required = false)]
    from: Option<String>,
    /// The last window: the one that this day ends in, or that contains this time. Default: now.
    #[param(required = false)]
    to: Option<String>,
}

/// The usage of each window, the oldest first.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageHistory)]
pub(crate) struct HistoryBody {
    /// The windows, metric by metric.
    data: Vec<UsageInWindowBody>,
    /// Always null: a history fits on one page.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// The usage of one metric in one window.
#[derive(Serialize, ToSchema)]
#[schema(as = UsageInWindow)]
struct UsageInWindowBody {
    /// The metric.
    #[schema(example = "bookings_per_day")]
    metric: String,
    /// The window; null for a counter that never resets.
    #[schema(required)]
    window: Option<WindowBody>,
    /// How much was used in the window. Holds do not count.
    #[schema(example = 3)]
    used: u64,
    /// The effective limit at present, also for windows of the past; null means unlimited. 0 without
    /// a plan.
    #[schema(required, format = Int64, example = 5)]
    limit: Option<u64>,
}

impl From<UsageInWindow> for UsageInWindowBody {
    fn from(it: UsageInWindow) -> Self {
        Self {
            metric: it.metric.to_string(),
            window: it.window.as_ref().map(WindowBody::from),
            used: it.usage.used,
            limit: it.usage.limit.max(),
        }
    }
}

/// The counters and the range that a query is about.
fn range(
    query: &mut Parameters,
    catalog: &PlanCatalog,
    now: Timestamp,
) -> Result<(Vec<MetricDef>, HistoryRange), Problem> {
    let mut counters = catalog.metrics().iter().filter(|metric| matches!(metric.kind, Kind::Counter(_)));
    let metrics = match query.take("metric")? {
        None => counters.cloned().collect(),
        Some(key) => {
            let counter = counters.find(|metric| metric.key.as_str() == key);
            let unknown = || {
                let hint = hint(&key, &keys_of_kind(catalog, KeyKind::Counter));
                faulty(format!("The parameter metric is a counter of the catalogue, such as bookings_per_day.{hint}"))
            };
            vec![counter.cloned().ok_or_else(unknown)?]
        }
    };
    let mut bound = |name: &'static str| {
        let Some(text) = query.take(name)? else { return Ok(HistoryBound::At(now)) };
        let day = parse_day(&text).map(HistoryBound::Day);
        day.or_else(|_| parse_instant(&text).map(HistoryBound::At)).map_err(|_| {
            faulty(format!("The parameter {name} is a day such as 2026-03-29, or a time such as 2026-03-29T10:00:00Z."))
        })
    };
    let range = HistoryRange { from: bound("from")?, to: bound("to")? };
    Ok((metrics, range))
}

problems!(Refusals: ANY, TOKEN, FIND + [InvalidParameter]);

/// Get the history of usage
///
/// Lists how much was used in each window, from the one of `from` to the one of `to`, the oldest
/// first: at most 366 windows. Counters of windows without usage are 0. A gauge has no windows, and
/// without a subscription there are no periods.
#[utoipa::path(
    get, path = "/accounts/{account_id}/usage/history", tag = "Usage", operation_id = "list_usage_history",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, HistoryParams),
    responses(
        (status = 200, description = "The usage of each window.", body = HistoryBody,
            example = json!({"data": [{"metric": "bookings_per_day",
                "window": {"start": "2026-03-28T23:00:00Z", "end": "2026-03-29T22:00:00Z", "time_zone": "Europe/Berlin"},
                "used": 3, "limit": 5}], "next_cursor": null})),
        Refusals,
    )
)]
pub(crate) async fn list_usage_history(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    query: Query,
    state: Data<AppState>,
) -> Result<Json<HistoryBody>, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    let (metrics, range) =
        query.parse_for(&caller, account, &state, |parameters| range(parameters, &catalog, now)).await?;
    let list =
        move |tx: &mut dyn ReadTx, _: &Actor| use_cases::usage_history(tx, &catalog, account, &metrics, &range, now);
    let history = caller.read(&state, account, list).await?;
    Ok(Json(HistoryBody { data: history.into_iter().map(UsageInWindowBody::from).collect(), next_cursor: None }))
}
