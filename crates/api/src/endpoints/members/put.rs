//! `PUT /accounts/{account_id}/members/{user_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::MemberError;
use domain::{Action, FaultReason, Faults, Role, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MemberBody, find_locked};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Owner};
use crate::http::{Body, BodyFields, IfMatch, Input, MemberPath, NotChanged, tagged};
use crate::openapi::{self, AccountPathParams, IfMatchParams, UserPathParams, problems};
use crate::problem::Problem;

/// The role of a member.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MemberRole, example = json!({"role": "manager"}))]
pub(crate) struct PutMemberRequest {
    /// The member's role.
    #[serde(default)]
    #[schema(value_type = openapi::Role, required)]
    role: Input,
}

impl BodyFields for PutMemberRequest {
    type Parsed = Role;

    fn parse(self) -> Result<Role, Faults> {
        let mut faults = Faults::default();
        let role = self.role.get("role", &mut faults).ok_or(FaultReason::Required);
        let not_one_of = FaultReason::NotOneOf { words: Role::WORDS };
        let role = faults.take("role", role.and_then(|role| role.parse().map_err(|_| not_one_of)));
        role.ok_or(faults)
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION + [Conflict]);

/// Add a member, or change a member's role
///
/// Adds a registered user, by id or username, or changes a member's role. The last owner cannot get
/// another role. A user whom another user makes an owner is pending until they accept with the same
/// request for themselves. A pending owner can leave at any time, and does not count as an owner
/// until then.
#[utoipa::path(
    put, path = "/accounts/{account_id}/members/{user_id}", tag = "Members", operation_id = "put_member",
    security(("password" = ["owner"]), ("program_key" = ["admin"])),
    params(IfMatchParams, AccountPathParams, UserPathParams),
    request_body = PutMemberRequest,
    responses(
        (status = 200, description = "The member.",
            headers(("ETag")), body = MemberBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn put_member(
    caller: Caller<Owner>,
    MemberPath(account, user): MemberPath,
    if_match: IfMatch,
    body: Body<PutMemberRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let role = body.parse_for(&caller, account, &state).await?;
    let now = state.now();
    let put = move |tx: &mut dyn domain::ports::WriteTx, actor: &domain::Actor| {
        let user = use_cases::find_user(tx, &user)?.ok_or(NotChanged::Refused(MemberError::UnknownUser))?;
        if_match.check(|| find_locked(tx, account, user.id))?;
        use_cases::put_member(tx, account, user.id, role, actor.user_id, now).map_err(NotChanged::Refused)
    };
    let effect = move |member: &domain::Member| Some(AuditedEffect::on(account, Action::MemberPut, &member.user_id));
    Ok(tagged(&MemberBody::from(caller.write(&state, account, now, put, effect).await?)))
}
