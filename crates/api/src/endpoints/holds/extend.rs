//! `POST /accounts/{account_id}/holds/{hold_id}/extend`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::HoldError;
use domain::ports::{Accounts, Clock, Holds, WriteTx};
use domain::{AccountId, Action, Actor, DryRun, Faults, Hold, HoldId, SignedDuration, parse_hold_seconds, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::HoldBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Manager};
use crate::http::{Body, BodyFields, HoldPath, IfMatch, Input, NotChanged};
use crate::idempotency::StoredResponse;
use crate::openapi::{
    AccountPathParams, DryRunParams, HoldPathParams, IdempotencyParams, IfMatchParams, example_with, problems,
};
use crate::problem::Problem;

/// The new expiry of a hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HoldExtension, example = json!({"expires_in_seconds": 1_209_600}))]
pub(crate) struct ExtendHoldRequest {
    /// The seconds from now until it expires, up to 366 days.
    #[serde(default)]
    #[schema(value_type = u64, required, format = Int64, minimum = 1, maximum = 31_622_400_u64)]
    expires_in_seconds: Input,
}

impl BodyFields for ExtendHoldRequest {
    type Parsed = SignedDuration;

    fn parse(self) -> Result<SignedDuration, Faults> {
        let mut faults = Faults::default();
        faults.take("expires_in_seconds", parse_hold_seconds(self.expires_in_seconds.number(1))).ok_or(faults)
    }
}

/// The unit of work that extends a hold, on the store or in a dry run.
struct ExtendUnit {
    account: AccountId,
    id: HoldId,
    if_match: IfMatch,
    expires_in: SignedDuration,
    clock: Arc<dyn Clock>,
}

impl ExtendUnit {
    fn run(&self, tx: &mut (impl Accounts + Holds + ?Sized)) -> Result<Hold, NotChanged<HoldError>> {
        let Self { account, id, ref if_match, expires_in, ref clock } = *self;
        let now = clock.now();
        if_match.check(|| HoldBody::find_locked(tx, account, id, now))?;
        use_cases::extend_hold(tx, account, id, expires_in, now).map_err(NotChanged::Refused)
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION, IDEMPOTENT + [Conflict]);

/// Extend a hold
///
/// Sets the time when the hold expires, counted from now. It may be earlier than before. A hold that
/// has expired cannot be extended: its place may be taken.
#[utoipa::path(
    post, path = "/accounts/{account_id}/holds/{hold_id}/extend", tag = "Holds", operation_id = "extend_hold",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, IfMatchParams, DryRunParams, AccountPathParams, HoldPathParams),
    request_body = ExtendHoldRequest,
    responses(
        (status = 200, description = "The hold, or as it would be (dry run).",
            headers(("ETag")), body = HoldBody,
            example = json!(example_with(super::example(), [("expires_at", "2026-04-04T09:00:00Z".into())]))),
        Refusals,
    )
)]
pub(crate) async fn extend_hold(
    caller: Caller<Manager>,
    HoldPath(account, id): HoldPath,
    if_match: IfMatch,
    dry_run: DryRunQuery,
    body: Body<ExtendHoldRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await?;
    let expires_in = body.parse_for(&caller, account, &state).await?;
    let now = state.now();
    let unit = ExtendUnit { account, id, if_match, expires_in, clock: state.clock() };
    if is_dry_run {
        let extend = move |tx: &mut DryRun<'_>, _: &Actor| unit.run(tx);
        return caller.dry_run(&state, account, extend, |hold| HoldBody::at(&hold, now)).await;
    }
    let extend = move |tx: &mut dyn WriteTx, _: &Actor| unit.run(tx);
    let effect = move |_: &Hold| Some(AuditedEffect::on(account, Action::HoldExtended, &id));
    let respond = move |hold| StoredResponse::ok(&HoldBody::at(&hold, now));
    caller.post(&state, account, now, extend, effect, respond).await
}
