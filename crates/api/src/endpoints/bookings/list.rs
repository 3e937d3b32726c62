//! `GET /accounts/{account_id}/bookings`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{BookingFilter, BookingPosition};
use utoipa::IntoParams;

use super::BookingBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::{AccountPath, Parameters, faulty};
use crate::openapi::{AccountPathParams, PageParams, example_list, list_of, problems};
use crate::problem::Problem;

/// The filter of the list. Bookings match all parameters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what filter reads")]
struct BookingParams {
    /// The first day, `YYYY-MM-DD`.
    #[param(required = false, format = Date)]
    from: Option<String>,
    /// The last day, `YYYY-MM-DD`, not before `from`.
    #[param(required = false, format = Date)]
    to: Option<String>,
    /// The id of the staff member.
    #[param(required = false)]
    staff_id: Option<String>,
    /// `true` to include removed bookings. Default: false.
    #[param(required = false)]
    include_deleted: Option<bool>,
}

fn filter(query: &mut Parameters) -> Result<BookingFilter, Problem> {
    let (from, to) = (query.day("from")?, query.day("to")?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(faulty("The day from is not after the day to."));
    }
    let staff_id = query.parse("staff_id", "the id of a staff member")?;
    Ok(BookingFilter { from, to, staff_id, include_deleted: query.flag("include_deleted")? })
}

list_of!(BookingList: BookingBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the bookings
///
/// Lists bookings by day, the latest day first, and within a day the newest booking first. The day
/// is the booking's `day`. A page may have fewer bookings than `limit` and still have a
/// `next_cursor`.
#[utoipa::path(
    get, path = "/accounts/{account_id}/bookings", tag = "Bookings", operation_id = "list_bookings",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, BookingParams, PageParams),
    responses(
        (status = 200, description = "The bookings.", body = BookingList,
            example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_bookings(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let list = format!("bookings {account}");
    let (page, filter) = page.filtered::<BookingPosition, _, _>(list, &caller, account, &state, filter).await?;
    let (after, max) = (page.after, page.max());
    let bookings = caller.read(&state, account, move |tx, _| tx.list_bookings(account, &filter, after, max)).await?;
    page.respond_bounded(&state, bookings, BookingBody::from)
}
