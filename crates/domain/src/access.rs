//! Who may do what: roles within an account, scopes of API keys, and what a caller proves.

use jiff::{SignedDuration, Timestamp};

use crate::words::words;
use crate::{AccountId, ApiKeyId, Attribution, Name, Origin, SecretHash, SessionId, UserId, Username};

words!(
    /// What a member may do in an account; each may all that those before it may.
    Role {
        /// Look at everything but the audit.
        Viewer = "viewer",
        /// Besides, change staff, bookings and the subscription.
        Manager = "manager",
        /// Besides, change the members and read the audit.
        Owner = "owner",
    }
);

words!(
    /// What an API key may be used for; each for all that those before it may.
    Scope {
        /// Look at things.
        Read = "read",
        /// Besides, do what a [`Role::Manager`] may.
        Write = "write",
        /// Besides, do what a [`Role::Owner`] and an operator may.
        Admin = "admin",
    }
);

impl Role {
    /// The scope that an API key needs to act in this role.
    #[must_use]
    pub const fn scope(self) -> Scope {
        match self {
            Self::Viewer => Scope::Read,
            Self::Manager => Scope::Write,
            Self::Owner => Scope::Admin,
        }
    }
}

/// A user's part in an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// The account.
    pub account_id: AccountId,
    /// Who.
    pub user_id: UserId,
    /// What they are called.
    pub username: Username,
    /// What they may do.
    pub role: Role,
    /// Whether another user made them an owner, and they have not accepted yet.
    pub is_pending: bool,
    /// Since when they are a member.
    pub created_at: Timestamp,
}

/// How many API keys that have not expired a user has at most.
pub const API_KEYS_MAX: usize = 50;

/// How long an API key that has expired is still listed, so that its user sees why it is refused.
pub const EXPIRED_API_KEYS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

/// How many API keys that have expired are still listed for each user. Those that expired first are removed.
pub const EXPIRED_API_KEYS_MAX: usize = 50;

/// A key that a program acts with, on behalf of the user who made it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// On whose behalf.
    pub user_id: UserId,
    /// What it is called.
    pub name: Name,
    /// What its secret is recognised by.
    pub secret: SecretHash,
    /// What it may be used for.
    pub scope: Scope,
    /// The only account that it may be used for; `None` for all that the user may.
    pub account_id: Option<AccountId>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a caller shows. Whether it is still good is for the store to say, in the same unit as what it is shown for.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Credential {
    /// An access token, good but for what may have happened since it was signed.
    Session {
        /// The login it goes back to.
        id: SessionId,
        /// Who logged in.
        user_id: UserId,
    },
    /// An API key.
    ApiKey {
        /// The key it claims to be.
        id: ApiKeyId,
        /// What proves it.
        secret: SecretHash,
    },
}

/// Who acts, found to be good.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Actor {
    /// Who, or on whose behalf.
    pub user_id: UserId,
    /// The API key they act with; `None` for a login.
    pub api_key: Option<ApiKeyId>,
    /// What they may at most; a login may everything that its user may.
    pub scope: Scope,
    /// The only account that they may act on; `None` for all that the user may.
    pub account_id: Option<AccountId>,
    /// Whether the API key was last used so long ago that this use should be noted.
    pub is_due_to_be_noted: bool,
}

impl Actor {
    /// What a row says of its creation by this actor, with a request that came from `origin`.
    #[must_use]
    pub fn attribution(&self, origin: &Origin) -> Attribution {
        Attribution { user_id: self.user_id, api_key: self.api_key, origin: origin.clone() }
    }
}
