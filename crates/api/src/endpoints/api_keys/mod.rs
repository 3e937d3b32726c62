//! The endpoints of API keys, and the response body that they share.

mod create;
mod find;
mod list;
mod revoke;

use domain::ApiKey;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::{Versioned, content_version};
use crate::openapi;

endpoints! {
    list::list_api_keys,
    create::create_api_key,
    find::find_api_key,
    revoke::revoke_api_key,
}

/// The credential of a program.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApiKey)]
pub(crate) struct ApiKeyBody {
    /// The key's id.
    #[schema(example = "key_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The key's name.
    #[schema(example = "Web shop")]
    name: String,
    /// The key's scope.
    #[schema(value_type = openapi::Scope)]
    scope: &'static str,
    /// The id of the one account that the key can access; null for all of the user's accounts.
    #[schema(required, example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: Option<String>,
    /// The time when the key expires, or null.
    #[schema(required, format = DateTime, example = "2027-03-29T08:00:00Z")]
    expires_at: Option<String>,
    /// The time of the last use, to the minute; null if the key was never used.
    #[schema(required, format = DateTime, example = "2026-03-30T08:00:00Z")]
    last_used_at: Option<String>,
    /// The time when the key was created.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
}

impl From<ApiKey> for ApiKeyBody {
    fn from(key: ApiKey) -> Self {
        Self {
            id: key.id.to_string(),
            name: key.name.to_string(),
            scope: key.scope.as_str(),
            account_id: key.account_id.map(|id| id.to_string()),
            expires_at: key.expires_at.map(|at| at.to_string()),
            last_used_at: key.last_used_at.map(|at| at.to_string()),
            created_at: key.created_at.to_string(),
        }
    }
}

impl Versioned for ApiKeyBody {
    fn version(&self) -> String {
        content_version(self)
    }
}

/// The example of an API key for the document.
fn example() -> Value {
    json!({
        "id": "key_01h455vb4pex5vsknk084sn02q", "name": "Web shop", "scope": "write", "account_id": null,
        "expires_at": null, "last_used_at": null, "created_at": "2026-03-29T08:00:00Z",
    })
}
