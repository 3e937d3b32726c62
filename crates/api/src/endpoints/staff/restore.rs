//! `POST /accounts/{account_id}/staff/{staff_id}/restore`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Action, StaffMember, use_cases};

use super::StaffMemberBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{IfMatch, NotChanged, StaffPath};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, IdempotencyParams, IfMatchParams, StaffPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION, IDEMPOTENT + [SubscriptionRequired, StaffLimitExceeded]);

/// Restore a staff member
///
/// Restores a removed staff member if the account's plan permits one more. A staff member who is
/// not removed stays unchanged.
#[utoipa::path(
    post, path = "/accounts/{account_id}/staff/{staff_id}/restore", tag = "Staff", operation_id = "restore_staff_member",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, IfMatchParams, AccountPathParams, StaffPathParams),
    responses(
        (status = 200, description = "The staff member.",
            headers(("ETag")), body = StaffMemberBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn restore_staff_member(
    caller: Caller<Manager>,
    StaffPath(account, id): StaffPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    caller
        .post(
            &state,
            account,
            now,
            move |tx, _| {
                if_match.check(|| {
                    tx.lock_account(account)?;
                    Ok(tx.find_staff_member(account, id)?.map(StaffMemberBody::from))
                })?;
                use_cases::restore_staff_member(tx, &catalog, account, id, now).map_err(NotChanged::Refused)
            },
            move |(_, was_removed): &(StaffMember, bool)| {
                was_removed.then(|| AuditedEffect::on(account, Action::StaffMemberRestored, &id))
            },
            |(member, _)| StoredResponse::ok(&StaffMemberBody::from(member)),
        )
        .await
}
