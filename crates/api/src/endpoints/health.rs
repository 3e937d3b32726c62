//! `GET /health`.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::AppState;
use crate::http::{NoQueryOrConditions, json};
use crate::openapi::problems;
use crate::problem::{Code, Problem};

endpoints! {
    health,
}

/// The health of the service.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

problems!(Refusals: ANY + [Unavailable]);

/// Check the health of the service
///
/// Returns 503 if the service can no longer write. Needs no token.
#[utoipa::path(
    get, path = "/health", tag = "Service", operation_id = "health",
    responses((status = 200, description = "The service is healthy.", body = HealthBody, example = json!({"status": "ok"})), Refusals)
)]
pub(crate) async fn health(_: NoQueryOrConditions, state: Data<AppState>) -> Result<HttpResponse, Problem> {
    if !state.store.is_open() {
        return Err(Problem::new(Code::Unavailable));
    }
    Ok(json(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")), &HealthBody { status: "ok" }))
}
