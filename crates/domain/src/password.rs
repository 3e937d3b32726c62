//! Passwords: what is taken as a new one, and the form in which one is kept.

use std::cmp::Ordering;
use std::fmt;

use crate::FaultReason;

/// The commonest passwords of eight characters or more, in lower case and in order, one a line. It is the part of that
/// length of the list that Django ships (`django/contrib/auth/common-passwords.txt.gz`, BSD 3-clause), which Royce
/// Williams drew from leaked passwords.
const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

/// A new password that may be used, kept whole: neither trimmed nor cut.
///
/// Long enough, unlike the username and not one that everybody tries first is all that is asked (NIST SP 800-63B,
/// section 3.1.1.2): rules about digits and signs make passwords harder to remember, not harder to guess.
///
/// ```
/// use domain::Password;
///
/// assert!(Password::parse("a quiet river", "ann").is_ok());
/// assert!(Password::parse("Password123", "ann").is_err());
/// ```
pub struct Password(Box<str>);

impl Password {
    /// The fewest characters (Unicode scalar values) it has.
    pub const CHARACTERS_MIN: usize = 8;
    /// The most characters (Unicode scalar values) it has.
    pub const CHARACTERS_MAX: usize = 128;

    /// Takes `text`, every character of it, as the new password of the user who is called `username`.
    ///
    /// # Errors
    /// Shorter than [`Password::CHARACTERS_MIN`], longer than [`Password::CHARACTERS_MAX`], the username, or one of the
    /// commonest passwords; these two in any letter case.
    pub fn parse(text: &str, username: &str) -> Result<Self, FaultReason> {
        let characters = text.chars().count();
        let lower_case = text.to_lowercase();
        if characters < Self::CHARACTERS_MIN {
            Err(FaultReason::TooShort { characters_min: Self::CHARACTERS_MIN })
        } else if characters > Self::CHARACTERS_MAX {
            Err(FaultReason::TooLong { characters_max: Self::CHARACTERS_MAX })
        } else if lower_case == username.to_lowercase() {
            Err(FaultReason::SameAsUsername)
        } else if has_line(COMMON_PASSWORDS, &lower_case) {
            Err(FaultReason::CommonPassword)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// Takes `text` without looking at it: for whoever configures a server, and for the default set-up's password, which
    /// everybody knows whatever its length.
    #[must_use]
    pub fn unchecked(text: &str) -> Self {
        Self(text.into())
    }

    /// The password itself, to be hashed and for nothing else.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Says nothing about the password: what is printed ends up in logs.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}

/// What is kept of a password: a hash in the PHC string format, which names its algorithm, its parameters and its salt.
///
/// Nothing here reads it. Whoever made it can tell whether it is one, and whether a password goes with it.
#[derive(Clone, Eq, PartialEq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Takes a PHC string as it is.
    #[must_use]
    pub fn from_phc(phc: String) -> Self {
        Self(phc)
    }

    /// The PHC string.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Says nothing about the hash: whoever reads it can guess at the password at leisure.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash([redacted])")
    }
}

/// Whether one of the lines of `sorted`, an ASCII text whose lines are in order, is `wanted`: found by halving the text.
fn has_line(sorted: &str, wanted: &str) -> bool {
    let mut rest = sorted;
    while !rest.is_empty() {
        let start = rest[..rest.len() / 2].rfind('\n').map_or(0, |end| end + 1);
        let (before, from) = rest.split_at(start);
        let (line, after) = from.split_once('\n').unwrap_or((from, ""));
        rest = match wanted.cmp(line) {
            Ordering::Less => before,
            Ordering::Equal => return true,
            Ordering::Greater => after,
        };
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    fn refusal(text: &str) -> Option<FaultReason> {
        Password::parse(text, "ann.lovelace").err()
    }

    #[test]
    fn a_password_has_eight_to_a_hundred_and_twenty_eight_characters_whatever_their_bytes() {
        for (characters, refused) in [
            (0, Some(FaultReason::TooShort { characters_min: 8 })),
            (7, Some(FaultReason::TooShort { characters_min: 8 })),
            (8, None),
            (128, None),
            (129, Some(FaultReason::TooLong { characters_max: 128 })),
        ] {
            for character in ["~", "é", "雪", "🦀"] {
                assert_eq!(refusal(&character.repeat(characters)), refused, "{characters} {character}");
            }
        }
    }

    #[test]
    fn a_password_is_kept_whole() {
        for text in ["  a quiet river  ", "\0\0\0\0\0\0\0\n", "        ", "e\u{301}e\u{301}e\u{301}e\u{301}"] {
            assert_eq!(Password::parse(text, "ann").unwrap().expose(), text);
        }
    }

    #[test]
    fn a_common_password_is_refused_in_any_letter_case() {
        for text in ["password", "PassWord123", "12345678", "QWERTYUIOP", "Jennifer"] {
            assert_eq!(refusal(text), Some(FaultReason::CommonPassword), "{text}");
        }
        assert_eq!(refusal("password or so"), None);
    }

    #[test]
    fn the_username_is_no_password_in_any_letter_case() {
        assert_eq!(refusal("Ann.Lovelace"), Some(FaultReason::SameAsUsername));
        assert_eq!(Password::parse("ÉMILIE-ZOË", "émilie-zoë").err(), Some(FaultReason::SameAsUsername));
        assert_eq!(refusal("ann.lovelace1"), None);
    }

    #[test]
    fn the_list_is_long_enough_sorted_and_can_be_halved_anywhere() {
        let lines: Vec<&str> = COMMON_PASSWORDS.lines().collect();
        assert!(lines.len() >= 1_000, "{}", lines.len());
        assert!(lines.is_sorted_by(|a, b| a < b));
        assert!(COMMON_PASSWORDS.is_ascii() && COMMON_PASSWORDS.ends_with('\n'));
        assert!(lines.iter().all(|line| line.len() >= 8 && line.to_lowercase() == *line));
    }

    #[test]
    fn every_line_is_found_and_nothing_else_is() {
        let lines: HashSet<&str> = COMMON_PASSWORDS.lines().collect();
        for line in &lines {
            assert!(has_line(COMMON_PASSWORDS, line), "{line}");
            for other in [&line[..line.len() - 1], &format!("{line}\n"), &format!("{line}\u{e9}")] {
                assert_eq!(has_line(COMMON_PASSWORDS, other), lines.contains(other), "{other:?}");
            }
        }
        assert!(!has_line(COMMON_PASSWORDS, "") && !has_line(COMMON_PASSWORDS, "~~~~~~~~~~"));
        assert!(!has_line("", "a") && has_line("a", "a") && has_line("a\nb", "b"));
    }

    #[test]
    fn neither_a_password_nor_its_hash_is_printed() {
        assert_eq!(format!("{:?}", Password::parse("a quiet river", "ann").unwrap()), "Password([redacted])");
        let hash = PasswordHash::from_phc("$argon2id$secret".into());
        assert_eq!((format!("{hash:?}").as_str(), hash.as_str()), ("PasswordHash([redacted])", "$argon2id$secret"));
    }
}
