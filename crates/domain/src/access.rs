//! Access control: roles within an account, scopes of API keys, credentials and actors.

use jiff::{SignedDuration, Timestamp};

use crate::words::words;
use crate::{AccountId, ApiKeyId, Attribution, Name, Origin, SecretHash, SessionId, UserId, Username};

words!(
    /// What a member may do in an account. Each role includes those before it.
    Role {
        /// Read everything except the audit log.
        Viewer = "viewer",
        /// Also change staff, bookings and the subscription.
        Manager = "manager",
        /// Also change members and read the audit log.
        Owner = "owner",
    }
);

words!(
    /// What an API key may be used for. Each scope includes those before it.
    Scope {
        /// Read.
        Read = "read",
        /// Also act as a [`Role::Manager`].
        Write = "write",
        /// Also act as a [`Role::Owner`] and as an operator.
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

/// A user's membership in an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Member {
    /// The account.
    pub account_id: AccountId,
    /// Who.
    pub user_id: UserId,
    /// The user's name.
    pub username: Username,
    /// Their role.
    pub role: Role,
    /// Whether they were made an owner by another user and have not accepted yet.
    pub is_pending: bool,
    /// When they became a member.
    pub created_at: Timestamp,
}

/// The most unexpired API keys of one user.
pub const API_KEYS_MAX: usize = 50;

/// How long an expired API key is still listed, so that its user sees why it is refused.
pub const EXPIRED_API_KEYS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(720);

/// The most expired API keys still listed for one user. Those that expired first are removed.
pub const EXPIRED_API_KEYS_MAX: usize = 50;

/// A key with which a program acts on behalf of the user who created it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiKey {
    /// Its id.
    pub id: ApiKeyId,
    /// The user on whose behalf it acts.
    pub user_id: UserId,
    /// Its name.
    pub name: Name,
    /// The hash of its secret.
    pub secret: SecretHash,
    /// Its scope.
    pub scope: Scope,
    /// The only account it may be used for; `None` for every account of the user.
    pub account_id: Option<AccountId>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it expires, if ever.
    pub expires_at: Option<Timestamp>,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

/// What a caller authenticates with. Whether it is still valid is looked up in the same unit of
/// work as its use.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub enum Credential {
    /// An access token with a valid signature. Its session may have ended since it was signed.
    Session {
        /// The session it belongs to.
        id: SessionId,
        /// The user of the session.
        user_id: UserId,
    },
    /// An API key.
    ApiKey {
        /// The id of the key.
        id: ApiKeyId,
        /// The hash of the secret that was presented.
        secret: SecretHash,
    },
}

/// An authenticated caller.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Actor {
    /// The user who acts, or on whose behalf the key acts.
    pub user_id: UserId,
    /// The API key that was used; `None` for a session.
    pub api_key: Option<ApiKeyId>,
    /// The most that is permitted. A session has the widest scope.
    pub scope: Scope,
    /// The only account that may be acted on; `None` for every account of the user.
    pub account_id: Option<AccountId>,
    /// Whether the recorded last use of the API key is old enough to be updated.
    pub is_due_to_be_noted: bool,
}

impl Actor {
    /// A user who acts without an API key: their roles alone decide.
    #[must_use]
    pub const fn of_user(user_id: UserId) -> Self {
        Self { user_id, api_key: None, scope: Scope::Admin, account_id: None, is_due_to_be_noted: false }
    }

    /// The attribution of a row that this actor creates, in a request from `origin`.
    #[must_use]
    pub fn attribution(&self, origin: &Origin) -> Attribution {
        Attribution { user_id: self.user_id, api_key: self.api_key, origin: origin.clone() }
    }
}
