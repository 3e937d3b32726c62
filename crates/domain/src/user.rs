//! Users, their sessions and refresh tokens.

use std::fmt;

use jiff::Timestamp;

use crate::{PasswordHash, SessionId, UserId, Username};

/// A user: a person who can log in.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct User {
    /// The id.
    pub id: UserId,
    /// The name.
    pub username: Username,
    /// The hash of the password.
    pub password: PasswordHash,
    /// Whether the user may act on every account.
    pub is_operator: bool,
    /// Whether the user is disabled.
    pub is_disabled: bool,
    /// When the user registered.
    pub created_at: Timestamp,
}

/// One login of a user, through all its refreshed tokens. A revoked session is deleted.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Session {
    /// The id.
    pub id: SessionId,
    /// The user.
    pub user_id: UserId,
    /// When.
    pub created_at: Timestamp,
    /// When it expires, unless it is refreshed.
    pub expires_at: Timestamp,
}

/// The SHA-256 of a secret of at least 128 random bits. Such a secret cannot be guessed, so it
/// needs no password hash.
#[derive(Clone, Copy, Eq, Hash, PartialEq)]
pub struct SecretHash(pub [u8; 32]);

impl SecretHash {
    /// Compares two hashes in constant time.
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

/// A stored refresh token. A used one is kept until its session ends, so that a second use reveals
/// a theft.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RefreshToken {
    /// The hash of the token.
    pub hash: SecretHash,
    /// The session that it extends.
    pub session_id: SessionId,
    /// When it was used; `None` while unused.
    pub used_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_compared_in_full() {
        let mut other = [7; 32];
        assert!(SecretHash([7; 32]).is(&SecretHash(other)));
        other[31] = 8;
        assert!(!SecretHash([7; 32]).is(&SecretHash(other)));
        // Two differences of the same bits do not cancel out.
        other[0] = 8;
        assert!(!SecretHash([7; 32]).is(&SecretHash(other)));
        assert_eq!(format!("{:?}", SecretHash(other)), "SecretHash");
    }
}
