//! The endpoints of bookings, and the response body that they share.

mod change;
mod create;
mod find;
mod list;
mod remove;
mod restore;

use domain::Booking;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::Versioned;

endpoints! {
    list::list_bookings,
    create::create_booking,
    find::find_booking,
    change::change_booking,
    remove::remove_booking,
    restore::restore_booking,
}

/// An appointment. It counts towards the limit of its day.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Booking)]
pub(crate) struct BookingBody {
    /// The booking's id.
    #[schema(example = "bkg_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The id of the booking's account.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// The day that the booking counts on: that of `starts_at` in the account's time zone. A later
    /// change of the time zone does not change it.
    #[schema(format = Date, example = "2026-03-29")]
    day: String,
    /// The time when the booking begins.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    starts_at: String,
    /// The customer's name, or null.
    #[schema(required, example = "Ben")]
    customer_name: Option<String>,
    /// The id of the staff member, or null.
    #[schema(required, example = "staff_01h455vb4pex5vsknk084sn02q")]
    staff_id: Option<String>,
    /// Notes, or null.
    #[schema(required, example = "First visit")]
    notes: Option<String>,
    /// The time when the booking was created.
    #[schema(format = DateTime, example = "2026-03-20T12:34:56.789012Z")]
    created_at: String,
    /// The id of the user who created the booking, with a login or an API key.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
    /// The time when the booking was removed, or null.
    #[schema(required, format = DateTime)]
    deleted_at: Option<String>,
    #[serde(skip)]
    version: u32,
}

impl From<Booking> for BookingBody {
    fn from(booking: Booking) -> Self {
        Self {
            id: booking.id.to_string(),
            account_id: booking.account_id.to_string(),
            day: booking.day.to_string(),
            starts_at: booking.starts_at.to_string(),
            customer_name: booking.customer_name.map(|name| name.to_string()),
            staff_id: booking.staff_id.map(|id| id.to_string()),
            notes: booking.notes.map(|notes| notes.to_string()),
            created_at: booking.created_at.to_string(),
            created_by: booking.created_by.user_id.to_string(),
            deleted_at: booking.deleted_at.map(|at| at.to_string()),
            version: booking.version,
        }
    }
}

impl Versioned for BookingBody {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

/// The example of a booking for the document.
fn example() -> Value {
    json!({
        "id": "bkg_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
        "day": "2026-03-29", "starts_at": "2026-03-29T08:00:00Z", "customer_name": "Ben", "staff_id": null,
        "notes": null, "created_at": "2026-03-20T12:34:56.789012Z",
        "created_by": "user_01h455vb4pex5vsknk084sn02q", "deleted_at": null,
    })
}
