//! Users, and the sessions that they log in to.

use std::fmt;

use jiff::Timestamp;

use crate::{PasswordHash, SessionId, UserId, Username};

/// Somebody who can log in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// What they are called.
    pub username: Username,
    /// What their password is checked against.
    pub password: PasswordHash,
    /// Whether they may act on every account.
    pub is_operator: bool,
    /// Whether they are shut out.
    pub is_disabled: bool,
    /// When they registered.
    pub created_at: Timestamp,
}

/// One login of a user, through all its refreshed tokens. A session that is not there has been revoked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// Who logged in.
    pub user_id: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it ends, unless it is refreshed before.
    pub expires_at: Timestamp,
}

/// The SHA-256 of a secret of at least 128 random bits: nothing that could be guessed, so no password hash is needed.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Whether both are equal, in a time that does not depend on where they differ.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        self.0.iter().zip(other.0).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretHash")
    }
}

/// A refresh token as it is kept. One that was used stays until its session ends: to use it again later tells that it was
/// stolen.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefreshToken {
    /// What it is recognised by.
    pub hash: SecretHash,
    /// The session that it goes on with.
    pub session_id: SessionId,
    /// When it was used, if it was.
    pub used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_equal_only_whole() {
        let mut other = [7; 32];
        assert!(SecretHash([7; 32]).is(&SecretHash(other)));
        other[31] = 8;
        assert!(!SecretHash([7; 32]).is(&SecretHash(other)));
    }
}
