//! `POST /accounts/{account_id}/holds/{hold_id}/release`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Action, Hold, use_cases};

use super::HoldBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{HoldPath, IfMatch, NotChanged};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, HoldPathParams, IdempotencyParams, IfMatchParams, example_with, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION, IDEMPOTENT + [Conflict]);

/// Release a hold
///
/// What is held is free at once. A hold that was released or has expired stays as it is.
#[utoipa::path(
    post, path = "/accounts/{account_id}/holds/{hold_id}/release", tag = "Holds", operation_id = "release_hold",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, IfMatchParams, AccountPathParams, HoldPathParams),
    responses(
        (status = 200, description = "The hold.",
            headers(("ETag")), body = HoldBody,
            example = json!(example_with(super::example(), [
                ("state", "released".into()), ("closed_at", "2026-03-21T09:00:00Z".into()),
            ]))),
        Refusals,
    )
)]
pub(crate) async fn release_hold(
    caller: Caller<Manager>,
    HoldPath(account, id): HoldPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    caller
        .post(
            &state,
            account,
            now,
            move |tx, _| {
                if_match.check(|| HoldBody::find_locked(tx, account, id, now))?;
                use_cases::release_hold(tx, account, id, now).map_err(NotChanged::Refused)
            },
            move |(_, has_changed): &(Hold, bool)| {
                has_changed.then(|| AuditedEffect::on(account, Action::HoldReleased, &id))
            },
            move |(hold, _)| StoredResponse::ok(&HoldBody::at(&hold, now)),
        )
        .await
}
