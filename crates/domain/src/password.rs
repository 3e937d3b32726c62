//! Passwords: which new ones are accepted, and the form in which one is stored.

use std::cmp::Ordering;
use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::{FaultReason, Username};

/// The most common passwords of eight characters or more, in lower case, sorted, one a line. They
/// are from the list that Django ships (`django/contrib/auth/common-passwords.txt.gz`, BSD
/// 3-clause), which Royce Williams made from leaked passwords.
const COMMON_PASSWORDS: &str = include_str!("common_passwords.txt");

/// A password as it is hashed and verified: neither trimmed nor truncated, in Normalization Form C,
/// with a plain space for every other kind of space (RFC 8265, section 4.2, `OpaqueString`). So it
/// does not depend on the keyboard.
///
/// A new password has to be long enough, different from the username and not a common one (NIST SP
/// 800-63B, section 3.1.1.2). Rules about digits and special characters make passwords harder to
/// remember, not harder to guess.
///
/// ```
/// use domain::{Password, Username};
///
/// let ann = Username::parse("ann.lovelace").unwrap();
/// assert!(Password::parse("a quiet river", Some(&ann)).is_ok());
/// assert!(Password::parse("Ann.Lovelace", Some(&ann)).is_err());
/// assert!(Password::parse("Password123", Some(&ann)).is_err());
/// let (one, other) = (Password::unchecked("caf\u{e9}"), Password::unchecked("cafe\u{301}"));
/// assert_eq!(one.expose(), other.expose());
/// ```
pub struct Password(Box<str>);

impl Password {
    /// The fewest characters (Unicode scalar values).
    pub const CHARACTERS_MIN: usize = 8;
    /// The most characters (Unicode scalar values).
    pub const CHARACTERS_MAX: usize = 128;

    /// Parses a new password of the user `username`, if the name is known. The text is not trimmed.
    ///
    /// # Errors
    /// The text is shorter than [`Password::CHARACTERS_MIN`], longer than
    /// [`Password::CHARACTERS_MAX`], the username, or a common password. Letter case is ignored for
    /// the last two, white space around the username as well. Characters are counted in the form
    /// that is hashed.
    pub fn parse(text: &str, username: Option<&Username>) -> Result<Self, FaultReason> {
        let password = Self::unchecked(text);
        let characters = password.0.chars().count();
        let lower_case = password.0.to_lowercase();
        if characters < Self::CHARACTERS_MIN {
            Err(FaultReason::TooShort { characters_min: Self::CHARACTERS_MIN })
        } else if characters > Self::CHARACTERS_MAX {
            Err(FaultReason::TooLong { characters_max: Self::CHARACTERS_MAX })
        } else if username.is_some_and(|username| lower_case.trim() == username.as_str()) {
            Err(FaultReason::SameAsUsername)
        } else if has_line(COMMON_PASSWORDS, &lower_case) {
            Err(FaultReason::CommonPassword)
        } else {
            Ok(password)
        }
    }

    /// Accepts any text: a password to verify, one from the server's configuration, or the public
    /// default password.
    #[must_use]
    pub fn unchecked(text: &str) -> Self {
        Self(text.chars().map(|c| if is_space(c) { ' ' } else { c }).nfc().collect())
    }

    /// The password, for hashing only.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

/// Redacts the password, because debug output ends up in logs.
impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password([redacted])")
    }
}

/// The stored form of a password: a hash in the PHC string format, with algorithm, parameters and
/// salt.
///
/// This crate does not interpret it. The password hasher verifies passwords against it.
#[derive(Clone, Eq, PartialEq)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// Wraps a PHC string without checking it.
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

/// Redacts the hash, which permits offline guessing.
impl fmt::Debug for PasswordHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PasswordHash([redacted])")
    }
}

/// Unicode's general category `Zs`.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}')
}

/// Whether `wanted` is a line of `sorted`, an ASCII text of sorted lines. A binary search over the
/// text.
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
    use proptest::prelude::*;
    use std::collections::HashSet;

    fn refusal(text: &str) -> Option<FaultReason> {
        Password::parse(text, Username::parse("Ann.Lovelace").ok().as_ref()).err()
    }

    #[test]
    fn a_password_has_8_to_128_characters_of_any_width() {
        for (characters, refused) in [
            (0, Some(FaultReason::TooShort { characters_min: 8 })),
            (7, Some(FaultReason::TooShort { characters_min: 8 })),
            (8, None),
            (128, None),
            (129, Some(FaultReason::TooLong { characters_max: 128 })),
        ] {
            for character in ["~", "é", "e\u{301}", "雪", "🦀", "\u{2003}"] {
                assert_eq!(refusal(&character.repeat(characters)), refused, "{characters} {character}");
            }
        }
    }

    #[test]
    fn a_password_is_neither_trimmed_nor_truncated() {
        for text in ["  a quiet river  ", "\0\0\0\0\0\0\0\n", "        ", "q\u{301}\u{200d}\u{202e}\u{85}\tabc"] {
            assert_eq!(Password::parse(text, None).unwrap().expose(), text);
        }
    }

    #[test]
    fn a_password_does_not_depend_on_the_keyboard() {
        for (typed, kept) in [
            ("cafe\u{301} au lait", "caf\u{e9} au lait"),
            ("a\u{323}\u{307} b", "\u{1ea1}\u{307} b"),
            ("a\u{307}\u{323} b", "\u{1ea1}\u{307} b"),
            ("\u{1112}\u{1161}\u{11ab}", "\u{d55c}"),
            ("\u{212b}\u{2126}", "\u{c5}\u{3a9}"),
            ("a\u{a0}quiet\u{3000}river\u{2009}", "a quiet river "),
            // Compatibility characters stay: they make a different password.
            ("\u{ff21}\u{fb01}A", "\u{ff21}\u{fb01}A"),
        ] {
            assert_eq!(Password::unchecked(typed).expose(), kept, "{typed:?}");
            assert_eq!(Password::unchecked(kept).expose(), kept, "{kept:?}");
        }
    }

    proptest! {
        #[test]
        fn normalization_is_idempotent_for_both_unicode_forms(text in r"\PC{0,40}") {
            let kept = Password::unchecked(&text);
            let decomposed: String = text.nfd().collect();
            for other in [kept.expose(), &decomposed] {
                let again = Password::unchecked(other);
                prop_assert_eq!(again.expose(), kept.expose());
            }
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
    fn the_username_is_refused_in_any_letter_case() {
        for text in ["ann.lovelace", "Ann.Lovelace", " ANN.LOVELACE\n", "ann.lovelace\u{a0}"] {
            assert_eq!(refusal(text), Some(FaultReason::SameAsUsername), "{text:?}");
            assert!(Password::parse(text, None).is_ok());
        }
        assert_eq!(refusal("ann.lovelace1"), None);
    }

    #[test]
    fn the_common_passwords_are_sorted_and_in_lower_case() {
        let lines: Vec<&str> = COMMON_PASSWORDS.lines().collect();
        assert!(lines.len() >= 1_000, "{}", lines.len());
        assert!(lines.is_sorted_by(|a, b| a < b));
        assert!(COMMON_PASSWORDS.is_ascii() && COMMON_PASSWORDS.ends_with('\n'));
        assert!(lines.iter().all(|line| line.len() >= 8 && line.to_lowercase() == *line));
    }

    #[test]
    fn exactly_the_common_passwords_are_found() {
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
    fn debug_output_redacts_passwords_and_hashes() {
        assert_eq!(format!("{:?}", Password::parse("a quiet river", None).unwrap()), "Password([redacted])");
        let hash = PasswordHash::from_phc("$argon2id$secret".into());
        assert_eq!((format!("{hash:?}").as_str(), hash.as_str()), ("PasswordHash([redacted])", "$argon2id$secret"));
    }
}
