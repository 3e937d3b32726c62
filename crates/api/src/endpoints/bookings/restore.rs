//! `POST /accounts/{account_id}/bookings/{booking_id}/restore`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{Action, Booking, use_cases};

use super::BookingBody;
use crate::AppState;
use crate::access::{AuditedEffect, Caller, Manager};
use crate::http::{BookingPath, IfMatch, NotChanged};
use crate::idempotency::StoredResponse;
use crate::openapi::{AccountPathParams, BookingPathParams, IdempotencyParams, IfMatchParams, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, ROLE, FIND, WRITE, VERSION, IDEMPOTENT + [SubscriptionRequired, BookingLimitExceeded]);

/// Restore a booking
///
/// Restores a removed booking if the account's plan permits one more on its day, or if the booking
/// still counts because it had begun when it was removed. A booking that is not removed stays
/// unchanged.
#[utoipa::path(
    post, path = "/accounts/{account_id}/bookings/{booking_id}/restore", tag = "Bookings", operation_id = "restore_booking",
    security(("password" = ["manager"]), ("program_key" = ["write"])),
    params(IdempotencyParams, IfMatchParams, AccountPathParams, BookingPathParams),
    responses(
        (status = 200, description = "The booking.",
            headers(("ETag")), body = BookingBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn restore_booking(
    caller: Caller<Manager>,
    BookingPath(account, id): BookingPath,
    if_match: IfMatch,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let (catalog, now) = (state.catalog.get(), state.now());
    caller
        .post(
            &state,
            account,
            now,
            move |tx, _| {
                if_match.check(|| {
                    tx.lock_account(account)?;
                    Ok(tx.find_booking(account, id)?.map(BookingBody::from))
                })?;
                use_cases::restore_booking(tx, &catalog, account, id, now).map_err(NotChanged::Refused)
            },
            move |(_, was_removed): &(Booking, bool)| {
                was_removed.then(|| AuditedEffect::on(account, Action::BookingRestored, &id))
            },
            |(booking, _)| StoredResponse::ok(&BookingBody::from(booking)),
        )
        .await
}
