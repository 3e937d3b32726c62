//! `DELETE /accounts/{account_id}/bookings/{booking_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::ports::WriteTx;
use domain::{Action, Actor, Booking, use_cases};

use super::BookingBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{BookingPath, IfMatch};
use crate::openapi::{AccountPathParams, BookingPathParams, IfMatchParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION);

/// Remove a booking
///
/// Removes a booking. One that has not begun stops counting immediately. One that has begun still
/// counts. A removed booking can be restored. Removing it again changes nothing.
#[utoipa::path(
    delete, path = "/accounts/{account_id}/bookings/{booking_id}", tag = "Bookings", operation_id = "remove_booking",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IfMatchParams, AccountPathParams, BookingPathParams),
    responses((status = 204, description = "The booking is removed."), Refusals)
)]
pub(crate) async fn remove_booking(
    caller: Caller<Manager>,
    BookingPath(account, id): BookingPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let now = state.now();
    let remove = move |tx: &mut dyn WriteTx, _: &Actor| {
        let is_expected = |it: &Booking| if_match.admits(|| BookingBody::from(it.clone()));
        use_cases::remove_booking(tx, account, id, is_expected, now)
    };
    let effect = move |was_removed: &bool| was_removed.then(|| AuditedEffect::on(account, Action::BookingRemoved, &id));
    caller.write(&state, account, now, remove, effect).await?;
    Ok(HttpResponse::NoContent().finish())
}
