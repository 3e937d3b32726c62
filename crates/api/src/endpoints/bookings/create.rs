//! `POST /accounts/{account_id}/bookings`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Actor, BookingId, DryRun, Faults, NewBooking, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::super::holds::hold_id;
use super::BookingBody;
use crate::AppState;
use crate::access::{Caller, DryRunQuery, Manager};
use crate::http::{AccountPath, Body, BodyFields, Input};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, DryRunParams, IdempotencyParams, problems};
use crate::problem::Problem;

/// The fields of a new booking. All are optional.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewBooking, example = json!({"customer_name": "Ben"}))]
pub(crate) struct CreateBookingRequest {
    /// The time when the booking begins, RFC 3339 with an offset, from 1970 to 2199. Default: now.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    starts_at: Input,
    /// The customer's name, 1 to 100 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    customer_name: Input,
    /// The id of an active staff member of this account.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    staff_id: Input,
    /// Notes, 1 to 2000 characters.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    notes: Input,
    /// The id of a live hold of `bookings`, whose place is used.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    hold_id: Input,
}

impl BodyFields for CreateBookingRequest {
    type Parsed = NewBooking;

    fn parse(self) -> Result<NewBooking, Faults> {
        let mut faults = Faults::default();
        let starts_at = self.starts_at.get("starts_at", &mut faults);
        let customer_name = self.customer_name.get("customer_name", &mut faults);
        let staff_id = self.staff_id.get("staff_id", &mut faults);
        let notes = self.notes.get("notes", &mut faults);
        let hold_id = hold_id(&self.hold_id, &mut faults);
        let new = faults.finish(NewBooking::parse(starts_at, customer_name, staff_id, notes))?;
        Ok(NewBooking { hold_id, ..new })
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, IDEMPOTENT + [SubscriptionRequired, BookingLimitExceeded, LimitExceeded]);

/// Create a booking
///
/// Creates a booking if the account's plan permits one more on its day. The limit is exact, also
/// under concurrent requests. It applies per account and day, not per staff member. The day is that
/// of `starts_at` in the account's time zone.
#[utoipa::path(
    post, path = "/accounts/{account_id}/bookings", tag = "Bookings", operation_id = "create_booking",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, DryRunParams, AccountPathParams),
    request_body = CreateBookingRequest,
    responses(
        (status = 201, description = "The new booking. It is durable on disk.",
            body = BookingBody,
            example = json!(super::example())),
        (status = 200, description = "The booking as it would be (dry run).", body = BookingBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn create_booking(
    caller: Caller<Manager>,
    AccountPath(account): AccountPath,
    dry_run: DryRunQuery,
    body: Body<CreateBookingRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let is_dry_run = dry_run.parse_for(&caller, account, &state).await?;
    let new = body.parse_for(&caller, account, &state).await?;
    let (catalog, clock) = (state.catalog.get(), state.clock());
    let (id, origin, now) = (BookingId::from_uuid(state.next_uuid()), caller.origin(), state.now());
    if is_dry_run {
        let create = move |tx: &mut DryRun<'_>, actor: &Actor| {
            use_cases::create_booking(tx, &catalog, account, &new, id, &actor.attribution(&origin), now)
        };
        return caller.dry_run(&state, account, create, BookingBody::from).await;
    }
    caller
        .post(
            &state,
            account,
            now,
            move |tx, actor| {
                let now = clock.now();
                use_cases::create_booking(tx, &catalog, account, &new, id, &actor.attribution(&origin), now)
            },
            // The row itself has its origin.
            |_| None,
            move |booking| {
                StoredResponse::created(format!("/accounts/{account}/bookings/{id}"), &BookingBody::from(booking))
            },
        )
        .await
}
