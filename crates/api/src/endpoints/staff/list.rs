//! `GET /accounts/{account_id}/staff`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::StaffId;
use utoipa::IntoParams;

use super::StaffMemberBody;
use crate::AppState;
use crate::access::{Caller, PageQuery, Viewer};
use crate::http::AccountPath;
use crate::openapi::{AccountPathParams, PageParams, example_list, list_of, problems};
use crate::problem::Problem;

/// The filter of the list.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it describes what list_staff reads")]
struct StaffParams {
    /// `true` to include removed staff members. Default: false.
    #[param(required = false)]
    include_deleted: Option<bool>,
}

list_of!(StaffList: StaffMemberBody);
problems!(Refusals: ANY, TOKEN, PAGE, FIND);

/// List the staff members
///
/// Lists the staff members of the account, the newest first.
#[utoipa::path(
    get, path = "/accounts/{account_id}/staff", tag = "Staff", operation_id = "list_staff",
    security(("password" = ["viewer"]), ("program_key" = ["read"])),
    params(AccountPathParams, StaffParams, PageParams),
    responses(
        (status = 200, description = "The staff members.", body = StaffList,
            example = json!(example_list(super::example()))),
        Refusals,
    )
)]
pub(crate) async fn list_staff(
    caller: Caller<Viewer>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let list = format!("staff {account}");
    let page = page.filtered::<StaffId, _, _>(list, &caller, account, &state, |query| query.flag("include_deleted"));
    let (page, include_deleted) = page.await?;
    let (after, max) = (page.after, page.read_max());
    let staff = caller.read(&state, account, move |tx, _| tx.list_staff(account, include_deleted, after, max)).await?;
    page.respond(&state, staff, |member| member.id, StaffMemberBody::from)
}
