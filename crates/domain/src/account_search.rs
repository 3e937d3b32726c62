//! A search of accounts: by the beginning of their name, or by an id.

use std::str::FromStr;

use crate::characters::check_text;
use crate::{Account, AccountId, ExternalId, FaultReason, FoldedName};

/// What is searched for: the beginning of a name, without regard to letter case, or exactly an
/// account's id or [`ExternalId`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AccountSearch {
    prefix: FoldedName,
    id: Option<AccountId>,
    external_id: Option<ExternalId>,
}

impl AccountSearch {
    /// The most characters: those of the longest external id.
    pub const CHARACTERS_MAX: usize = ExternalId::CHARACTERS_MAX;

    /// Parses a text, trimmed.
    ///
    /// # Errors
    /// The text has no visible character, is longer than [`AccountSearch::CHARACTERS_MAX`], or has a
    /// character that no name has.
    pub fn parse(text: &str) -> Result<Self, FaultReason> {
        let text = text.trim();
        check_text(text)?;
        if text.chars().count() > Self::CHARACTERS_MAX {
            return Err(FaultReason::TooLong { characters_max: Self::CHARACTERS_MAX });
        }
        Ok(Self { prefix: FoldedName::new(text), id: text.parse().ok(), external_id: text.parse().ok() })
    }

    /// The beginning of the names that match.
    #[must_use]
    pub const fn prefix(&self) -> &FoldedName {
        &self.prefix
    }

    /// The account that matches by its id, if the text is an id.
    #[must_use]
    pub const fn id(&self) -> Option<AccountId> {
        self.id
    }

    /// The external id that matches, if the text can be one.
    #[must_use]
    pub const fn external_id(&self) -> Option<&ExternalId> {
        self.external_id.as_ref()
    }

    /// Whether a name matches.
    #[must_use]
    pub fn matches_name(&self, name: &FoldedName) -> bool {
        name.as_str().starts_with(self.prefix.as_str())
    }

    /// Whether an account matches.
    #[must_use]
    pub fn matches(&self, account: &Account) -> bool {
        self.id == Some(account.id)
            || (self.external_id.is_some() && self.external_id == account.external_id)
            || self.matches_name(&account.name.folded())
    }
}

impl FromStr for AccountSearch {
    type Err = FaultReason;

    fn from_str(text: &str) -> Result<Self, FaultReason> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;
    use crate::{Metadata, Name, NewAccount, Zone};

    const ID: &str = "acct_01h455vb4pex5vsknk084sn02q";

    fn account(name: &str, external_id: Option<&str>) -> Account {
        let external_id = external_id.map(|id| ExternalId::parse(id).unwrap());
        let name = Name::parse(name).unwrap();
        let new = NewAccount { name, zone: Zone::UTC, external_id, metadata: Metadata::default() };
        Account::new(ID.parse().unwrap(), new, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn the_beginning_of_a_name_matches_in_any_letter_case() {
        let salon = account("Žofie’s Straße", None);
        for (text, matches) in [
            ("žo", true),
            ("ŽOFIE’S", true),
            (" Z\u{30c}ofie’s stras ", true),
            ("Žofie’s STRASSE", true),
            ("zo", false),
            ("ofie", false),
            ("Žofie’s Straße 1", false),
            ("%", false),
            ("_", false),
        ] {
            assert_eq!(AccountSearch::parse(text).unwrap().matches(&salon), matches, "{text:?}");
        }
    }

    #[test]
    fn an_id_matches_as_a_whole_and_in_its_letter_case() {
        let salon = account("My Salon", Some("cus_9s6X"));
        for (text, matches) in [
            (ID, true),
            (&ID[..30], false),
            ("acct_00000000000000000000000000", false),
            ("cus_9s6X", true),
            (" cus_9s6X ", true),
            ("cus_9s6", false),
            ("CUS_9s6X", false),
            ("my", true),
        ] {
            assert_eq!(AccountSearch::parse(text).unwrap().matches(&salon), matches, "{text:?}");
        }
        let without = account("My Salon", None);
        assert!(!AccountSearch::parse("a b").unwrap().matches(&without), "neither has an external id");
    }

    #[test]
    fn a_search_has_1_to_128_characters_one_of_them_visible() {
        for good in ["a", ".", &"é".repeat(128), &format!(" {} ", "x".repeat(128))] {
            assert!(AccountSearch::parse(good).is_ok(), "{good:?}");
        }
        let too_long = Err(FaultReason::TooLong { characters_max: 128 });
        for (bad, fault) in [
            ("", Err(FaultReason::Blank)),
            (" ", Err(FaultReason::Blank)),
            ("\u{200b}", Err(FaultReason::Blank)),
            ("a\nb", Err(FaultReason::ControlCharacter)),
            ("a\0", Err(FaultReason::ControlCharacter)),
            ("é".repeat(129).as_str(), too_long),
        ] {
            assert_eq!(AccountSearch::parse(bad), fault, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn each_beginning_of_a_name_in_composed_form_matches(name in r"[A-Za-zäÖßΣςİé美💇 ]{1,20}") {
            if let Ok(parsed) = Name::parse(&name) {
                let account = account(parsed.as_str(), None);
                for (end, _) in parsed.as_str().char_indices().skip(1) {
                    let search = AccountSearch::parse(&parsed.as_str()[..end]).unwrap();
                    prop_assert!(search.matches(&account), "{search:?}");
                }
            }
        }
    }
}
