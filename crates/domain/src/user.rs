//! Users, and the sessions that they log in to.

use std::fmt;

use jiff::Timestamp;

use crate::characters::check_name;
use crate::{FaultReason, PasswordHash, SessionId, UserId};

/// What a user is called: 1 to 64 of `a`-`z`, `0`-`9` and `. _ - @ +`, and not dots alone. Capital letters are taken and made
/// small, so that no two users differ by them alone.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Username(Box<str>);

impl Username {
    /// The most characters it has.
    pub const CHARACTERS_MAX: usize = 64;

    /// Trims `text` and makes it small.
    ///
    /// # Errors
    /// Blank, nothing but dots, longer than [`Username::CHARACTERS_MAX`], or with another character in it.
    pub fn parse(text: &str) -> Result<Self, FaultReason> {
        let text = text.trim().to_ascii_lowercase();
        if text.is_empty() {
            Err(FaultReason::Blank)
        } else if text.chars().count() > Self::CHARACTERS_MAX {
            Err(FaultReason::TooLong { characters_max: Self::CHARACTERS_MAX })
        } else if text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-@+".contains(c)) {
            check_name(&text)?;
            Ok(Self(text.into()))
        } else {
            Err(FaultReason::NotAUsername)
        }
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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
    fn a_username_is_small_and_plain() {
        assert_eq!(Username::parse(" Ann.B+1@Example.com ").unwrap().as_str(), "ann.b+1@example.com");
        for (bad, reason) in [
            (" ", FaultReason::Blank),
            ("ann b", FaultReason::NotAUsername),
            ("änn", FaultReason::NotAUsername),
            ("a\0", FaultReason::NotAUsername),
            ("a\u{202e}b", FaultReason::NotAUsername),
            (".", FaultReason::OnlyDots),
            (" .. ", FaultReason::OnlyDots),
        ] {
            assert_eq!(Username::parse(bad), Err(reason), "{bad:?}");
        }
        for good in ["..a", "-", "_", &"a".repeat(64)] {
            assert!(Username::parse(good).is_ok(), "{good}");
        }
        assert_eq!(Username::parse(&"a".repeat(65)), Err(FaultReason::TooLong { characters_max: 64 }));
    }

    #[test]
    fn hashes_are_equal_only_whole() {
        let mut other = [7; 32];
        assert!(SecretHash([7; 32]).is(&SecretHash(other)));
        other[31] = 8;
        assert!(!SecretHash([7; 32]).is(&SecretHash(other)));
    }
}
