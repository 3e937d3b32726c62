//! Usernames: in lower case, of few kinds of characters.

use std::fmt;

use crate::FaultReason;
use crate::characters::check_name;

/// A username: 1 to 64 of `a`-`z`, `0`-`9` and `. _ - @ +`, and not dots alone. Capital letters
/// become lower case, so that usernames do not differ by case alone.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Username(Box<str>);

impl Username {
    /// The most characters.
    pub const CHARACTERS_MAX: usize = 64;

    /// Parses a text, trimmed and in lower case.
    ///
    /// # Errors
    /// The text is blank, dots alone, longer than [`Username::CHARACTERS_MAX`], or has another
    /// character.
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
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_lower_case_and_of_few_characters() {
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
    fn a_username_is_displayed_as_it_is_stored() {
        let username = Username::parse("Ann.Lovelace").unwrap();
        assert_eq!(username.to_string(), username.as_str());
    }
}
