//! `GET /accounts/{account_id}/audit`.

use actix_web::HttpResponse;
use actix_web::web::Data;
use domain::{AuditEntry, AuditEntryId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::AppState;
use crate::access::{Caller, Owner, PageQuery};
use crate::http::AccountPath;
use crate::openapi::{AccountPathParams, PageParams, list_of, problems};
use crate::problem::Problem;

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AuditEntry)]
pub(crate) struct AuditEntryBody {
    /// The entry's id.
    #[schema(example = "audit_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The action.
    #[schema(example = "booking.changed")]
    action: &'static str,
    /// The id of the resource that was changed.
    #[schema(example = "bkg_01h455vb4pex5vsknk084sn02q")]
    resource: String,
    /// The id of the user who made the change.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    user_id: String,
    /// The id of the API key that the request used, or null.
    #[schema(required)]
    api_key_id: Option<String>,
    /// The IP address of the client, or null if unknown.
    #[schema(required, example = "203.0.113.7")]
    address: Option<String>,
    /// The request's id, as in its `X-Request-Id`.
    #[schema(example = "0195b1e0c5f27a4e8a3f6d2b9c1e7f04")]
    request_id: String,
    /// The time of the change.
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
/// Lists all changes in the account, the newest first. The creation of bookings and staff members
/// has no entry: these resources have `created_by`. Each entry commits together with its change.
/// Entries are immutable.
#[utoipa::path(
    get, path = "/accounts/{account_id}/audit", tag = "Accounts", operation_id = "list_audit",
    security(("password" = ["owner"]), ("program_key" = ["admin"])),
    params(AccountPathParams, PageParams),
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
