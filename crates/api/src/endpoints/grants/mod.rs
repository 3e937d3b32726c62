//! The endpoints of grants, and the response body that they share.

mod create;
mod find;
mod list;
mod remove;

use domain::{AccountId, Grant};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::{Versioned, content_version};
use crate::problem::{Code, Problem};

endpoints! {
    list::list_grants,
    create::create_grant,
    find::find_grant,
    remove::remove_grant,
}

/// A grant: a quantity that an operator added to a limit of one account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Grant)]
pub(crate) struct GrantBody {
    /// The grant's id.
    #[schema(example = "grant_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The id of the grant's account.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// The metric, such as `staff`.
    #[schema(example = "staff")]
    metric: String,
    /// How many more are permitted.
    #[schema(example = 5)]
    quantity: u64,
    /// The reason for the grant.
    #[schema(example = "Add-on")]
    reason: String,
    /// What the grant is called elsewhere, such as an invoice, or null.
    #[schema(required, example = "in_123")]
    reference: Option<String>,
    /// The time when the grant expires, or null.
    #[schema(required, format = DateTime, example = "2026-09-01T00:00:00Z")]
    expires_at: Option<String>,
    /// The id of the operator who made the grant.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
    /// The time when the grant was made.
    #[schema(format = DateTime, example = "2026-03-20T12:34:56.789012Z")]
    created_at: String,
}

impl GrantBody {
    fn new(account: AccountId, grant: &Grant) -> Self {
        Self {
            id: grant.id.to_string(),
            account_id: account.to_string(),
            metric: grant.metric.to_string(),
            quantity: grant.quantity,
            reason: grant.reason.to_string(),
            reference: grant.reference.as_ref().map(ToString::to_string),
            expires_at: grant.expires_at.map(|at| at.to_string()),
            created_by: grant.created_by.to_string(),
            created_at: grant.created_at.to_string(),
        }
    }
}

impl Versioned for GrantBody {
    fn version(&self) -> String {
        content_version(self)
    }
}

/// Adds to the refusal that an operator can make and remove grants, because no role in the account
/// permits it.
fn refer_to_operator(refusal: Problem) -> Problem {
    if refusal.code == Code::Forbidden {
        return refusal.with_detail("Only an operator can make and remove grants: ask one.");
    }
    refusal
}

/// The example of a grant for the document.
fn example() -> Value {
    json!({
        "id": "grant_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
        "metric": "staff", "quantity": 5, "reason": "Add-on", "reference": "in_123",
        "expires_at": "2026-09-01T00:00:00Z", "created_by": "user_01h455vb4pex5vsknk084sn02q",
        "created_at": "2026-03-20T12:34:56.789012Z",
    })
}
