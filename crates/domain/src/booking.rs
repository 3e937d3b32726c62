//! A booking of an account.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{
    AccountId, Attribution, BookingId, Change, FaultReason, Faults, Name, Notes, Occurrence, StaffId, UnknownWord,
    parse_instant,
};

/// An appointment. It counts towards the limit of its day.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// Its account.
    pub account_id: AccountId,
    /// The business day on which it counts. A change of the account's time zone does not move it.
    pub day: Date,
    /// The label of the subscription's period in which it counts, if it is known.
    pub period: Option<Date>,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The customer's name.
    pub customer_name: Option<Name>,
    /// The staff member who serves the customer.
    pub staff_id: Option<StaffId>,
    /// Notes.
    pub notes: Option<Notes>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was removed; `None` while it exists.
    pub deleted_at: Option<Timestamp>,
    /// The version, from 1. The `ETag` names it.
    pub version: u32,
    /// The creator and the request.
    pub created_by: Attribution,
}

impl Booking {
    /// The position in the account's list of bookings.
    #[must_use]
    pub const fn position(&self) -> BookingPosition {
        BookingPosition { day: self.day, id: self.id }
    }

    /// When it happens, as counters see it.
    #[must_use]
    pub const fn occurrence(&self) -> Occurrence {
        Occurrence { at: self.starts_at, day: self.day, period: self.period }
    }

    /// Whether it has begun at `now`. From then on it cannot be moved, and removing it does not
    /// lower the usage.
    #[must_use]
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.starts_at <= now
    }

    /// Whether it counts towards the limit of its day: unless it was removed before it began. A
    /// booking that has begun keeps counting, so that removing it does not admit another one on the
    /// same day.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.deleted_at.is_none_or(|removed_at| self.has_begun(removed_at))
    }
}

/// A position in the list of an account's bookings: by day, latest first, and within a day by id,
/// newest first. Its booking need not exist.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct BookingPosition {
    /// The day.
    pub day: Date,
    /// The id. Bookings of the same day with a smaller id follow.
    pub id: BookingId,
}

impl fmt::Display for BookingPosition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.day, self.id)
    }
}

impl FromStr for BookingPosition {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        let (day, id) = text.split_once('_').ok_or(UnknownWord)?;
        Ok(Self { day: day.parse().map_err(|_| UnknownWord)?, id: id.parse().map_err(|_| UnknownWord)? })
    }
}

/// A filter for the list of an account's bookings.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BookingFilter {
    /// The first day; `None` for no lower bound.
    pub from: Option<Date>,
    /// The last day; `None` for no upper bound.
    pub to: Option<Date>,
    /// Only bookings of this staff member.
    pub staff_id: Option<StaffId>,
    /// Whether removed bookings are listed.
    pub include_deleted: bool,
}

impl BookingFilter {
    /// Whether a booking passes the filter.
    #[must_use]
    pub fn admits(&self, booking: &Booking) -> bool {
        self.from.is_none_or(|from| from <= booking.day)
            && self.to.is_none_or(|to| booking.day <= to)
            && self.staff_id.is_none_or(|id| booking.staff_id == Some(id))
            && (self.include_deleted || booking.deleted_at.is_none())
    }
}

/// A change to a booking.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BookingPatch {
    /// The new beginning. The booking counts on the day of it.
    pub starts_at: Option<Timestamp>,
    /// The customer's name.
    pub customer_name: Change<Name>,
    /// The staff member who serves the customer.
    pub staff_id: Change<StaffId>,
    /// Notes.
    pub notes: Change<Notes>,
}

impl BookingPatch {
    /// Parses the fields that change.
    ///
    /// # Errors
    /// All faults in the fields.
    pub fn parse(
        starts_at: Option<&str>,
        customer_name: Change<&str>,
        staff_id: Change<&str>,
        notes: Change<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let starts_at = faults.take_optional("starts_at", starts_at.map(parse_instant));
        let customer_name = faults.take("customer_name", customer_name.parse(Name::parse));
        let staff_id = staff_id.parse(|id| id.parse().map_err(|_| FaultReason::UnknownStaffMember));
        let staff_id = faults.take("staff_id", staff_id);
        let notes = faults.take("notes", notes.parse(Notes::parse));
        match (starts_at, customer_name, staff_id, notes) {
            (Some(starts_at), Some(customer_name), Some(staff_id), Some(notes)) => {
                Ok(Self { starts_at, customer_name, staff_id, notes })
            }
            _ => Err(faults),
        }
    }
}

/// The fields of a new booking.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NewBooking {
    /// When it begins; `None` for now.
    pub starts_at: Option<Timestamp>,
    /// The customer's name.
    pub customer_name: Option<Name>,
    /// The staff member who serves the customer.
    pub staff_id: Option<StaffId>,
    /// Notes.
    pub notes: Option<Notes>,
}

impl NewBooking {
    /// Parses the fields of a booking. All are optional.
    ///
    /// # Errors
    /// All faults in the fields.
    pub fn parse(
        starts_at: Option<&str>,
        customer_name: Option<&str>,
        staff_id: Option<&str>,
        notes: Option<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let starts_at = faults.take_optional("starts_at", starts_at.map(parse_instant));
        let customer_name = faults.take_optional("customer_name", customer_name.map(Name::parse));
        let staff_id = staff_id.map(|id| id.parse().map_err(|_| FaultReason::UnknownStaffMember));
        let staff_id = faults.take_optional("staff_id", staff_id);
        let notes = faults.take_optional("notes", notes.map(Notes::parse));
        match (starts_at, customer_name, staff_id, notes) {
            (Some(starts_at), Some(customer_name), Some(staff_id), Some(notes)) => {
                Ok(Self { starts_at, customer_name, staff_id, notes })
            }
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn position(day: &str, id: u128) -> BookingPosition {
        BookingPosition { day: day.parse().unwrap(), id: BookingId::from_uuid(Uuid::from_u128(id)) }
    }

    #[test]
    fn positions_are_ordered_by_day_and_then_by_id() {
        let rising = [
            position("1969-12-31", 9),
            position("2026-03-28", 8),
            position("2026-03-29", 1),
            position("2026-03-29", 7),
            position("2200-01-01", 0),
        ];
        assert!(rising.is_sorted_by(|earlier, later| earlier < later));
    }

    #[test]
    fn a_position_is_parsed_as_it_is_displayed() {
        for position in [position("1969-12-31", 0), position("2026-03-29", 1), position("2200-01-01", u128::MAX)] {
            assert_eq!(position.to_string().parse(), Ok(position));
        }
    }

    #[test]
    fn a_text_that_is_not_a_position_is_refused() {
        let id = BookingId::from_uuid(Uuid::from_u128(1));
        for text in [
            String::new(),
            "_".to_owned(),
            "2026-03-29".to_owned(),
            id.to_string(),
            format!("2026-03-29{id}"),
            format!("2026-02-30_{id}"),
            format!("_{id}"),
            "2026-03-29_".to_owned(),
            format!("2026-03-29_{id}_"),
            format!("2026-03-29__{id}"),
        ] {
            assert_eq!(text.parse::<BookingPosition>(), Err(UnknownWord), "{text}");
        }
    }

    fn booking(day: &str, staff_id: Option<StaffId>) -> Booking {
        let starts_at: Timestamp = format!("{day}T10:00:00Z").parse().unwrap();
        Booking {
            id: BookingId::from_uuid(Uuid::nil()),
            account_id: AccountId::from_uuid(Uuid::nil()),
            day: day.parse().unwrap(),
            period: None,
            starts_at,
            customer_name: None,
            staff_id,
            notes: None,
            created_at: starts_at,
            deleted_at: None,
            version: 1,
            created_by: Attribution {
                user_id: crate::UserId::from_uuid(Uuid::nil()),
                api_key: None,
                origin: crate::Origin { address: None, request_id: "r".into() },
            },
        }
    }

    #[test]
    fn a_booking_counts_unless_it_was_removed_before_it_began() {
        let microsecond = jiff::SignedDuration::from_micros(1);
        let booking = booking("2026-03-29", None);
        assert!(booking.is_counted());
        for (at, has_begun) in [
            (booking.starts_at - microsecond, false),
            (booking.starts_at, true),
            (booking.starts_at + microsecond, true),
        ] {
            assert_eq!(booking.has_begun(at), has_begun, "{at}");
            let removed = Booking { deleted_at: Some(at), ..booking.clone() };
            assert_eq!(removed.is_counted(), has_begun, "removed at {at}");
        }
    }

    #[test]
    fn a_filter_admits_what_passes_all_of_its_conditions() {
        let (ann, ben) = (StaffId::from_uuid(Uuid::from_u128(1)), StaffId::from_uuid(Uuid::from_u128(2)));
        let of_ann = booking("2026-03-29", Some(ann));
        let removed = Booking { deleted_at: Some(of_ann.starts_at), ..of_ann.clone() };
        let day = |text: &str| Some(text.parse().unwrap());
        let any = BookingFilter::default();
        for (filter, admits, admits_removed) in [
            (any, true, false),
            (BookingFilter { include_deleted: true, ..any }, true, true),
            (BookingFilter { from: day("2026-03-29"), to: day("2026-03-29"), staff_id: Some(ann), ..any }, true, false),
            (BookingFilter { from: day("2026-03-30"), ..any }, false, false),
            (BookingFilter { to: day("2026-03-28"), ..any }, false, false),
            (
                BookingFilter { from: day("2026-03-30"), to: day("2026-03-31"), staff_id: Some(ann), ..any },
                false,
                false,
            ),
            (BookingFilter { to: day("2026-03-28"), staff_id: Some(ann), include_deleted: true, ..any }, false, false),
            (BookingFilter { staff_id: Some(ben), ..any }, false, false),
            (BookingFilter { staff_id: Some(ben), include_deleted: true, ..any }, false, false),
        ] {
            assert_eq!((filter.admits(&of_ann), filter.admits(&removed)), (admits, admits_removed), "{filter:?}");
        }
    }

    #[test]
    fn the_fields_of_a_booking_are_parsed_or_refused_with_all_faults() {
        let staff = StaffId::from_uuid(Uuid::from_u128(1));
        let (instant, name, notes) = ("2026-03-29T10:00:00Z", Name::parse("Ben").unwrap(), Notes::parse("-").unwrap());
        let new = NewBooking {
            starts_at: Some(instant.parse().unwrap()),
            customer_name: Some(name.clone()),
            staff_id: Some(staff),
            notes: Some(notes.clone()),
        };
        assert_eq!(NewBooking::parse(Some(instant), Some("Ben"), Some(&staff.to_string()), Some("-")), Ok(new));
        let patch = BookingPatch {
            starts_at: Some(instant.parse().unwrap()),
            customer_name: Change::Set(name),
            staff_id: Change::Clear,
            notes: Change::Set(notes),
        };
        let parsed = BookingPatch::parse(Some(instant), Change::Set("Ben"), Change::Clear, Change::Set("-"));
        assert_eq!(parsed, Ok(patch));
        let fields = |faults: Faults| faults.iter().map(|fault| fault.field).collect::<Vec<_>>();
        let expected = ["starts_at", "customer_name", "staff_id", "notes"];
        assert_eq!(fields(NewBooking::parse(Some(""), Some(""), Some(""), Some("")).unwrap_err()), expected);
        let blank = Change::Set("");
        assert_eq!(fields(BookingPatch::parse(Some(""), blank, blank, blank).unwrap_err()), expected);
    }
}
