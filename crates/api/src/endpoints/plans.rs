//! `GET /plans`.

use actix_web::web::Data;
use domain::Plan;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::AppState;
use crate::access::Guest;
use crate::http::{Json, Plain};
use crate::openapi::problems;

endpoints! {
    list_plans,
}

/// The plans on offer.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanList)]
pub(crate) struct PlanListBody {
    /// The plans, each an upgrade of those before it.
    data: Vec<PlanBody>,
    /// Always null: the plans fit on one page.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// A plan and what it permits.
#[derive(Serialize, ToSchema)]
#[schema(as = Plan)]
pub(crate) struct PlanBody {
    /// What it is called in requests.
    #[schema(example = "basic")]
    key: String,
    /// What it is called by people.
    #[schema(example = "Basic")]
    name: String,
    /// What it is for; may be empty.
    #[schema(example = "For a small team.")]
    description: String,
    limits: LimitsBody,
}

/// What a plan permits; null means unlimited, 0 means none.
#[derive(Serialize, ToSchema)]
#[schema(as = PlanLimits)]
pub(crate) struct LimitsBody {
    /// How many active staff members.
    #[schema(required, example = 2)]
    staff: Option<u32>,
    /// How many bookings on one day.
    #[schema(required, example = 5)]
    bookings_per_day: Option<u32>,
}

impl From<&Plan> for PlanBody {
    fn from(plan: &Plan) -> Self {
        let limits = LimitsBody { staff: plan.staff.max(), bookings_per_day: plan.bookings_per_day.max() };
        let Plan { key, name, description, .. } = plan;
        Self { key: key.to_string(), name: name.to_string(), description: description.to_string(), limits }
    }
}

problems!(Refusals: ANY);

/// List the plans
///
/// Needs no token: a plan is an offer.
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
pub(crate) async fn list_plans(_: Guest, _: Plain, state: Data<AppState>) -> Json<PlanListBody> {
    Json(PlanListBody { data: state.catalog.iter().map(PlanBody::from).collect(), next_cursor: None })
}
