//! `GET /accounts/{account_id}/audit`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{AuditEntry, AuditEntryId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::access::{Caller, Owner, PageQuery};
use crate::http::AccountPath;
use crate::openapi::{PageParams, list_of, problems};
use crate::problem::Problem;

/// Who did what, to what, when, from where.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditEntryBody {
    /// The entry's id.
    #[schema(example = "audit_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// What was done.
    #[schema(example = "booking.changed")]
    action: &'static str,
    /// The id of what it was done to.
    #[schema(example = "bkg_01h455vb4pex5vsknk084sn02q")]
    resource: String,
    /// Who did it.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    user_id: String,
    /// The API key they did it with, or null.
    #[schema(required)]
    api_key_id: Option<String>,
    /// The address that the request came from, or null if it is not known.
    #[schema(required, example = "203.0.113.7")]
    address: Option<String>,
    /// The request's id, as in its `X-Request-Id`.
    #[schema(example = "0195b1e0c5f27a4e8a3f6d2b9c1e7f04")]
    request_id: String,
    /// When.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
}

impl From<AuditEntry> for AuditEntryBody {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id.to_string(),
            action: entry.action.as_str(),
            resource: entry.resource.into(),
            user_id: entry.user_id.to_string(),
            api_key_id: entry.api_key.map(|key| key.to_string()),
            address: entry.origin.address.map(|address| address.to_string()),
            request_id: entry.origin.request_id.into(),
            created_at: entry.created_at.to_string(),
        }
    }
}

list_of!(AuditList: AuditEntryBody);
problems!(Refusals: ANY, TOKEN, ROLE, PAGE, FIND);

/// List the audit entries
///
/// Everything that changed something in the account, the newest first, but for the creation of
/// bookings and staff members: these show their `created_by` themselves. Each entry was written
/// together with what it is about, and none is ever changed.
#[utoipa::path(
    get, path = "/accounts/{account_id}/audit", tag = "Accounts", operation_id = "list_audit",
    security(("password" = ["owner"]), ("program_key" = ["admin"])),
    params(("account_id" = String, Path, description = "The account's id.", example = "acct_01h455vb4pex5vsknk084sn02q"), PageParams),
    responses(
        (status = 200, description = "The entries.", body = AuditList,
            example = json!({"data": [{"id": "audit_01h455vb4pex5vsknk084sn02q", "action": "booking.changed",
                "resource": "bkg_01h455vb4pex5vsknk084sn02q", "user_id": "user_01h455vb4pex5vsknk084sn02q",
                "api_key_id": null, "address": "203.0.113.7", "request_id": "0195b1e0c5f27a4e8a3f6d2b9c1e7f04",
                "created_at": "2026-03-29T08:00:00Z"}], "next_cursor": null})),
        Refusals,
    )
)]
pub(crate) async fn list_audit(
    caller: Caller<Owner>,
    AccountPath(account): AccountPath,
    page: PageQuery,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let page = page.of::<AuditEntryId, _>(format!("audit {account}"), &caller, account, &state).await?;
    let (after, max) = (page.after, page.read_max());
    let entries = caller.read(&state, account, move |tx, _| tx.list_audit(account, after, max)).await?;
    page.respond(&state, entries, |entry| entry.id, AuditEntryBody::from)
}
