//! Enums whose variants have a stable name each: in requests, in responses and in the database.

use thiserror::Error;

/// The text is not one of the known names.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("not one of the known names")]
pub struct UnknownWord;

/// Declares an enum together with the name of each variant, so that both are listed in one place.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub enum $name { $($(#[$variant_doc])* $variant),* }

        impl $name {
            /// All variants, the least first.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The names of all variants, separated by commas.
            pub const WORDS: &'static str = concat!($(", ", $word),*).split_at(2).1;

            /// The stable name.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownWord;

            fn from_str(text: &str) -> Result<Self, $crate::UnknownWord> {
                Self::ALL.iter().copied().find(|it| it.as_str() == text).ok_or($crate::UnknownWord)
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Scope};

    #[test]
    fn names_are_listed_in_order_of_declaration() {
        assert_eq!(Role::WORDS, "viewer, manager, owner");
        assert_eq!(Scope::WORDS, "read, write, admin");
    }

    #[test]
    fn a_name_is_parsed_as_it_is_displayed() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(*role));
        }
        for text in ["", "Viewer", " viewer", "admin"] {
            assert_eq!(text.parse::<Role>(), Err(UnknownWord), "{text:?}");
        }
    }
}
