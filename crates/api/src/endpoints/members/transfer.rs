//! `POST /accounts/{account_id}/transfer`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::MemberError;
use domain::{Action, FaultReason, Faults, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{MemberBody, find_locked};
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Owner};
use crate::http::{AccountPath, Body, BodyFields, IfMatch, Input, NotChanged};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, IdempotencyParams, IfMatchParams, example_with, problems};
use crate::problem::Problem;

/// The new owner of an account.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Transfer, example = json!({"user": "ann"}))]
pub(crate) struct TransferRequest {
    /// The id or the username of a registered user.
    #[serde(default)]
    #[schema(value_type = String, required)]
    user: Input,
}

impl BodyFields for TransferRequest {
    type Parsed = String;

    fn parse(self) -> Result<String, Faults> {
        let mut faults = Faults::default();
        let user = self.user.get("user", &mut faults).ok_or(FaultReason::Required);
        faults.take("user", user.map(str::to_owned)).ok_or(faults)
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION, IDEMPOTENT);

/// Transfer an account
///
/// Makes the user an owner, and makes you a manager if you were an owner, in one transaction. If no
/// other owner remains, the user must have accepted to be an owner before: otherwise 409.
/// `If-Match` takes the `ETag` of the user as a member.
#[utoipa::path(
    post, path = "/accounts/{account_id}/transfer", tag = "Members", operation_id = "transfer_account",
    security(("password" = ["owner"]), ("program_key" = ["admin"])),
    params(IdempotencyParams, IfMatchParams, AccountPathParams),
    request_body = TransferRequest,
    responses(
        (status = 200, description = "The new owner.",
            headers(("ETag")), body = MemberBody,
            example = json!(example_with(super::example(), [("role", "owner".into())]))),
        Refusals,
    )
)]
pub(crate) async fn transfer_account(
    caller: Caller<Owner>,
    AccountPath(account): AccountPath,
    if_match: IfMatch,
    body: Body<TransferRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let to = body.parse_for(&caller, account, &state).await?;
    let now = state.now();
    let transfer = move |tx: &mut dyn domain::ports::WriteTx, actor: &domain::Actor| {
        let to = use_cases::find_user(tx, &to)?.ok_or(NotChanged::Refused(MemberError::UnknownUser))?;
        if_match.check(|| find_locked(tx, account, to.id))?;
        use_cases::transfer_ownership(tx, account, actor.user_id, to.id, now).map_err(NotChanged::Refused)
    };
    let effect =
        move |owner: &domain::Member| Some(AuditedEffect::on(account, Action::AccountTransferred, &owner.user_id));
    caller.post(&state, account, now, transfer, effect, |owner| StoredResponse::ok(&MemberBody::from(owner))).await
}
