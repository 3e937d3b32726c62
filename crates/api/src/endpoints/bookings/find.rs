//! `GET /accounts/{account_id}/bookings/{booking_id}`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::use_cases;

use super::BookingBody;
use crate::AppState;
use crate::access::{Caller, Viewer};
use crate::http::{BookingPath, Conditions};
use crate::openapi::{ConditionParams, NotModified, problems};
use crate::problem::Problem;

problems!(Refusals: ANY, TOKEN, FIND, VERSION);

/// Get a booking
///
/// Within its own account only.
#[utoipa::path(
    get, path = "/accounts/{account_id}/bookings/{booking_id}", tag = "Bookings", operation_id = "find_booking",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(
        ConditionParams,
        ("account_id" = String, Path, description = "The account's id.", example = "acct_01h455vb4pex5vsknk084sn02q"),
        ("booking_id" = String, Path, description = "The booking's id.", example = "bkg_01h455vb4pex5vsknk084sn02q"),
    ),
    responses(
        (status = 200, description = "The booking.",
            headers(("ETag")), body = BookingBody,
            example = json!({"id": "bkg_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
                "day": "2026-03-29", "starts_at": "2026-03-29T08:00:00Z", "customer_name": "Ben", "staff_id": null,
                "notes": null, "created_at": "2026-03-20T12:34:56.789012Z",
                "created_by": "user_01h455vb4pex5vsknk084sn02q", "deleted_at": null})),
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
