//! Keys that a caller chooses: an account's id elsewhere, the key of an allocation, a reference.

use std::fmt;

use crate::FaultReason;

macro_rules! reference {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        ///
        /// Its text is 1 to 128 visible ASCII characters: no white space.
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Box<str>);

        impl $name {
            /// The most characters.
            pub const CHARACTERS_MAX: usize = CHARACTERS_MAX;

            /// Parses a text. White space around it is not ignored.
            ///
            /// # Errors
            /// [`FaultReason::NotVisible`].
            pub fn parse(text: &str) -> Result<Self, FaultReason> {
                parse(text).map(Self)
            }

            /// The text.
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

        impl std::str::FromStr for $name {
            type Err = FaultReason;

            fn from_str(text: &str) -> Result<Self, FaultReason> {
                parse(text).map(Self)
            }
        }
    };
}

const CHARACTERS_MAX: usize = 128;

reference!(
    /// The id of an account in the caller's own system. No two accounts have the same.
    ExternalId
);
reference!(
    /// The key of an allocation: the caller's own id of what exists, such as a project's.
    AllocationKey
);
reference!(
    /// What a hold or a grant is for, in the caller's own words, such as `invite:42`.
    Reference
);

fn parse(text: &str) -> Result<Box<str>, FaultReason> {
    let is_visible = text.bytes().all(|byte| byte.is_ascii_graphic());
    if is_visible && (1..=CHARACTERS_MAX).contains(&text.len()) {
        Ok(text.into())
    } else {
        Err(FaultReason::NotVisible)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_1_to_128_visible_ascii_characters() {
        for good in ["a", "invite:42", "cus_9s6XKzkNRiz8i3", "a@b.example/c?d#e", &"x".repeat(128)] {
            assert_eq!(ExternalId::parse(good).unwrap().as_str(), good);
        }
        for bad in ["", " ", "a b", "a\n", "ä", "\u{7f}", &"x".repeat(129)] {
            assert_eq!(AllocationKey::parse(bad), Err(FaultReason::NotVisible), "{bad:?}");
        }
    }
}
