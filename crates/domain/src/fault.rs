//! Faults of an input: all at once, each with its field.

use std::fmt;

use crate::{KeyKind, bounds};

/// A fault of one field of an input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong.
    pub reason: FaultReason,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultReason {
    /// The field is required.
    Required,
    /// The field has another JSON type.
    WrongType {
        /// The type of the field.
        expected: &'static str,
    },
    /// The text has no visible character.
    Blank,
    /// The name is dots alone.
    OnlyDots,
    /// The text has too few characters (Unicode scalar values).
    TooShort {
        /// The fewest permitted.
        characters_min: usize,
    },
    /// The text has too many characters (Unicode scalar values).
    TooLong {
        /// The most permitted.
        characters_max: usize,
    },
    /// The text has a control character (Unicode general category `Cc`), a line break, or a
    /// character that changes the direction of text (Unicode's `Bidi_Control`).
    ControlCharacter,
    /// The text is not an e-mail address.
    NotAnEmailAddress,
    /// The text is not the name of an IANA time zone.
    UnknownTimeZone,
    /// The text is not an RFC 3339 date and time with an offset.
    NotAnInstant,
    /// The instant is outside the range for bookings.
    InstantOutOfRange,
    /// The text is not a day within the range for bookings.
    NotADay,
    /// A day is given for a metric that is not limited by day.
    NotByDay,
    /// The number is out of range.
    OutOfRange {
        /// The least permitted.
        min: u64,
        /// The greatest permitted.
        max: u64,
    },
    /// The id is not one of an active staff member of the account.
    UnknownStaffMember,
    /// The text has a character that is not permitted in a username.
    NotAUsername,
    /// The text is not one of the known words.
    NotOneOf {
        /// The known words, separated by commas.
        words: &'static str,
    },
    /// The id is not one of an account that the caller may act on.
    UnknownAccount,
    /// The instant is in the past.
    InThePast,
    /// The password is wrong.
    WrongPassword,
    /// The password is among the most common ones, which attackers try first.
    CommonPassword,
    /// The password is the username.
    SameAsUsername,
    /// The text is not 1 to 128 visible ASCII characters.
    NotVisible,
    /// The text is not the key of a metric, meter or feature that takes this request.
    UnknownKey {
        /// The kind of key.
        kind: KeyKind,
    },
    /// The pairs are not [`Metadata`](crate::Metadata).
    NotMetadata,
    /// The id is not one of a live hold of the account and the meter.
    UnknownHold,
    /// The list has too few or too many items.
    ItemCountOutOfRange {
        /// The fewest permitted.
        min: usize,
        /// The most permitted.
        max: usize,
    },
    /// The field cannot be sent beside another one.
    NotBeside {
        /// The name of the other field.
        field: &'static str,
    },
    /// The field does not apply to this request.
    NotApplicable,
}

impl FaultReason {
    /// One of each kind, for documentation. The numbers and words in them are examples.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::successors(Some(Self::Required), |reason| reason.next())
    }

    /// The next kind. A new kind does not compile until it is listed here.
    const fn next(self) -> Option<Self> {
        Some(match self {
            Self::Required => Self::WrongType { expected: "string" },
            Self::WrongType { .. } => Self::Blank,
            Self::Blank => Self::OnlyDots,
            Self::OnlyDots => Self::TooShort { characters_min: 8 },
            Self::TooShort { .. } => Self::TooLong { characters_max: 100 },
            Self::TooLong { .. } => Self::ControlCharacter,
            Self::ControlCharacter => Self::NotAnEmailAddress,
            Self::NotAnEmailAddress => Self::UnknownTimeZone,
            Self::UnknownTimeZone => Self::NotAnInstant,
            Self::NotAnInstant => Self::InstantOutOfRange,
            Self::InstantOutOfRange => Self::NotADay,
            Self::NotADay => Self::NotByDay,
            Self::NotByDay => Self::OutOfRange { min: 1, max: 100 },
            Self::OutOfRange { .. } => Self::UnknownStaffMember,
            Self::UnknownStaffMember => Self::NotAUsername,
            Self::NotAUsername => Self::NotOneOf { words: "viewer, manager, owner" },
            Self::NotOneOf { .. } => Self::UnknownAccount,
            Self::UnknownAccount => Self::InThePast,
            Self::InThePast => Self::WrongPassword,
            Self::WrongPassword => Self::CommonPassword,
            Self::CommonPassword => Self::SameAsUsername,
            Self::SameAsUsername => Self::NotVisible,
            Self::NotVisible => Self::UnknownKey { kind: KeyKind::Meter },
            Self::UnknownKey { .. } => Self::NotMetadata,
            Self::NotMetadata => Self::UnknownHold,
            Self::UnknownHold => Self::ItemCountOutOfRange { min: 1, max: 20 },
            Self::ItemCountOutOfRange { .. } => Self::NotBeside { field: "items" },
            Self::NotBeside { .. } => Self::NotApplicable,
            Self::NotApplicable => return None,
        })
    }

    /// The stable code, for programs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::WrongType { .. } => "wrong_type",
            Self::Blank => "blank",
            Self::OnlyDots => "only_dots",
            Self::TooShort { .. } => "too_short",
            Self::TooLong { .. } => "too_long",
            Self::ControlCharacter => "control_character",
            Self::NotAnEmailAddress => "not_an_email_address",
            Self::UnknownTimeZone => "unknown_time_zone",
            Self::NotAnInstant => "not_an_instant",
            Self::InstantOutOfRange => "instant_out_of_range",
            Self::NotADay => "not_a_day",
            Self::NotByDay => "not_by_day",
            Self::OutOfRange { .. } => "out_of_range",
            Self::UnknownStaffMember => "unknown_staff_member",
            Self::NotAUsername => "not_a_username",
            Self::NotOneOf { .. } => "not_one_of",
            Self::UnknownAccount => "unknown_account",
            Self::InThePast => "in_the_past",
            Self::WrongPassword => "wrong_password",
            Self::CommonPassword => "common_password",
            Self::SameAsUsername => "same_as_username",
            Self::NotVisible => "not_visible",
            Self::UnknownKey { .. } => "unknown_key",
            Self::NotMetadata => "not_metadata",
            Self::UnknownHold => "unknown_hold",
            Self::ItemCountOutOfRange { .. } => "item_count_out_of_range",
            Self::NotBeside { .. } => "not_beside",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// A sentence for people that says what to send instead.
impl fmt::Display for FaultReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Required => f.write_str("This field is required."),
            Self::WrongType { expected } => write!(f, "This field takes a {expected}."),
            Self::Blank => f.write_str("This field takes at least one visible character."),
            Self::OnlyDots => f.write_str("This field takes at least one visible character other than a dot."),
            Self::TooShort { characters_min } => {
                write!(f, "This field takes at least {characters_min} characters.")
            }
            Self::TooLong { characters_max } => {
                write!(f, "This field takes at most {characters_max} characters.")
            }
            Self::ControlCharacter => f.write_str(
                "This field takes no control characters: no line breaks, and none that change the direction of text.",
            ),
            Self::NotAnEmailAddress => write!(
                f,
                "This field takes an e-mail address such as ann@example.com, of at most {} characters.",
                bounds::EMAIL_ADDRESS_CHARACTERS_MAX
            ),
            Self::UnknownTimeZone => f.write_str("This field takes an IANA time zone such as Europe/Berlin."),
            Self::NotAnInstant => f.write_str(
                "This field takes an RFC 3339 date and time with an offset, such as 2026-03-29T10:00:00+02:00.",
            ),
            Self::InstantOutOfRange => {
                write!(
                    f,
                    "This field takes a time from {} until before {}.",
                    bounds::STARTS_AT_MIN,
                    bounds::STARTS_AT_MAX
                )
            }
            Self::NotADay => {
                write!(f, "This field takes a day from {} to {}, as YYYY-MM-DD.", bounds::DAY_MIN, bounds::DAY_MAX)
            }
            Self::NotByDay => f.write_str("This metric is not limited by day: leave the field out."),
            Self::OutOfRange { min, max } => write!(f, "This field takes a number from {min} to {max}."),
            Self::UnknownStaffMember => {
                f.write_str("This field takes the id of an active staff member of this account.")
            }
            Self::NotAUsername => f.write_str("This field takes letters from a to z, digits, and . _ - @ + only."),
            Self::NotOneOf { words } => write!(f, "This field takes one of: {words}."),
            Self::UnknownAccount => f.write_str("This field takes the id of an account that you may act on."),
            Self::InThePast => f.write_str("This field takes a time to come."),
            Self::WrongPassword => f.write_str("This field takes your present password."),
            Self::CommonPassword => {
                f.write_str("This field takes a password that is not among those that most people choose.")
            }
            Self::SameAsUsername => f.write_str("This field takes a password that is not the username."),
            Self::NotVisible => f.write_str("This field takes 1 to 128 visible ASCII characters, without spaces."),
            Self::UnknownKey { kind } => {
                write!(f, "This field takes a {kind} of the catalogue that fits this request.")
            }
            Self::NotMetadata => f.write_str(
                "This field takes an object of up to 20 texts: keys of 1 to 64 visible ASCII characters, values of up to 500 characters.",
            ),
            Self::UnknownHold => f.write_str("This field takes the id of a live hold of this account and meter."),
            Self::ItemCountOutOfRange { min, max } => write!(f, "This field takes {min} to {max} items."),
            Self::NotBeside { field } => write!(f, "This field cannot be sent beside {field}: leave one of them out."),
            Self::NotApplicable => f.write_str("This field does not apply to this request: leave it out."),
        }
    }
}

/// The faults of one input, at most one for each field: the first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Faults(Vec<Located>);

/// A fault, and the item of a list that it is in, if any.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Located {
    item: Option<Item>,
    fault: Fault,
}

/// An item of a list: the list's field, and the position from 0.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
struct Item {
    list: &'static str,
    index: usize,
}

impl Faults {
    /// Adds a fault, unless the field has one already.
    pub fn add(&mut self, field: &'static str, reason: FaultReason) {
        self.insert(Located { item: None, fault: Fault { field, reason } });
    }

    fn insert(&mut self, new: Located) {
        if self.0.iter().all(|known| (known.item, known.fault.field) != (new.item, new.fault.field)) {
            self.0.push(new);
        }
    }

    /// Returns the value of a parsed field, or adds its fault.
    pub fn take<T>(&mut self, field: &'static str, parsed: Result<T, FaultReason>) -> Option<T> {
        parsed.map_err(|reason| self.add(field, reason)).ok()
    }

    /// Like [`Faults::take`], for an optional field: `Some(None)` if it is absent.
    pub fn take_optional<T>(
        &mut self,
        field: &'static str,
        parsed: Option<Result<T, FaultReason>>,
    ) -> Option<Option<T>> {
        match parsed {
            Some(parsed) => self.take(field, parsed).map(Some),
            None => Some(None),
        }
    }

    /// Returns a parsed value, or adds all of its faults.
    pub fn collect<T>(&mut self, parsed: Result<T, Self>) -> Option<T> {
        parsed.map_err(|others| others.0.into_iter().for_each(|located| self.insert(located))).ok()
    }

    /// Returns a parsed item of a list, or adds all of its faults. `list` is the field of the list,
    /// `index` the item's position from 0. An item that is not an object has a fault of the field
    /// `""`.
    ///
    /// ```
    /// use domain::{Fault, FaultReason, Faults};
    ///
    /// let mut faults = Faults::default();
    /// let item = Faults::from(Fault { field: "quantity", reason: FaultReason::Required });
    /// assert_eq!(faults.collect_item::<u64>("items", 3, Err(item)), None);
    /// assert_eq!(faults.pointers().next(), Some(("/items/3/quantity".to_owned(), FaultReason::Required)));
    /// ```
    pub fn collect_item<T>(&mut self, list: &'static str, index: usize, parsed: Result<T, Self>) -> Option<T> {
        let item = Some(Item { list, index });
        parsed.map_err(|others| others.0.into_iter().for_each(|of| self.insert(Located { item, ..of }))).ok()
    }

    /// Whether there are no faults.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter().map(|located| &located.fault)
    }

    /// The JSON pointer (RFC 6901) of each faulty field, and what is wrong, in the order in which
    /// they were added. The empty pointer is the whole input.
    pub fn pointers(&self) -> impl Iterator<Item = (String, FaultReason)> {
        self.0.iter().map(|located| {
            let item = located.item.map(|item| format!("/{}/{}", item.list, item.index)).unwrap_or_default();
            let Fault { field, reason } = located.fault;
            (if field.is_empty() { item } else { format!("{item}/{field}") }, reason)
        })
    }

    /// Returns the value of `parsed` if there are no faults at all.
    ///
    /// # Errors
    /// These faults and those of `parsed`; the first for each field.
    pub fn finish<T>(mut self, parsed: Result<T, Self>) -> Result<T, Self> {
        match parsed {
            Ok(value) if self.is_empty() => Ok(value),
            Ok(_) => Err(self),
            Err(others) => {
                self.collect::<T>(Err(others));
                Err(self)
            }
        }
    }
}

impl From<Fault> for Faults {
    fn from(fault: Fault) -> Self {
        Self(vec![Located { item: None, fault }])
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_of_fault_has_a_code_and_a_sentence_of_its_own() {
        let kinds: Vec<_> = FaultReason::all().collect();
        assert_eq!((kinds.first(), kinds.last()), (Some(&FaultReason::Required), Some(&FaultReason::NotApplicable)));
        let codes: BTreeSet<_> = kinds.iter().map(|reason| reason.code()).collect();
        let sentences: BTreeSet<_> = kinds.iter().map(ToString::to_string).collect();
        assert_eq!((codes.len(), sentences.len()), (kinds.len(), kinds.len()));
        assert!(codes.iter().all(|code| code.len() > 4 && code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        assert_eq!((FaultReason::Blank.code(), FaultReason::NotADay.code()), ("blank", "not_a_day"));
        assert!(sentences.iter().all(|sentence| sentence.ends_with('.') && sentence.starts_with("This ")));
    }

    #[test]
    fn faults_are_collected_and_settled_with_the_first_of_each_field() {
        let fault = |field| Fault { field, reason: FaultReason::Required };
        let mut faults = Faults::default();
        assert!(faults.is_empty());
        assert_eq!(faults.collect(Ok(1)), Some(1));
        assert_eq!(Faults::default().finish(Ok(1)), Ok(1));
        assert_eq!(faults.collect::<u8>(Err(fault("a").into())), None);
        assert!(!faults.is_empty());
        assert_eq!(faults.clone().finish(Ok(1)), Err(fault("a").into()));
        faults.add("a", FaultReason::Blank);
        let settled = faults.finish::<u8>(Err(fault("b").into())).unwrap_err();
        assert_eq!(settled.iter().collect::<Vec<_>>(), [&fault("a"), &fault("b")]);
    }
    #[test]
    fn faults_of_items_have_pointers_into_their_list() {
        let missing = |field| Err::<u8, _>(Faults::from(Fault { field, reason: FaultReason::Required }));
        let mut faults = Faults::default();
        faults.add("meter", FaultReason::Blank);
        assert_eq!(faults.collect_item("items", 0, Ok(7)), Some(7));
        for (index, field) in [(3, "meter"), (3, "meter"), (0, "meter"), (3, "at"), (4, "")] {
            assert_eq!(faults.collect_item("items", index, missing(field)), None);
        }
        faults.add("", FaultReason::Required);
        let pointers: Vec<String> = faults.pointers().map(|(pointer, _)| pointer).collect();
        assert_eq!(pointers, ["/meter", "/items/3/meter", "/items/0/meter", "/items/3/at", "/items/4", ""]);
    }
}
