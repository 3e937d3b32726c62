//! Features: their types, their values, and the overrides of them.

use std::fmt;

use jiff::Timestamp;

use crate::words::words;
use crate::{FaultReason, Faults, Feature, Notes, UserId, check_text};

words!(
    /// The type of a feature's value.
    FeatureType {
        /// On or off.
        Switch = "switch",
        /// A whole number from 0 to [`QUANTITY_MAX`](crate::QUANTITY_MAX).
        Number = "number",
        /// A text of 1 to [`FeatureValue::CHARACTERS_MAX`] characters.
        Text = "text",
    }
);

/// The value of a feature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum FeatureValue {
    /// On or off.
    Switch(bool),
    /// A number.
    Number(u64),
    /// A text.
    Text(Box<str>),
}

impl FeatureValue {
    /// The most characters of a text.
    pub const CHARACTERS_MAX: usize = 500;

    /// Its type.
    #[must_use]
    pub const fn feature_type(&self) -> FeatureType {
        match self {
            Self::Switch(_) => FeatureType::Switch,
            Self::Number(_) => FeatureType::Number,
            Self::Text(_) => FeatureType::Text,
        }
    }

    /// The value of a feature that neither a plan nor an override names: off, 0, or an empty text.
    #[must_use]
    pub fn absent(feature_type: FeatureType) -> Self {
        match feature_type {
            FeatureType::Switch => Self::Switch(false),
            FeatureType::Number => Self::Number(0),
            FeatureType::Text => Self::Text("".into()),
        }
    }

    /// Parses a text of 1 to [`FeatureValue::CHARACTERS_MAX`] characters.
    ///
    /// # Errors
    /// The text has no visible character, is too long, or has a control character.
    pub fn parse_text(text: &str) -> Result<Self, FaultReason> {
        check_text(text)?;
        let characters_max = Self::CHARACTERS_MAX;
        let is_too_long = text.chars().count() > characters_max;
        if is_too_long { Err(FaultReason::TooLong { characters_max }) } else { Ok(Self::Text(text.into())) }
    }

    /// Whether it is other than [absent](FeatureValue::absent): on, more than 0, or a text.
    #[must_use]
    pub fn is_present(&self) -> bool {
        *self != Self::absent(self.feature_type())
    }
}

impl fmt::Display for FeatureValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Switch(is_on) => f.pad(if *is_on { "on" } else { "off" }),
            Self::Number(number) => fmt::Display::fmt(number, f),
            Self::Text(text) => f.pad(text),
        }
    }
}

/// The definition of a feature.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct FeatureDef {
    /// The key. No metric of the catalogue has it.
    pub key: Feature,
    /// The type of its values.
    pub feature_type: FeatureType,
}

/// A value of a feature that an operator set for one account, instead of its plan's.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize))]
pub struct FeatureOverride {
    /// The feature.
    pub feature: Feature,
    /// The value.
    pub value: FeatureValue,
    /// The operator's reason.
    pub reason: Notes,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
    /// The operator who set it.
    pub created_by: UserId,
    /// When.
    pub created_at: Timestamp,
}

impl FeatureOverride {
    /// Whether it has not expired at `now`.
    #[must_use]
    pub fn is_in_force(&self, now: Timestamp) -> bool {
        self.expires_at.is_none_or(|end| now < end)
    }
}

/// The fields of a new override of a feature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewFeatureOverride {
    /// The value.
    pub value: FeatureValue,
    /// Why.
    pub reason: Notes,
    /// When it expires; `None` for never.
    pub expires_at: Option<Timestamp>,
}

impl NewFeatureOverride {
    /// Parses an override. The caller checks that `expires_at` is in the future.
    ///
    /// # Errors
    /// All faults in the fields.
    pub fn parse(
        value: Result<FeatureValue, FaultReason>,
        reason: Option<&str>,
        expires_at: Option<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let value = faults.take("value", value);
        let reason = faults.take("reason", reason.ok_or(FaultReason::Required).and_then(Notes::parse));
        let expires_at = faults.take_optional("expires_at", expires_at.map(crate::parse_instant));
        match (value, reason, expires_at) {
            (Some(value), Some(reason), Some(expires_at)) => Ok(Self { value, reason, expires_at }),
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_override_of_a_feature_is_parsed_or_refused_with_all_its_faults() {
        let parsed = NewFeatureOverride::parse(Ok(FeatureValue::Switch(true)), Some("A pilot"), None).unwrap();
        assert_eq!((parsed.value, parsed.expires_at), (FeatureValue::Switch(true), None));
        let faults = NewFeatureOverride::parse(Err(FaultReason::Required), None, Some("soon")).unwrap_err();
        let fields: Vec<_> = faults.iter().map(|fault| fault.field).collect();
        assert_eq!(fields, ["value", "reason", "expires_at"]);
    }

    #[test]
    fn a_feature_without_a_value_is_off_zero_or_empty() {
        for (feature_type, shown) in [(FeatureType::Switch, "off"), (FeatureType::Number, "0"), (FeatureType::Text, "")]
        {
            let absent = FeatureValue::absent(feature_type);
            assert_eq!((absent.feature_type(), absent.to_string().as_str()), (feature_type, shown));
        }
        assert_eq!(FeatureValue::Switch(true).to_string(), "on");
    }

    #[test]
    fn a_text_has_visible_characters_and_at_most_500() {
        assert_eq!(FeatureValue::parse_text("gold"), Ok(FeatureValue::Text("gold".into())));
        assert!(FeatureValue::parse_text(&"é".repeat(500)).is_ok());
        for (bad, reason) in [
            (" ", FaultReason::Blank),
            ("a\nb", FaultReason::ControlCharacter),
            (&"a".repeat(501), FaultReason::TooLong { characters_max: 500 }),
        ] {
            assert_eq!(FeatureValue::parse_text(bad), Err(reason), "{bad:?}");
        }
    }

    #[test]
    fn a_value_is_present_if_it_is_on_positive_or_a_text() {
        let text = |text: &str| FeatureValue::Text(text.into());
        for value in [FeatureValue::Switch(true), FeatureValue::Number(1), text("a")] {
            assert!(value.is_present(), "{value:?}");
        }
        for value in [FeatureValue::Switch(false), FeatureValue::Number(0), text("")] {
            assert!(!value.is_present(), "{value:?}");
        }
    }
}
