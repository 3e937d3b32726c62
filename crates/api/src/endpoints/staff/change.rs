//! `PATCH /accounts/{account_id}/staff/{staff_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, Faults, StaffMember, StaffMemberPatch, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::StaffMemberBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{Body, BodyFields, IfMatch, Input, StaffPath, tagged};
use crate::openapi::{AccountPathParams, IfMatchParams, StaffPathParams, example_with, problems};
use crate::problem::Problem;

/// The fields to change. Absent fields keep their values.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = StaffMemberPatch, example = json!({"name": "Anna", "email": null}))]
pub(crate) struct ChangeStaffMemberRequest {
    /// The staff member's name, 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = String, min_length = 1, max_length = 100)]
    name: Input,
    /// The staff member's email address, at most 254 characters; null to clear it.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Email, max_length = 254)]
    email: Input,
}

impl BodyFields for ChangeStaffMemberRequest {
    type Parsed = StaffMemberPatch;

    fn parse(self) -> Result<StaffMemberPatch, Faults> {
        let mut faults = Faults::default();
        let name = self.name.replacement("name", &mut faults);
        let email = self.email.change("email", &mut faults);
        faults.finish(StaffMemberPatch::parse(name, email))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION);

/// Change a staff member
///
/// Absent fields keep their values.
#[utoipa::path(
    patch, path = "/accounts/{account_id}/staff/{staff_id}", tag = "Staff", operation_id = "change_staff_member",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IfMatchParams, AccountPathParams, StaffPathParams),
    request_body = ChangeStaffMemberRequest,
    responses(
        (status = 200, description = "The changed staff member.",
            headers(("ETag")), body = StaffMemberBody,
            example = json!(example_with(super::example(), [
                ("name", "Anna".into()), ("email", serde_json::Value::Null),
            ]))),
        Refusals,
    )
)]
pub(crate) async fn change_staff_member(
    caller: Caller<Manager>,
    StaffPath(account, id): StaffPath,
    if_match: IfMatch,
    body: Body<ChangeStaffMemberRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let patch = body.parse_for(&caller, account, &state).await?;
    let change = move |tx: &mut dyn WriteTx, _: &Actor| {
        let is_expected = |member: &StaffMember| if_match.admits(|| StaffMemberBody::from(member.clone()));
        use_cases::change_staff_member(tx, account, id, &patch, is_expected)
    };
    let effect = move |(_, has_changed): &(StaffMember, bool)| {
        has_changed.then(|| AuditedEffect::on(account, Action::StaffMemberChanged, &id))
    };
    let (member, _) = caller.write(&state, account, state.now(), change, effect).await?;
    Ok(tagged(&StaffMemberBody::from(member)))
}
