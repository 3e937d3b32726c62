//! The audit log of an account.

use domain::{ApiKeyId, AuditEntryId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// An entry of the audit log.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AuditEntry {
    /// The id.
    pub id: AuditEntryId,
    /// What was done, such as `subscription.changed`. A later release may have more actions.
    pub action: String,
    /// The id of what was changed.
    pub resource: String,
    /// The user who did it.
    pub user_id: UserId,
    /// The API key with which they did it.
    pub api_key_id: Option<ApiKeyId>,
    /// The address of their client.
    pub address: Option<String>,
    /// The id of the request.
    pub request_id: String,
    /// When.
    pub created_at: Timestamp,
}
