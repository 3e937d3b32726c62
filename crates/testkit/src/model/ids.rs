//! The ids of accounts, staff members and bookings, by number.

use domain::{AccountId, ApiKeyId, Attribution, BookingId, Origin, StaffId, UserId, Uuid};

/// The user who opens the accounts and creates everything in them.
pub(super) const OWNER: UserId = UserId::from_uuid(Uuid::from_u128(1));

/// The id of the account with this number.
pub(super) fn account_id(number: u64) -> AccountId {
    AccountId::from_uuid(Uuid::from_u64_pair(1, number))
}

/// The id of the staff member with this number.
pub(super) fn staff_id(number: u64) -> StaffId {
    StaffId::from_uuid(Uuid::from_u64_pair(3, number))
}

/// The id of the booking with this number.
pub(super) fn booking_id(number: u64) -> BookingId {
    BookingId::from_uuid(Uuid::from_u64_pair(4, number))
}

/// The attribution of the row with this number: with and without an API key, from a known and an
/// unknown address.
pub(super) fn attribution(number: u64) -> Attribution {
    let address = Some([192, 0, 2, 7].into()).filter(|_| !number.is_multiple_of(3));
    let api_key = Some(ApiKeyId::from_uuid(Uuid::from_u64_pair(6, number))).filter(|_| number.is_multiple_of(2));
    let origin = Origin { address, request_id: format!("request {number}").into() };
    Attribution { user_id: OWNER, api_key, origin }
}
