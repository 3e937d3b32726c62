//! A booking of an account.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{AccountId, BookingId, Change, FaultReason, Faults, Name, Notes, StaffId, parse_instant};

/// An appointment, which counts towards its day's limit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Booking {
    /// Its id.
    pub id: BookingId,
    /// The account it was made with.
    pub account_id: AccountId,
    /// The business day it counts on, fixed when it was made.
    pub day: Date,
    /// When it begins.
    pub starts_at: Timestamp,
    /// Whom it is for.
    pub customer_name: Option<Name>,
    /// Who serves them.
    pub staff_id: Option<StaffId>,
    /// What else there is to know.
    pub notes: Option<Notes>,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was removed, if it was.
    pub deleted_at: Option<Timestamp>,
}

impl Booking {
    /// Whether it has begun at `now`. From then on it cannot be moved, and removing it frees nothing.
    #[must_use]
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.starts_at <= now
    }

    /// Whether it counts towards its day's limit: unless it was removed before it began. What has taken place cannot be
    /// undone, and a day's limit not be used twice by removing what is over.
    #[must_use]
    pub fn is_counted(&self) -> bool {
        self.deleted_at.is_none_or(|removed_at| self.has_begun(removed_at))
    }
}

/// Which of an account's bookings to list.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BookingFilter {
    /// The first day, if only some are wanted.
    pub from: Option<Date>,
    /// The last day, if only some are wanted.
    pub to: Option<Date>,
    /// Those for this staff member alone.
    pub staff_id: Option<StaffId>,
    /// Those that were removed as well.
    pub include_deleted: bool,
}

impl BookingFilter {
    /// Whether the filter lets a booking through.
    #[must_use]
    pub fn admits(&self, booking: &Booking) -> bool {
        self.from.is_none_or(|from| from <= booking.day)
            && self.to.is_none_or(|to| booking.day <= to)
            && self.staff_id.is_none_or(|id| booking.staff_id == Some(id))
            && (self.include_deleted || booking.deleted_at.is_none())
    }
}

/// What is to change about a booking.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct BookingPatch {
    /// When it begins from now on, if that changes: it counts on the day of this.
    pub starts_at: Option<Timestamp>,
    /// Whom it is for.
    pub customer_name: Change<Name>,
    /// Who serves them.
    pub staff_id: Change<StaffId>,
    /// What else there is to know.
    pub notes: Change<Notes>,
}

impl BookingPatch {
    /// Reads the fields that change.
    ///
    /// # Errors
    /// Every fault in them.
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

/// What it takes to make a booking.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct NewBooking {
    /// When it begins; now, if left out.
    pub starts_at: Option<Timestamp>,
    /// Whom it is for.
    pub customer_name: Option<Name>,
    /// Who serves them.
    pub staff_id: Option<StaffId>,
    /// What else there is to know.
    pub notes: Option<Notes>,
}

impl NewBooking {
    /// Reads a booking's fields, all of which may be left out.
    ///
    /// # Errors
    /// Every fault in them.
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
