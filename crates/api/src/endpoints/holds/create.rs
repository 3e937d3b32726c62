//! `POST /accounts/{account_id}/holds`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Actor, DryRun, Faults, HoldId, NewHold, PlanCatalog, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::HoldBody;
use crate::AppState;
use crate::access::{Caller, DryRunQuery, Manager};
use crate::http::{AccountPath, Body, CatalogFields, Input};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, DryRunParams, IdempotencyParams, problems};
use crate::problem::Problem;

/// The fields of a new hold.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewHold, example = json!({"meter": "staff", "expires_in_seconds": 604_800, "reference": "invite:42"}))]
pub(crate) struct CreateHoldRequest {
    /// The meter: `staff`, `bookings`, or one of the catalogue.
    #[serde(default)]
    #[schema(value_type = String, required, min_length = 1, max_length = 64)]
    meter: Input,
    /// How much is held. Default: 1.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
    /// The seconds until it expires, up to 366 days.
    #[serde(default)]
    #[schema(value_type = u64, required, format = Int64, minimum = 1, maximum = 31_622_400_u64)]
    expires_in_seconds: Input,
    /// What it is for, 1 to 128 visible ASCII characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 128)]
    reference: Input,
    /// The time when what is held will happen, RFC 3339 with an offset, from 1970 to 2199: it counts
    /// in the windows of this time. For a meter of counters only. Default: now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    at: Input,
}

impl CatalogFields for CreateHoldRequest {
    type Parsed = NewHold;

    fn parse(self, catalog: &PlanCatalog) -> Result<NewHold, Faults> {
        let mut faults = Faults::default();
        let meter = self.meter.get("meter", &mut faults);
        let (quantity, seconds) = (self.quantity.number(1), self.expires_in_seconds.number(1));
        let reference = self.reference.get("reference", &mut faults);
        let at = self.at.get("at", &mut faults);
        faults.finish(NewHold::parse(catalog, meter, quantity, seconds, reference, at))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, IDEMPOTENT
    + [Conflict, SubscriptionRequired, StaffLimitExceeded, BookingLimitExceeded, LimitExceeded]);

/// Hold a quantity
///
/// Keeps a quantity of a meter free, if the account's plan permits as much more. While it is held it
/// counts as used, so no other request can take it. An account has at most 1000 live holds.
#[utoipa::path(
    post, path = "/accounts/{account_id}/holds", tag = "Holds", operation_id = "create_hold",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, DryRunParams, AccountPathParams),
    request_body = CreateHoldRequest,
    responses(
        (status = 201, description = "The new hold.", body = HoldBody, example = json!(super::example())),
        (status = 200, description = "The hold as it would be (dry run).", body = HoldBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn create_hold(
    caller: Caller<Manager>,
    AccountPath(account): AccountPath,
    dry_run: DryRunQuery,
    body: Body<CreateHoldRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await?;
    let new = body.parse_for(&caller, account, &state).await?;
    let catalog = state.catalog.get();
    let (id, origin, now) = (HoldId::from_uuid(state.next_uuid()), caller.origin(), state.now());
    if is_dry_run {
        let create = move |tx: &mut DryRun<'_>, actor: &Actor| {
            use_cases::create_hold(tx, &catalog, account, &new, id, &actor.attribution(&origin), now)
        };
        return caller.dry_run(&state, account, create, |hold| HoldBody::at(&hold, now)).await;
    }
    caller
        .post(
            &state,
            account,
            now,
            move |tx, actor| use_cases::create_hold(tx, &catalog, account, &new, id, &actor.attribution(&origin), now),
            // The row itself has its origin.
            |_| None,
            move |hold| StoredResponse::created(format!("/accounts/{account}/holds/{id}"), &HoldBody::at(&hold, now)),
        )
        .await
}
