//! `PATCH /accounts/{account_id}/bookings/{booking_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, Booking, BookingPatch, Faults, use_cases};
use serde::Deserialize;
use utoipa::ToSchema;

use super::BookingBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{Body, BodyFields, BookingPath, IfMatch, Input, tagged};
use crate::openapi::{AccountPathParams, BookingPathParams, IfMatchParams, example_with, problems};
use crate::problem::Problem;

/// The fields to change. Absent fields keep their values.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BookingPatch, example = json!({"notes": "First visit"}))]
pub(crate) struct ChangeBookingRequest {
    /// The time when the booking begins, RFC 3339 with an offset, from 1970 to 2199.
    #[serde(default)]
    #[schema(value_type = String, format = DateTime)]
    starts_at: Input,
    /// The customer's name, 1 to 100 characters; null to clear it.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 100)]
    customer_name: Input,
    /// The id of an active staff member of this account; null to clear it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    staff_id: Input,
    /// Notes, 1 to 2000 characters; null to clear them.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 2000)]
    notes: Input,
}

impl BodyFields for ChangeBookingRequest {
    type Parsed = BookingPatch;

    fn parse(self) -> Result<BookingPatch, Faults> {
        let mut faults = Faults::default();
        let starts_at = self.starts_at.replacement("starts_at", &mut faults);
        let customer_name = self.customer_name.change("customer_name", &mut faults);
        let staff_id = self.staff_id.change("staff_id", &mut faults);
        let notes = self.notes.change("notes", &mut faults);
        faults.finish(BookingPatch::parse(starts_at, customer_name, staff_id, notes))
    }
}

problems!(Refusals: ANY, TOKEN, ROLE, BODY, VALIDATION, FIND, WRITE, VERSION
    + [Conflict, SubscriptionRequired, BookingLimitExceeded]);

/// Change a booking
///
/// Absent fields keep their values. A new `starts_at` reschedules a booking that has not begun, if
/// the plan permits one more on the new day. The booking then counts on the new day and no longer
/// on the old one. The limit does not apply to a change within the same day.
#[utoipa::path(
    patch, path = "/accounts/{account_id}/bookings/{booking_id}", tag = "Bookings", operation_id = "change_booking",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IfMatchParams, AccountPathParams, BookingPathParams),
    request_body = ChangeBookingRequest,
    responses(
        (status = 200, description = "The changed booking.",
            headers(("ETag")), body = BookingBody,
            example = json!(example_with(super::example(), [
                ("day", "2026-03-30".into()), ("starts_at", "2026-03-30T08:00:00Z".into()), ("notes", "First visit".into()),
            ]))),
        Refusals,
    )
)]
pub(crate) async fn change_booking(
    caller: Caller<Manager>,
    BookingPath(account, id): BookingPath,
    if_match: IfMatch,
    body: Body<ChangeBookingRequest>,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let patch = body.parse_for(&caller, account, &state).await?;
    let (catalog, now) = (state.catalog.get(), state.now());
    let change = move |tx: &mut dyn WriteTx, _: &Actor| {
        let is_expected = |booking: &Booking| if_match.admits(|| BookingBody::from(booking.clone()));
        use_cases::change_booking(tx, &catalog, account, id, &patch, is_expected, now)
    };
    let effect = move |(_, has_changed): &(Booking, bool)| {
        has_changed.then(|| AuditedEffect::on(account, Action::BookingChanged, &id))
    };
    let (booking, _) = caller.write(&state, account, now, change, effect).await?;
    Ok(tagged(&BookingBody::from(booking)))
}
