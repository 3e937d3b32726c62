//! `GET /plans`.

use actix_web::web::Data;
use domain::{Metric, Plan, PlanCatalog};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::AppState;
use crate::access::UnauthenticatedClient;
use crate::http::{Json, NoQueryOrConditions};
use crate::openapi::problems;

endpoints! {
    list_plans,
}

/// The available plans.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanList)]
pub(crate) struct PlanListBody {
    /// The plans, each an upgrade of those before it.
    data: Vec<PlanBody>,
    /// Always null: the plans fit on one page.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// A plan and its limits.
#[derive(Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanBody {
    /// The key of the plan in requests.
    #[schema(example = "basic")]
    key: String,
    /// The display name of the plan.
    #[schema(example = "Basic")]
    name: String,
    /// The description of the plan; may be empty.
    #[schema(example = "For a small team.")]
    description: String,
    /// The limit of each metric. null means unlimited.
    #[schema(value_type = BTreeMap<String, Option<u64>>)]
    limits: Map<String, Value>,
}

impl PlanBody {
    fn new(plan: &Plan, catalog: &PlanCatalog) -> Self {
        let limit = |key: &Metric| (key.to_string(), plan.limit(key).max().into());
        let limits = catalog.metrics().iter().map(|metric| limit(&metric.key)).collect();
        let Plan { key, name, description, .. } = plan;
        Self { key: key.to_string(), name: name.to_string(), description: description.to_string(), limits }
    }
}

problems!(Refusals: ANY);

/// List the plans
///
/// Lists the plans, each an upgrade of those before it. Needs no token.
#[utoipa::path(
    get, path = "/plans", tag = "Service", operation_id = "list_plans",
    responses(
        (status = 200, description = "The plans, each an upgrade of those before it.", body = PlanListBody,
            example = json!({"data": [
                {"key": "basic", "name": "Basic", "description": "For a small team.",
                    "limits": {"staff": 2, "bookings_per_day": 5}},
                {"key": "pro", "name": "Pro", "description": "For a growing team.",
                    "limits": {"staff": 5, "bookings_per_day": 20}}], "next_cursor": null})),
        Refusals,
    )
)]
pub(crate) async fn list_plans(
    _: UnauthenticatedClient,
    _: NoQueryOrConditions,
    state: Data<AppState>,
) -> Json<PlanListBody> {
    let catalog = state.catalog.get();
    Json(PlanListBody { data: catalog.iter().map(|plan| PlanBody::new(plan, &catalog)).collect(), next_cursor: None })
}
