//! `GET /readyz`.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::AppState;
use crate::http::{NoQueryOrConditions, json};
use crate::openapi::problems;
use crate::problem::Problem;

endpoints! {
    ready,
}

/// The readiness of the service.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct ReadinessBody {
    /// Always `ready`.
    #[schema(example = "ready")]
    status: &'static str,
}

problems!(Refusals: ANY + [Unavailable]);

/// Check the readiness of the service
///
/// Needs no token. A service that cannot write to its database is not ready: route requests to
/// another instance, and do not restart it. A check writes one row; at most one check runs per
/// second.
#[utoipa::path(
    get, path = "/readyz", tag = "Service", operation_id = "ready",
    responses(
        (status = 200, description = "Writes to the database succeed.", body = ReadinessBody, example = json!({"status": "ready"})),
        Refusals,
    )
)]
pub(crate) async fn ready(_: NoQueryOrConditions, state: Data<AppState>) -> Result<HttpResponse, Problem> {
    state.readiness.check(&state.store, || state.now()).await.map_err(Problem::unavailable)?;
    Ok(json(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")), &ReadinessBody { status: "ready" }))
}
