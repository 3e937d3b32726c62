//! `GET /health`.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use serde::Serialize;
use utoipa::ToSchema;

use crate::openapi::problems;

/// That the service runs.
#[derive(Serialize, ToSchema)]
#[schema(as = Health)]
pub(crate) struct HealthBody {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

problems!(Refusals: ANY);

/// See whether the service runs
///
/// Needs no token.
#[utoipa::path(
    get, path = "/health", tag = "Service", operation_id = "health",
    responses((status = 200, description = "The service runs.", body = HealthBody, example = json!({"status": "ok"})), Refusals)
)]
pub(crate) async fn health() -> HttpResponse {
    HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(HealthBody { status: "ok" })
}
