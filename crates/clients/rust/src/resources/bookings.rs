//! Bookings, which `bookings_per_day` and other metrics of the meter `bookings` limit.

use domain::{AccountId, BookingId, Date, HoldId, StaffId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::change::Change;
use crate::pages::List;
use crate::request::Request;

/// A booking.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Booking {
    /// The id.
    pub id: BookingId,
    /// The account.
    pub account_id: AccountId,
    /// The day on which it counts.
    pub day: Date,
    /// When it begins.
    pub starts_at: Timestamp,
    /// The customer.
    pub customer_name: Option<String>,
    /// The staff member.
    pub staff_id: Option<StaffId>,
    /// Notes.
    pub notes: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The user who created it.
    pub created_by: UserId,
    /// When it was removed.
    pub deleted_at: Option<Timestamp>,
}

/// The fields of a new booking.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct NewBooking {
    /// When it begins; now by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// The customer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub customer_name: Option<String>,
    /// The staff member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub staff_id: Option<StaffId>,
    /// Notes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notes: Option<String>,
    /// The hold whose place it takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
}

/// The fields of a booking to change.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct BookingChange {
    /// When it begins: this reschedules it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub starts_at: Option<Timestamp>,
    /// The customer.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub customer_name: Change<String>,
    /// The staff member.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub staff_id: Change<StaffId>,
    /// Notes.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub notes: Change<String>,
}

/// The operations on the bookings of an account.
#[derive(Clone, Debug)]
pub struct Bookings(pub(super) AccountClient);

impl Bookings {
    /// Creates a booking, if the plan has room on its day.
    pub fn create(&self, new: &NewBooking) -> Request<Booking> {
        Request::with_json(&self.0.transport, Call::post(account_path!(self.0, "bookings")), new)
    }

    /// The bookings, the latest day first.
    pub fn list(&self) -> List<Booking> {
        List::new(&self.0.transport, Call::get(account_path!(self.0, "bookings")))
    }

    /// A booking.
    pub fn find(&self, id: BookingId) -> Request<Booking> {
        Request::new(&self.0.transport, Call::get(account_path!(self.0, "bookings", &id.to_string())))
    }

    /// Changes fields of a booking.
    pub fn change(&self, id: BookingId, change: &BookingChange) -> Request<Booking> {
        Request::with_json(&self.0.transport, Call::patch(account_path!(self.0, "bookings", &id.to_string())), change)
    }

    /// Removes a booking. Its place is free at once, unless it has begun.
    pub fn remove(&self, id: BookingId) -> Request<()> {
        Request::new(&self.0.transport, Call::delete(account_path!(self.0, "bookings", &id.to_string())))
    }

    /// Restores a removed booking, if the plan has room.
    pub fn restore(&self, id: BookingId) -> Request<Booking> {
        Request::new(&self.0.transport, Call::post(account_path!(self.0, "bookings", &id.to_string(), "restore")))
    }
}

impl List<Booking> {
    /// From this day on.
    pub fn from(self, day: Date) -> Self {
        self.with("from", day)
    }

    /// Up to and including this day.
    pub fn to(self, day: Date) -> Self {
        self.with("to", day)
    }

    /// Of this staff member.
    pub fn staff_id(self, id: StaffId) -> Self {
        self.with("staff_id", id)
    }

    /// Removed bookings, too.
    pub fn include_deleted(self) -> Self {
        self.with("include_deleted", true)
    }
}
