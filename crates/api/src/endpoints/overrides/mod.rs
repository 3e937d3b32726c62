//! The endpoints of overrides, and the response body that they share.

mod put;
mod remove;

use domain::error::StorageError;
use domain::ports::WriteTx;
use domain::{AccountId, Metric, Override};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::{Versioned, content_version};
use crate::problem::{Code, Problem};

endpoints! {
    put::put_override,
    remove::remove_override,
}

/// An override: a limit of one account that replaces its plan's limit, set by an operator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Override)]
pub(crate) struct OverrideBody {
    /// The limit; null means unlimited.
    #[schema(required, format = Int64, example = 4)]
    limit: Option<u64>,
    /// The reason for the override.
    #[schema(example = "Trial until the autumn")]
    reason: String,
    /// The time when the override expires, or null.
    #[schema(required, format = DateTime, example = "2026-09-01T00:00:00Z")]
    expires_at: Option<String>,
    /// The id of the operator who set the override.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
    /// The time when the override was set.
    #[schema(format = DateTime, example = "2026-03-20T12:34:56.789012Z")]
    created_at: String,
}

impl From<&Override> for OverrideBody {
    fn from(it: &Override) -> Self {
        Self {
            limit: it.limit.max(),
            reason: it.reason.to_string(),
            expires_at: it.expires_at.map(|at| at.to_string()),
            created_by: it.created_by.to_string(),
            created_at: it.created_at.to_string(),
        }
    }
}

impl Versioned for OverrideBody {
    fn version(&self) -> String {
        content_version(self)
    }
}

/// Adds to the refusal that an operator can set overrides, because no role in the account permits
/// it.
fn refer_to_operator(refusal: Problem) -> Problem {
    if refusal.code == Code::Forbidden {
        return refusal.with_detail("Only an operator can override the limits of an account: ask one.");
    }
    refusal
}

/// The override, locked until the unit of work ends.
fn find_locked(
    tx: &mut dyn WriteTx,
    account: AccountId,
    metric: &Metric,
) -> Result<Option<OverrideBody>, StorageError> {
    let account = tx.lock_account(account)?;
    let overrides = account.iter().flat_map(|account| account.overrides.iter());
    Ok(overrides.into_iter().find(|given| given.metric == *metric).map(OverrideBody::from))
}

/// The example of an override for the document.
fn example() -> Value {
    json!({
        "limit": 4, "reason": "Trial until the autumn", "expires_at": "2026-09-01T00:00:00Z",
        "created_by": "user_01h455vb4pex5vsknk084sn02q", "created_at": "2026-03-20T12:34:56.789012Z",
    })
}
