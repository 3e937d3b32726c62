//! `DELETE /accounts/{account_id}/staff/{staff_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, StaffMember, use_cases};

use super::StaffMemberBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{IfMatch, StaffPath};
use crate::openapi::{AccountPathParams, IfMatchParams, StaffPathParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Remove a staff member
///
/// Removes a staff member, who no longer counts and can be restored. Their bookings stay unchanged.
/// Removing a staff member again changes nothing.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/staff/{staff_id}", tag = "Staff", operation_id = "remove_staff_member",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IfMatchParams, AccountPathParams, StaffPathParams),
    responses((status = 204, description = "The staff member is removed."), Refusals)
)]
pub(crate) async fn remove_staff_member(
    caller: Caller<Manager>,
    StaffPath(account, id): StaffPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let remove = move |tx: &mut dyn WriteTx, _: &Actor| {
        let is_expected = |it: &StaffMember| if_match.admits(|| StaffMemberBody::from(it.clone()));
        use_cases::remove_staff_member(tx, account, id, is_expected, now)
    };
    let effect =
        move |was_removed: &bool| was_removed.then(|| AuditedEffect::on(account, Action::StaffMemberRemoved, &id));
    caller.write(&state, account, now, remove, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
