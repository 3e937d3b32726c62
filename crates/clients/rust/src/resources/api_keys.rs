//! API keys of the caller, who has to be logged in.

use domain::{AccountId, ApiKeyId, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use std::fmt;

use crate::call::Call;
use crate::pages::List;
use crate::request::Request;
use crate::transport::Transport;

/// An API key.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ApiKey {
    /// The id.
    pub id: ApiKeyId,
    /// The name.
    pub name: String,
    /// What it permits.
    pub scope: Scope,
    /// The account to which it is restricted.
    pub account_id: Option<AccountId>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// When it was used last, exact to a minute.
    pub last_used_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

/// A new API key with its secret, which is in no other answer.
#[derive(Clone, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct CreatedApiKey {
    /// The key.
    #[serde(flatten)]
    pub key: ApiKey,
    /// The secret, for [`ClientBuilder::token`](crate::ClientBuilder::token).
    pub secret: String,
}

/// Without the secret.
impl fmt::Debug for CreatedApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedApiKey").field("key", &self.key).finish_non_exhaustive()
    }
}

/// The fields of a new API key.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct NewApiKey {
    /// The name.
    pub name: String,
    /// What it permits.
    pub scope: Scope,
    /// The account to restrict it to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<AccountId>,
    /// When it expires; never by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl NewApiKey {
    /// A key that does not expire, for all accounts of its user.
    #[must_use]
    pub fn new(name: impl Into<String>, scope: Scope) -> Self {
        Self { name: name.into(), scope, account_id: None, expires_at: None }
    }
}

/// The operations on the caller's API keys.
#[derive(Clone, Debug)]
pub struct ApiKeys(pub(crate) Transport);

impl ApiKeys {
    /// Creates a key.
    pub fn create(&self, new: &NewApiKey) -> Request<CreatedApiKey> {
        Request::with_json(&self.0, Call::post(&["api-keys"]), new)
    }

    /// The keys, the newest first.
    pub fn list(&self) -> List<ApiKey> {
        List::new(&self.0, Call::get(&["api-keys"]))
    }

    /// A key.
    pub fn find(&self, id: ApiKeyId) -> Request<ApiKey> {
        Request::new(&self.0, Call::get(&["api-keys", &id.to_string()]))
    }

    /// Revokes a key.
    pub fn revoke(&self, id: ApiKeyId) -> Request<()> {
        Request::new(&self.0, Call::delete(&["api-keys", &id.to_string()]))
    }
}
