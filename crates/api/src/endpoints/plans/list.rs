//! `GET /plans`.

use actix_web::web::Data;

use super::PlanListBody;
use crate::AppState;
use crate::access::UnauthenticatedClient;
use crate::http::{Json, NoQueryOrConditions};
use crate::openapi::problems;

problems!(Refusals: ANY);

/// List the plans
///
/// Lists the plans, each an upgrade of those before it, and the metrics and features of the
/// catalogue if it has custom ones. Needs no token.
#[utoipa::path(
    get, path = "/plans", tag = "Service", operation_id = "list_plans",
    responses(
        (status = 200, description = "The plans, each an upgrade of those before it.", body = PlanListBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn list_plans(
    _: UnauthenticatedClient,
    _: NoQueryOrConditions,
    state: Data<AppState>,
) -> Json<PlanListBody> {
    Json(PlanListBody::new(&state.catalog.get()))
}
