//! `GET /readyz`.

use std::time::Duration;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::rt::time::timeout;
use actix_web::web::Data;
use domain::error::StorageError;
use domain::ports::Store;
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::http::Plain;
use crate::json::json;
use crate::openapi::problems;
use crate::problem::Problem;

/// How long the database may take: whoever asks waits for a few seconds.
const PATIENCE: Duration = Duration::from_secs(2);

/// That the service can do what it is asked.
#[derive(Serialize, ToSchema)]
#[schema(as = Readiness)]
pub(crate) struct ReadinessBody {
    /// Always `ready`.
    #[schema(example = "ready")]
    status: &'static str,
}

problems!(Refusals: ANY + [Unavailable]);

/// See whether the service can do what it is asked
///
/// Needs no token. A service that runs and cannot reach its database is not ready: send requests elsewhere, and do not restart it.
#[utoipa::path(
    get, path = "/readyz", tag = "Service", operation_id = "ready",
    responses(
        (status = 200, description = "The database answers.", body = ReadinessBody, example = json!({"status": "ready"})),
        Refusals,
    )
)]
pub(crate) async fn ready(_: Plain, state: Data<AppState>) -> Result<HttpResponse, Problem> {
    if !state.store.is_open() {
        return Err(Problem::unavailable("the store is closed"));
    }
    // One that may write: a database that has become somebody's standby can still be read.
    let unit = state.store.write(|_| Ok::<_, StorageError>(()));
    match timeout(PATIENCE, unit).await {
        Ok(Ok(())) => {
            Ok(json(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")), &ReadinessBody { status: "ready" }))
        }
        Ok(Err(error)) => Err(Problem::unavailable(error)),
        Err(_) => Err(Problem::unavailable(format_args!("the database does not answer within {PATIENCE:?}"))),
    }
}
