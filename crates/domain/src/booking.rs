//! A booking of an account.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::{AccountId, BookingId, FaultReason, Faults, Name, Notes, StaffId, parse_instant};

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
