//! Texts that people write: trimmed, bounded, with a visible character and without control
//! characters.

use std::fmt;

use unicode_normalization::UnicodeNormalization;

use crate::FaultReason;
use crate::bounds;
use crate::characters::{check_name, check_text, is_visible};

fn parse_text(
    text: &str,
    check: fn(&str) -> Result<(), FaultReason>,
    characters_max: usize,
) -> Result<Box<str>, FaultReason> {
    let text = text.trim();
    check(text)?;
    if text.chars().count() > characters_max { Err(FaultReason::TooLong { characters_max }) } else { Ok(text.into()) }
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $max:expr) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, PartialEq)]
        pub struct $name(Box<str>);

        impl $name {
            /// The most characters (Unicode scalar values).
            pub const CHARACTERS_MAX: usize = $max;

            /// The text, trimmed.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

text!(
    /// The name of an account, a staff member or a customer.
    Name,
    100
);
text!(
    /// Notes on a booking, or a reason.
    Notes,
    2000
);
text!(
    /// The e-mail address of a staff member.
    EmailAddress,
    bounds::EMAIL_ADDRESS_CHARACTERS_MAX
);

impl Name {
    /// Parses a text, trimmed.
    ///
    /// # Errors
    /// The text has no visible character, is dots alone, is longer than [`Name::CHARACTERS_MAX`],
    /// or has a character that breaks lines or changes the direction of text.
    pub fn parse(text: &str) -> Result<Self, FaultReason> {
        parse_text(text, check_name, Self::CHARACTERS_MAX).map(Self)
    }

    /// The name of what was erased: [`crate::ERASED`].
    #[must_use]
    pub fn erased() -> Self {
        Self(crate::ERASED.into())
    }

    /// The name without regard to letter case.
    #[must_use]
    pub fn folded(&self) -> FoldedName {
        FoldedName::new(&self.0)
    }
}

/// A name, or the beginning of one, without regard to letter case. Names that differ in letter case
/// alone have the same one. It is ordered by code points, and accents count.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct FoldedName(Box<str>);

impl FoldedName {
    /// Folds a text: each character becomes its upper case and that its lower case, so that `ß` is
    /// `ss` and both forms of the sigma are one; in Normalization Form C, so that a letter and its
    /// accent are one character, however they were typed.
    ///
    /// ```
    /// use domain::FoldedName;
    ///
    /// assert_eq!(FoldedName::new("STRASSE"), FoldedName::new("Straße"));
    /// assert!(FoldedName::new("My Salon").as_str().starts_with("my s"));
    /// ```
    #[must_use]
    pub fn new(text: &str) -> Self {
        let folded = text.nfd().flat_map(char::to_uppercase).flat_map(char::to_lowercase);
        Self(folded.nfc().collect())
    }

    /// A text that was folded before, such as that of a cursor.
    #[must_use]
    pub fn from_folded(text: &str) -> Self {
        Self(text.into())
    }

    /// The folded text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Notes {
    /// Parses a text, trimmed.
    ///
    /// # Errors
    /// The text has no visible character, is longer than [`Notes::CHARACTERS_MAX`], or has a
    /// character that breaks lines or changes the direction of text.
    pub fn parse(text: &str) -> Result<Self, FaultReason> {
        parse_text(text, check_text, Self::CHARACTERS_MAX).map(Self)
    }
}

impl EmailAddress {
    /// Parses a text, trimmed, that has the form of an address: a local part of 1 to 64 characters,
    /// `@`, and a domain of dot-separated labels; 254 characters in all (RFC 5321, section
    /// 4.5.3.1). That the mailbox exists is not checked.
    ///
    /// # Errors
    /// [`FaultReason::NotAnEmailAddress`].
    pub fn parse(text: &str) -> Result<Self, FaultReason> {
        let text = parse_text(text, check_text, Self::CHARACTERS_MAX).map_err(|_| FaultReason::NotAnEmailAddress)?;
        let label = |label: &str| {
            (1..=63).contains(&label.len())
                && label.contains(is_visible)
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
        };
        let plausible = text.rsplit_once('@').is_some_and(|(local, domain)| {
            (1..=64).contains(&local.len())
                && local.contains(is_visible)
                && !local.contains(|c: char| c.is_whitespace() || "@<>()[],;:\\\"".contains(c))
                && domain.contains('.')
                && domain.split('.').all(label)
        });
        if plausible { Ok(Self(text)) } else { Err(FaultReason::NotAnEmailAddress) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_trimmed() {
        assert_eq!(Name::parse("  My Salon \n").unwrap().as_str(), "My Salon");
    }

    #[test]
    fn a_name_has_at_most_100_characters_of_any_width() {
        assert!(Name::parse(&"é".repeat(100)).is_ok());
        assert_eq!(Name::parse(&"é".repeat(101)), Err(FaultReason::TooLong { characters_max: 100 }));
    }

    #[test]
    fn a_blank_name_is_refused() {
        for blank in ["", " ", "\t\n", "\u{a0}"] {
            assert_eq!(Name::parse(blank), Err(FaultReason::Blank), "{blank:?}");
        }
    }

    #[test]
    fn a_control_character_is_refused() {
        for text in ["a\0b", "a\nb", "a\u{7f}b", "a\u{85}b"] {
            assert_eq!(Name::parse(text), Err(FaultReason::ControlCharacter), "{text:?}");
        }
    }

    #[test]
    fn a_folded_name_has_no_letter_case_and_composed_accents() {
        for (name, folded) in [
            ("My SALON 24", "my salon 24"),
            ("Žofie’s 美容室", "žofie’s 美容室"),
            ("Z\u{30c}OFIE", "žofie"),
            ("Straße", "strasse"),
            ("ΟΔΟΣ ΟΔΟς οδοσ", "οδοσ οδοσ οδοσ"),
            ("ﬃ", "ffi"),
            ("İ", "i\u{307}"),
            ("\u{10ffff}💇🏽‍♀️", "\u{10ffff}💇🏽‍♀️"),
        ] {
            assert_eq!(Name::parse(name).unwrap().folded().as_str(), folded, "{name:?}");
            assert_eq!(FoldedName::new(folded).as_str(), folded, "{name:?} folded twice");
            assert_eq!(FoldedName::from_folded(folded), FoldedName::new(name));
        }
    }

    #[test]
    fn an_email_address_has_a_local_part_and_a_domain_with_a_dot() {
        for good in ["ann@example.com", " a.b+c@x-y.co.uk ", "ä@bücher.example"] {
            assert!(EmailAddress::parse(good).is_ok(), "{good:?}");
        }
        for bad in
            ["", "ann", "ann@", "@example.com", "ann@localhost", "a b@example.com", "a@@b.com", "a@-b.com", "a@b..com"]
        {
            assert_eq!(EmailAddress::parse(bad), Err(FaultReason::NotAnEmailAddress), "{bad:?}");
        }
        assert!(EmailAddress::parse(&format!("{}@example.com", "a".repeat(65))).is_err());
        for unseen in ["\u{200b}@example.com", "ann@\u{3164}.com", "a\u{202e}nn@example.com"] {
            assert_eq!(EmailAddress::parse(unseen), Err(FaultReason::NotAnEmailAddress), "{unseen:?}");
        }
    }
}
