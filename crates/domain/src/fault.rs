//! What is wrong with an input: every fault at once, each with the field it is about.

use std::fmt;

use crate::bounds;

/// One thing wrong with one field of an input.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Fault {
    /// The field's name.
    pub field: &'static str,
    /// What is wrong with it.
    pub reason: FaultReason,
}

/// What can be wrong with a field.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FaultReason {
    /// It has to be given.
    Required,
    /// It is of another JSON type than the one named here.
    WrongType {
        /// The type that the field takes.
        expected: &'static str,
    },
    /// There is nothing to see of it: it is empty, or white space and invisible characters.
    Blank,
    /// It is a name of nothing but dots.
    OnlyDots,
    /// It has fewer characters (Unicode scalar values) than the limit named here.
    TooShort {
        /// The fewest characters the field takes.
        characters_min: usize,
    },
    /// It has more characters (Unicode scalar values) than the limit named here.
    TooLong {
        /// The most characters the field takes.
        characters_max: usize,
    },
    /// It holds a control character (Unicode general category `Cc`), a line break, or a character that
    /// changes the direction of text (Unicode's `Bidi_Control`).
    ControlCharacter,
    /// It is not an e-mail address.
    NotAnEmailAddress,
    /// It is not a name from the IANA time zone database.
    UnknownTimeZone,
    /// It is not an RFC 3339 date and time with an offset.
    NotAnInstant,
    /// It lies outside the span of time that bookings can be made for.
    InstantOutOfRange,
    /// It is not a day, or not one that bookings can be made for.
    NotADay,
    /// It is about a day, and what it comes with is not.
    NotByDay,
    /// It is a number below the least or above the greatest named here.
    OutOfRange {
        /// The least number that the field takes.
        min: u32,
        /// The greatest.
        max: u32,
    },
    /// It does not name an active staff member of this account.
    UnknownStaffMember,
    /// It has a character that no username has.
    NotAUsername,
    /// It is none of the words that it can be.
    NotOneOf {
        /// The words.
        words: &'static str,
    },
    /// It does not name an account that the caller may act on.
    UnknownAccount,
    /// It lies in the past.
    InThePast,
    /// It is not the user's password.
    WrongPassword,
    /// It is among the passwords that are tried first, because so many people have them.
    CommonPassword,
    /// It is the user's own name.
    SameAsUsername,
}

impl FaultReason {
    /// One of each kind, for a list of what there is: the numbers and words in them are examples.
    pub fn all() -> impl Iterator<Item = Self> {
        std::iter::successors(Some(Self::Required), |reason| reason.next())
    }

    /// The kind after this one: a new one does not compile until it has its place.
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
            Self::SameAsUsername => return None,
        })
    }

    /// A stable name for programs to act on.
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
        }
    }
}

/// A sentence for people, saying what to send instead.
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
        }
    }
}

/// The faults found so far in one input, at most one a field: the first.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Faults(Vec<Fault>);

impl Faults {
    /// Notes a fault, unless the field already has one.
    pub fn add(&mut self, field: &'static str, reason: FaultReason) {
        if self.0.iter().all(|fault| fault.field != field) {
            self.0.push(Fault { field, reason });
        }
    }

    /// Hands on the value of a field that parsed, or notes why it did not.
    pub fn take<T>(&mut self, field: &'static str, parsed: Result<T, FaultReason>) -> Option<T> {
        parsed.map_err(|reason| self.add(field, reason)).ok()
    }

    /// As [`Faults::take`], for a field that may be left out: left out is `Some(None)`.
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

    /// Hands on what parsed as a whole, or notes every fault in it.
    pub fn collect<T>(&mut self, parsed: Result<T, Self>) -> Option<T> {
        parsed.map_err(|others| others.0.into_iter().for_each(|fault| self.add(fault.field, fault.reason))).ok()
    }

    /// Whether nothing is wrong so far.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The faults, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = &Fault> {
        self.0.iter()
    }

    /// What `parsed` gives if nothing was wrong before either; else all that is wrong.
    ///
    /// # Errors
    /// These faults and those of `parsed`; of two in one field the earlier.
    pub fn settle<T>(mut self, parsed: Result<T, Self>) -> Result<T, Self> {
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
        Self(vec![fault])
    }
}
