//! The key of a plan.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The text is not a plan key: 1 to 64 of `a-z`, `0-9`, `_` and `-`.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a plan key is 1 to 64 of a-z, 0-9, _ and -")]
pub struct InvalidPlanKey;

/// The key of a plan in requests and responses, in lower case.
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct PlanKey(Box<str>);

impl PlanKey {
    /// The text of the key.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for PlanKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for PlanKey {
    type Err = InvalidPlanKey;

    fn from_str(text: &str) -> Result<Self, InvalidPlanKey> {
        let permitted = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
        if (1..=64).contains(&text.len()) && text.bytes().all(permitted) {
            Ok(Self(text.to_ascii_lowercase().into()))
        } else {
            Err(InvalidPlanKey)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_lower_cased_and_of_few_characters() {
        assert_eq!("Pro_2-x".parse::<PlanKey>().unwrap().as_str(), "pro_2-x");
        for bad in ["", "a b", "ä", "a.b", &"a".repeat(65)] {
            assert_eq!(bad.parse::<PlanKey>(), Err(InvalidPlanKey), "{bad:?}");
        }
    }
}
