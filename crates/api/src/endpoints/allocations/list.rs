//! `GET /accounts/{account_id}/allocations/{meter}`.

use std::fmt;
use std::str::FromStr;

use actix_web::HttpResponse;
use actix_web::web::Data;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use domain::{Allocation, AllocationKey, UnknownWord};
use utoipa::ToSchema;

use super::AllocationBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::AllocationsPath;
use crate::openapi::{AccountPathParams, MeterPathParams, PageParams, example_list, problems};
use crate::problem::Problem;

/// A page of allocations, by ascending key.
#[derive(ToSchema)]
#[expect(dead_code, reason = "it describes what PageRequest answers")]
struct AllocationList {
    /// The items.
    data: Vec<AllocationBody>,
    /// The `cursor` of the next page; null on the last page.
    #[schema(required)]
    next_cursor: Option<String>,
}

/// A key as a cursor has it: in characters that a URL takes as they are.
struct KeyPosition(AllocationKey);

impl fmt::Display for KeyPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&URL_SAFE_NO_PAD.encode(self.0.as_str()))
    }
}

impl FromStr for KeyPosition {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| UnknownWord)?;
        let key = String::from_utf8(bytes).map_err(|_| UnknownWord)?;
        AllocationKey::parse(&key).map(Self).map_err(|_| UnknownWord)
    }
}

problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the allocations of a meter
///
/// Lists what exists of the meter, by ascending key.
#[utoipa::path(
    get, path = "/accounts/{account_id}/allocations/{meter}", tag = "Allocations", operation_id = "list_allocations",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, MeterPathParams, PageParams),
    responses(
        (status = 200, description = "The allocations.", body = AllocationList,
            example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_allocations(
    caller: Caller<Viewer>,
    AllocationsPath(account, meter): AllocationsPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<KeyPosition, _>(format!("allocations {account} {meter}"), &caller, account, &state).await?;
    let (after, max) = (page.after.as_ref().map(|after| after.0.clone()), page.read_max());
    let list = caller.read(&state, account, move |tx, _| tx.list_allocations(account, &meter, after.as_ref(), max));
    let key = |allocation: &Allocation| KeyPosition(allocation.key.clone());
    page.respond(&state, list.await?, key, AllocationBody::from)
}
