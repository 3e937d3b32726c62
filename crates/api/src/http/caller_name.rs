//! The caller's id in the log and in idempotency records.

use std::fmt;

use domain::{ApiKeyId, Credential, UserId};

/// The caller in the log: an id, never a secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum CallerName {
    User(UserId),
    ApiKey(ApiKeyId),
}

impl From<&Credential> for CallerName {
    fn from(credential: &Credential) -> Self {
        match credential {
            Credential::Session { user_id, .. } => Self::User(*user_id),
            Credential::ApiKey { id, .. } => Self::ApiKey(*id),
        }
    }
}

impl fmt::Display for CallerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => id.fmt(f),
            Self::ApiKey(id) => id.fmt(f),
        }
    }
}
