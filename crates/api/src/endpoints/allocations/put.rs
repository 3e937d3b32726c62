//! `PUT /accounts/{account_id}/allocations/{meter}/{key}`.

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::use_cases::{self, AllocationPut};
use domain::{Action, Actor, Faults};
use serde::Deserialize;
use utoipa::ToSchema;

use super::AllocationBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{AllocationPath, Body, BodyFields, Input, json};
use crate::openapi::{AccountPathParams, KeyPathParams, MeterPathParams, example_with, problems};
use crate::problem::Problem;

/// How much of the meter is allocated.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AllocationQuantity, example = json!({"quantity": 2}))]
pub(crate) struct PutAllocationRequest {
    /// How much of the meter it takes. Default: 1.
    #[serde(default)]
    #[schema(value_type = Option<u64>, format = Int64, minimum = 1, maximum = 9_007_199_254_740_991_u64)]
    quantity: Input,
}

impl BodyFields for PutAllocationRequest {
    type Parsed = u64;

    fn parse(self) -> Result<u64, Faults> {
        let mut faults = Faults::default();
        let quantity = faults.take("quantity", self.quantity.number(1));
        quantity.map(|quantity| quantity.unwrap_or(1)).ok_or(faults)
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE + [SubscriptionRequired, LimitExceeded]);

/// Allocate, or change the quantity
///
/// Allocates under a key of yours if the account's plan permits as much more. If the key is
/// allocated already, its quantity becomes the one of this request: only an increase is checked
/// against the limits, and the same quantity changes nothing.
#[utoipa::path(
    put, path = "/accounts/{account_id}/allocations/{meter}/{key}", tag = "Allocations", operation_id = "put_allocation",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(AccountPathParams, MeterPathParams, KeyPathParams),
    request_body = PutAllocationRequest,
    responses(
        (status = 201, description = "The new allocation.", body = AllocationBody, example = json!(super::example())),
        (status = 200, description = "The allocation, which existed already.", body = AllocationBody,
            example = json!(example_with(super::example(), [("quantity", 2.into())]))),
        Refusals,
    )
)]
pub(crate) async fn put_allocation(
    caller: Caller<Manager>,
    path: AllocationPath,
    body: Body<PutAllocationRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let AllocationPath { account, meter, key, location } = path;
    let quantity = body.parse_for(&caller, account, &state).await?;
    let (catalog, origin, now) = (state.catalog.get(), caller.origin(), state.now());
    let resource = format!("{meter}/{key}");
    let put = move |tx: &mut dyn WriteTx, actor: &Actor| {
        use_cases::put_allocation(tx, &catalog, account, (&meter, &key), quantity, &actor.attribution(&origin), now)
    };
    // A new row itself has its origin.
    let effect = move |put: &AllocationPut| {
        let has_changed = matches!(put, AllocationPut::Changed(_));
        has_changed.then(|| AuditedEffect::on(account, Action::AllocationChanged, &resource))
    };
    let put = caller.write(&state, account, now, put, effect).await?;
    let mut response = match put {
        AllocationPut::Created(_) => HttpResponse::Created(),
        AllocationPut::Changed(_) | AllocationPut::Unchanged(_) => HttpResponse::Ok(),
    };
    if matches!(put, AllocationPut::Created(_)) {
        response.insert_header((LOCATION, location));
    }
    Ok(json(&mut response, &AllocationBody::from(put.into_allocation())))
}
