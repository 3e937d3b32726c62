//! `GET /accounts/{account_id}/bookings/{booking_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::use_cases;

use super::BookingBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{BookingPath, Conditions};
use crate::openapi::{AccountPathParams, BookingPathParams, ConditionParams, NotModified, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get a booking
///
/// Returns a booking of the account.
#[utoipa::path(
    get, path = "/accounts/{account_id}/bookings/{booking_id}", tag = "Bookings", operation_id = "find_booking",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(ConditionParams, AccountPathParams, BookingPathParams),
    responses(
        (status = 200, description = "The booking.",
            headers(("ETag")), body = BookingBody,
            example = json!(super::example())),
        NotModified,
        Refusals,
    )
)]
pub(crate) async fn find_booking(
    caller: Caller<Viewer>,
    BookingPath(account, id): BookingPath,
    conditions: Conditions,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let booking = caller.read(&state, account, move |tx, _| use_cases::find_booking(tx, account, id)).await?;
    conditions.respond(&BookingBody::from(booking))
}
