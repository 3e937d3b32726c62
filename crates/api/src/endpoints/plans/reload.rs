//! `POST /plans/reload`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::Action;
use domain::error::StorageError;

use super::PlanListBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, PlansOperator};
use crate::idempotency::StoredResponse;
use crate::openapi::{IdempotencyParams, problems};
use crate::plans::{self, ReloadError};
use crate::problem::Problem;

/// What the audit log names as the resource.
const RESOURCE: &str = "plans";

problems!(Refusals: ANY, TOKEN, ROLE, WRITE, IDEMPOTENT);

/// Load the plans again
///
/// Reads the file of the plans again, without a restart. If it has a fault, or lacks a plan that
/// accounts are on, nothing changes, and `faults` says why. Each server of a database needs this of
/// its own.
#[utoipa::path(
    post, path = "/plans/reload", tag = "Service", operation_id = "reload_plans",
    security(("password" = ["operator"]), ("program_key" = ["admin"])),
    params(IdempotencyParams),
    responses(
        (status = 200, description = "The plans that are in force from now on.", body = PlanListBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn reload_plans(
    caller: Caller<PlansOperator>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    caller.read(&state, (), |_, _| Ok::<_, StorageError>(())).await?;
    // A replay comes first: the file may have changed since.
    if let Some(response) = caller.replay(&state, ()).await? {
        return Ok(response);
    }
    let catalog = Arc::new(state.plans.read_again().await?);
    let (checked, shown) = (Arc::clone(&catalog), Arc::clone(&catalog));
    let response = caller
        .post::<_, ReloadError>(
            &state,
            (),
            state.now(),
            move |tx, _| Ok(plans::check_in_use(tx, &checked)?),
            |()| Some(AuditedEffect::of(Action::PlansReloaded, &RESOURCE)),
            move |()| StoredResponse::unversioned(&PlanListBody::new(&shown)),
        )
        .await?;
    // A concurrent request with the same key has put it in force.
    if !StoredResponse::is_replay(&response) {
        state.replace_catalog(Arc::unwrap_or_clone(catalog));
    }
    Ok(response)
}
