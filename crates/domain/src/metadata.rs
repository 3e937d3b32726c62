//! Pairs of text that a caller keeps with an account.

use std::collections::BTreeMap;

use crate::{FaultReason, check_text};

/// Up to [`Metadata::PAIRS_MAX`] pairs of text, in the order of their keys.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Metadata(BTreeMap<Box<str>, Box<str>>);

impl Metadata {
    /// The most pairs.
    pub const PAIRS_MAX: usize = 20;
    /// The most characters of a key.
    pub const KEY_CHARACTERS_MAX: usize = 64;
    /// The most characters of a value.
    pub const VALUE_CHARACTERS_MAX: usize = 500;

    /// Checks pairs of text.
    ///
    /// # Errors
    /// [`FaultReason::NotMetadata`]: there are too many, a key is not 1 to 64 visible ASCII
    /// characters, or a value is longer than 500 characters or has a control character.
    pub fn parse(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, FaultReason> {
        let pairs: BTreeMap<Box<str>, Box<str>> =
            pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        let is_key = |key: &str| {
            (1..=Self::KEY_CHARACTERS_MAX).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
        };
        let is_value = |value: &str| {
            value.is_empty() || (value.chars().count() <= Self::VALUE_CHARACTERS_MAX && check_text(value).is_ok())
        };
        let is_good = pairs.len() <= Self::PAIRS_MAX && pairs.iter().all(|(key, value)| is_key(key) && is_value(value));
        if is_good { Ok(Self(pairs)) } else { Err(FaultReason::NotMetadata) }
    }

    /// Whether there are no pairs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The pairs, in the order of their keys.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(pairs: &[(&str, &str)]) -> Result<Metadata, FaultReason> {
        Metadata::parse(pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
    }

    #[test]
    fn metadata_is_few_and_short_pairs() {
        let metadata = parse(&[("tier", "gold"), ("crm", "")]).unwrap();
        assert_eq!(metadata.iter().collect::<Vec<_>>(), [("crm", ""), ("tier", "gold")]);
        assert!(!metadata.is_empty() && parse(&[]).unwrap().is_empty());
        let long = "x".repeat(501);
        let many: Vec<String> = (0..21).map(|number| number.to_string()).collect();
        let many: Vec<(&str, &str)> = many.iter().map(|key| (key.as_str(), "")).collect();
        assert!(parse(&many[..20]).is_ok());
        for bad in [&[("", "a")][..], &[("a b", "a")], &[("a", &long)], &[("a", "b\nc")], &many] {
            assert_eq!(parse(bad), Err(FaultReason::NotMetadata), "{bad:?}");
        }
    }
}
