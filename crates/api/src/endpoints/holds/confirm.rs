//! `POST /accounts/{account_id}/holds/{hold_id}/confirm`.

use std::sync::Arc;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::error::HoldError;
use domain::ports::{Accounts, Allocations, Charges, Clock, Holds, UsageRecords, WriteTx};

use domain::use_cases::{self, Confirmed};
use domain::{AccountId, Action, Actor, DryRun, Faults, HoldConfirmation, HoldId, Origin, PlanCatalog, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::HoldBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, DryRunQuery, Manager};
use crate::http::{Body, BodyFields, HoldPath, IfMatch, Input, NotChanged, Versioned};
use crate::idempotency::StoredResponse;
use crate::openapi::{
    AccountPathParams, DryRunParams, HoldPathParams, IdempotencyParams, IfMatchParams, example_with, problems,
};
use crate::problem::Problem;

/// What becomes of a hold. All fields are optional.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = HoldConfirmation, example = json!({"quantity": 1}))]
pub(crate) struct ConfirmHoldRequest {
    /// How much is used. More than is held is checked against the limits; the rest of what is held
    /// is released. Default: all that is held.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
    /// The key of the allocation, 1 to 128 visible ASCII characters, for a meter of gauges only. An
    /// allocation with this key is increased. Default: the hold's id.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    key: Input,
}

impl BodyFields for ConfirmHoldRequest {
    type Parsed = HoldConfirmation;

    fn parse(self) -> Result<HoldConfirmation, Faults> {
        let mut faults = Faults::default();
        let key = self.key.get("key", &mut faults);
        faults.finish(HoldConfirmation::parse(self.quantity.number(1), key))
    }
}

/// A confirmed hold, and what it became.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfirmedHold)]
pub(crate) struct ConfirmedHoldBody {
    #[serde(flatten)]
    hold: HoldBody,
    /// The id of the usage record, for a meter of counters with records, or null.
    #[schema(required, example = "use_01h455vb4pex5vsknk084sn02q")]
    usage_id: Option<String>,
    /// The key of the allocation, for a meter of gauges, or null.
    #[schema(required, example = "website")]
    allocation_key: Option<String>,
}

impl ConfirmedHoldBody {
    fn at(confirmed: &Confirmed, now: Timestamp) -> Self {
        Self {
            hold: HoldBody::at(&confirmed.hold, now),
            usage_id: confirmed.usage_id.map(|id| id.to_string()),
            allocation_key: confirmed.allocation_key.as_ref().map(ToString::to_string),
        }
    }
}

impl Versioned for ConfirmedHoldBody {
    fn version(&self) -> String {
        self.hold.version()
    }
}

/// The unit of work that confirms a hold, on the store or in a dry run.
struct ConfirmUnit {
    account: AccountId,
    id: HoldId,
    if_match: IfMatch,
    confirmation: HoldConfirmation,
    origin: Origin,
    clock: Arc<dyn Clock>,
}

impl ConfirmUnit {
    fn run(
        &self,
        tx: &mut (impl Accounts + Charges + UsageRecords + Allocations + Holds + ?Sized),
        catalog: &PlanCatalog,
        actor: &Actor,
    ) -> Result<Confirmed, NotChanged<HoldError>> {
        let Self { account, id, ref if_match, ref confirmation, ref origin, ref clock } = *self;
        let now = clock.now();
        if_match.check(|| HoldBody::find_locked(tx, account, id, now))?;
        let by = actor.attribution(origin);
        use_cases::confirm_hold(tx, catalog, account, id, confirmation, &by, now).map_err(NotChanged::Refused)
    }
}

/// The example of a confirmed hold for the document.
fn example() -> Value {
    let members = [
        ("meter", "projects".into()),
        ("state", "confirmed".into()),
        ("closed_at", "2026-03-21T09:00:00Z".into()),
        ("usage_id", Value::Null),
        ("allocation_key", "website".into()),
    ];
    example_with(super::example(), members)
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION, IDEMPOTENT
    + [Conflict, SubscriptionRequired, LimitExceeded]);

/// Confirm a hold
///
/// Turns a hold into usage of its meter, in the windows of the hold, or into an allocation. Up to
/// the quantity that is held is always admitted, also if the limit is smaller by now. A hold of
/// `staff` or `bookings` is confirmed by creating the staff member or the booking with `hold_id`.
#[utoipa::path(
    post, path = "/accounts/{account_id}/holds/{hold_id}/confirm", tag = "Holds", operation_id = "confirm_hold",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, IfMatchParams, DryRunParams, AccountPathParams, HoldPathParams),
    request_body = ConfirmHoldRequest,
    responses(
        (status = 200, description = "The confirmed hold, or as it would be (dry run).",
            headers(("ETag")), body = ConfirmedHoldBody,
            example = json!(example())),
        Refusals,
    )
)]
pub(crate) async fn confirm_hold(
    caller: Caller<Manager>,
    HoldPath(account, id): HoldPath,
    if_match: IfMatch,
    dry_run: DryRunQuery,
    body: Body<ConfirmHoldRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await?;
    let confirmation = body.parse_for(&caller, account, &state).await?;
    let (catalog, origin, now) = (state.catalog.get(), caller.origin(), state.now());
    let unit = ConfirmUnit { account, id, if_match, confirmation, origin, clock: state.clock() };
    if is_dry_run {
        let confirm = move |tx: &mut DryRun<'_>, actor: &Actor| unit.run(tx, &catalog, actor);
        return caller.dry_run(&state, account, confirm, |done| ConfirmedHoldBody::at(&done, now)).await;
    }
    let confirm = move |tx: &mut dyn WriteTx, actor: &Actor| unit.run(tx, &catalog, actor);
    let effect = move |_: &Confirmed| Some(AuditedEffect::on(account, Action::HoldConfirmed, &id));
    let respond = move |done| StoredResponse::ok(&ConfirmedHoldBody::at(&done, now));
    caller.post(&state, account, now, confirm, effect, respond).await
}
