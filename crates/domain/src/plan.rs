//! Plans as data: keys, names and limits.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::words::words;

/// A limit of a plan.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Limit {
    /// At most this many; `AtMost(0)` permits none.
    AtMost(u32),
    /// Any number.
    Unlimited,
}

impl Limit {
    /// Whether the limit permits `total`.
    #[must_use]
    pub fn admits(self, total: u64) -> bool {
        match self {
            Self::AtMost(max) => total <= u64::from(max),
            Self::Unlimited => true,
        }
    }

    /// The number; `None` if unlimited.
    #[must_use]
    pub const fn max(self) -> Option<u32> {
        match self {
            Self::AtMost(max) => Some(max),
            Self::Unlimited => None,
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AtMost(max) => fmt::Display::fmt(max, f),
            Self::Unlimited => f.pad("unlimited"),
        }
    }
}

words!(
    /// A metric that plans limit.
    Metric {
        /// The active staff members of an account.
        Staff = "staff",
        /// The bookings of an account on one business day, of all staff members together.
        BookingsPerDay = "bookings_per_day",
    }
);

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

/// A plan and its limits.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct Plan {
    /// The key.
    pub key: PlanKey,
    /// The display name.
    pub name: Box<str>,
    /// A sentence about the plan; may be empty.
    pub description: Box<str>,
    /// Retired plans: their accounts are on this plan now.
    #[cfg_attr(feature = "serde", serde(default))]
    pub replaces: Vec<PlanKey>,
    /// The limit of active staff members.
    pub staff: Limit,
    /// The limit of bookings on one business day.
    pub bookings_per_day: Limit,
}

impl Plan {
    /// The limit of `metric`.
    #[must_use]
    pub const fn limit(&self, metric: Metric) -> Limit {
        match metric {
            Metric::Staff => self.staff,
            Metric::BookingsPerDay => self.bookings_per_day,
        }
    }
}

/// Why a list of plans is not a catalogue.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidCatalog {
    /// There is no plan.
    #[error("there is no plan")]
    Empty,
    /// A key is used twice, as a plan's own or as a replaced one.
    #[error("the key {0} is used twice")]
    KeyUsedTwice(PlanKey),
}

/// The plans on offer, in order: each is an upgrade of those before it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PlanCatalog(Vec<Plan>);

impl PlanCatalog {
    /// The built-in plans: `basic` (2 staff members, 5 bookings a day) and `pro` (5 and 20).
    ///
    /// # Panics
    /// Never: the built-in keys are plan keys.
    #[must_use]
    pub fn builtin() -> Self {
        let plan = |key: &str, name: &str, description: &str, staff, bookings_per_day| Plan {
            key: key.parse().expect("a built-in key is a plan key"),
            name: name.into(),
            description: description.into(),
            replaces: Vec::new(),
            staff: Limit::AtMost(staff),
            bookings_per_day: Limit::AtMost(bookings_per_day),
        };
        Self(vec![plan("basic", "Basic", "For a small team.", 2, 5), plan("pro", "Pro", "For a growing team.", 5, 20)])
    }

    /// A catalogue of `plans`, each an upgrade of those before it.
    ///
    /// # Errors
    /// [`InvalidCatalog`].
    pub fn new(plans: Vec<Plan>) -> Result<Self, InvalidCatalog> {
        let mut known = BTreeSet::new();
        for key in plans.iter().flat_map(|plan| std::iter::once(&plan.key).chain(&plan.replaces)) {
            if !known.insert(key) {
                return Err(InvalidCatalog::KeyUsedTwice(key.clone()));
            }
        }
        if plans.is_empty() { Err(InvalidCatalog::Empty) } else { Ok(Self(plans)) }
    }

    /// The plan with this key, in any letter case. White space around it is ignored.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Plan> {
        let key = key.trim();
        self.0.iter().find(|plan| plan.key.as_str().eq_ignore_ascii_case(key))
    }

    /// The plan of an account that chose `key`: the plan with this key, or the one that replaces
    /// it.
    ///
    /// ```
    /// use domain::{Plan, PlanCatalog};
    ///
    /// let basic = PlanCatalog::builtin().find("basic").unwrap().clone();
    /// let starter = Plan { key: "starter".parse().unwrap(), replaces: vec![basic.key.clone()], ..basic.clone() };
    /// let catalog = PlanCatalog::new(vec![starter.clone()]).unwrap();
    /// assert_eq!(catalog.resolve(&basic.key), Some(&starter));
    /// assert_eq!(catalog.find("basic"), None);
    /// ```
    #[must_use]
    pub fn resolve(&self, key: &PlanKey) -> Option<&Plan> {
        let replaces = |plan: &&Plan| plan.replaces.contains(key);
        self.0.iter().find(|plan| plan.key == *key).or_else(|| self.0.iter().find(replaces))
    }

    /// The position of a plan in the order of upgrades, from 0; `None` if it is not on offer.
    #[must_use]
    pub fn rank(&self, key: &PlanKey) -> Option<usize> {
        self.0.iter().position(|plan| plan.key == *key)
    }

    /// The plans, in order: each is an upgrade of those before it.
    pub fn iter(&self) -> impl Iterator<Item = &Plan> {
        self.0.iter()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_found_in_any_letter_case() {
        let catalog = PlanCatalog::builtin();
        for text in ["basic", "BASIC", " Basic "] {
            assert_eq!(catalog.find(text).unwrap().key.as_str(), "basic", "{text:?}");
        }
        for text in ["", "gold", "bas ic", "basic\0"] {
            assert_eq!(catalog.find(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_lower_cased_and_of_few_characters() {
        assert_eq!("Pro_2-x".parse::<PlanKey>().unwrap().as_str(), "pro_2-x");
        for bad in ["", "a b", "ä", "a.b", &"a".repeat(65)] {
            assert_eq!(bad.parse::<PlanKey>(), Err(InvalidPlanKey), "{bad:?}");
        }
    }

    #[test]
    fn a_key_is_used_once_in_a_catalogue() {
        let plan = |key: &str, replaces: &[&str]| Plan {
            key: key.parse().unwrap(),
            replaces: replaces.iter().map(|key| key.parse().unwrap()).collect(),
            ..PlanCatalog::builtin().0[0].clone()
        };
        let twice = Err(InvalidCatalog::KeyUsedTwice("a".parse().unwrap()));
        assert_eq!(PlanCatalog::new(vec![plan("a", &[]), plan("a", &[])]), twice);
        assert_eq!(PlanCatalog::new(vec![plan("a", &[]), plan("b", &["a"])]), twice);
        assert_eq!(PlanCatalog::new(vec![plan("b", &["a"]), plan("c", &["a"])]), twice);
        assert_eq!(PlanCatalog::new(vec![plan("a", &["a"])]), twice);
        assert_eq!(PlanCatalog::new(Vec::new()), Err(InvalidCatalog::Empty));
        let catalog = PlanCatalog::new(vec![plan("b", &["a"]), plan("c", &[])]).unwrap();
        let rank = |key: &str| catalog.rank(&key.parse().unwrap());
        assert_eq!((rank("a"), rank("b"), rank("c")), (None, Some(0), Some(1)));
    }

    #[test]
    fn the_plans_of_a_catalogue_are_in_order_and_resolved_by_what_they_replace() {
        let builtin = PlanCatalog::builtin();
        let keys: Vec<_> = builtin.iter().map(|plan| plan.key.as_str()).collect();
        assert_eq!(keys, ["basic", "pro"]);
        let starter = Plan {
            key: "starter".parse().unwrap(),
            replaces: vec!["basic".parse().unwrap()],
            ..builtin.find("basic").unwrap().clone()
        };
        let catalog = PlanCatalog::new(vec![starter.clone()]).unwrap();
        for (key, found) in [("starter", Some(&starter)), ("basic", Some(&starter)), ("pro", None)] {
            assert_eq!(catalog.resolve(&key.parse().unwrap()), found, "{key}");
        }
    }
}
