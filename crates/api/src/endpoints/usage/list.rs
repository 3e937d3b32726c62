//! `GET /accounts/{account_id}/usage`.

use std::fmt;
use std::str::FromStr;

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::UsageFilter;
use domain::ports::{Page, UsagePosition};
use utoipa::IntoParams;

use super::UsageRecordBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::{AccountPath, Parameters, faulty};
use crate::openapi::{AccountPathParams, PageParams, example_list, list_of, problems};
use crate::problem::Problem;

/// The filter of the list. Usage records match all parameters.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what filter reads")]
struct UsageParams {
    /// The meter, such as `sms`.
    #[param(required = false)]
    meter: Option<String>,
    /// The first day, `YYYY-MM-DD`.
    #[param(required = false, format = Date)]
    from: Option<String>,
    /// The last day, `YYYY-MM-DD`, not before `from`.
    #[param(required = false, format = Date)]
    to: Option<String>,
}

fn filter(query: &mut Parameters) -> Result<UsageFilter, Problem> {
    let meter = query.parse("meter", "the key of a meter")?;
    let (from, to) = (query.day("from")?, query.day("to")?);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        return Err(faulty("The day from is not after the day to."));
    }
    Ok(UsageFilter { meter, from, to })
}

/// A position in the list, in a cursor: the day and the id.
struct Position(UsagePosition);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (day, id) = self.0;
        write!(f, "{day}_{id}")
    }
}

impl FromStr for Position {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (day, id) = text.split_once('_').ok_or(())?;
        Ok(Self((day.parse().map_err(drop)?, id.parse().map_err(drop)?)))
    }
}

list_of!(UsageRecordList: UsageRecordBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the usage records
///
/// Lists usage records by day, the latest day first, and within a day the newest record first. The
/// day is that of `at`, in the time zone that the account had when the usage was recorded. A page
/// may have fewer records than `limit` and still have a `next_cursor`.
#[utoipa::path(
    get, path = "/accounts/{account_id}/usage", tag = "Usage", operation_id = "list_usage",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, UsageParams, PageParams),
    responses(
        (status = 200, description = "The usage records.", body = UsageRecordList,
            example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_usage(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let list = format!("usage {account}");
    let (page, filter) = page.filtered::<Position, _, _>(list, &caller, account, &state, filter).await?;
    let (after, max) = (page.after.as_ref().map(|after| after.0), page.max());
    let records =
        caller.read(&state, account, move |tx, _| tx.list_usage_records(account, &filter, after, max)).await?;
    let records = Page { items: records.items, next: records.next.map(Position) };
    page.respond_bounded(&state, records, UsageRecordBody::from)
}
