//! Staff members and bookings, which carry their attribution, and usage counters.

use domain::error::StorageError;
use domain::{
    AccountId, ApiKeyId, Attribution, Booking, BookingId, EmailAddress, Name, Notes, Origin, StaffId, StaffMember,
    UserId,
};

use super::{Fields, SqlRow, Table, Value, bool, day, instant, integer, text, uuid};

pub(super) fn attribution(fields: &mut Fields<'_>) -> Result<Attribution, StorageError> {
    let user_id = UserId::from_uuid(fields.uuid("created_by")?);
    let api_key = fields.optional_uuid("api_key")?.map(ApiKeyId::from_uuid);
    let request_id = fields.text("request_id")?.into();
    let address = fields.optional("address", str::parse)?;
    Ok(Attribution { user_id, api_key, origin: Origin { address, request_id } })
}

pub(super) fn attribution_values(by: &Attribution) -> [Value<'_>; 4] {
    [
        by.user_id.uuid().into(),
        by.api_key.map(ApiKeyId::uuid).into(),
        (&*by.origin.request_id).into(),
        by.origin.address.map(|address| address.to_string()).into(),
    ]
}

/// Staff members of accounts.
pub(crate) static STAFF_MEMBERS: Table = Table::new(
    "staff_members",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        text("name"),
        text("email").nullable(),
        instant("created_at").fixed(),
        instant("deleted_at").nullable(),
        integer("version"),
        uuid("created_by").fixed(),
        uuid("api_key").nullable().fixed(),
        text("request_id").fixed(),
        text("address").nullable().fixed(),
    ],
);

pub(crate) fn staff_member(row: &dyn SqlRow) -> Result<StaffMember, StorageError> {
    let mut fields = Fields::new(row, &STAFF_MEMBERS);
    Ok(StaffMember {
        account_id: AccountId::from_uuid(fields.uuid("account_id")?),
        id: StaffId::from_uuid(fields.uuid("id")?),
        name: fields.parsed("name", Name::parse)?,
        email: fields.optional("email", EmailAddress::parse)?,
        created_at: fields.instant("created_at")?,
        deleted_at: fields.optional_instant("deleted_at")?,
        version: fields.integer("version")?,
        created_by: attribution(&mut fields)?,
    })
}

pub(crate) fn staff_member_values(member: &StaffMember) -> [Value<'_>; 11] {
    let [created_by, api_key, request_id, address] = attribution_values(&member.created_by);
    [
        member.account_id.uuid().into(),
        member.id.uuid().into(),
        member.name.as_str().into(),
        member.email.as_ref().map(EmailAddress::as_str).into(),
        member.created_at.into(),
        member.deleted_at.into(),
        member.version.into(),
        created_by,
        api_key,
        request_id,
        address,
    ]
}

/// Bookings of accounts.
pub(crate) static BOOKINGS: Table = Table::new(
    "bookings",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        day("day"),
        instant("starts_at"),
        text("customer_name").nullable(),
        uuid("staff_id").nullable(),
        text("notes").nullable(),
        instant("created_at").fixed(),
        instant("deleted_at").nullable(),
        integer("version"),
        uuid("created_by").fixed(),
        uuid("api_key").nullable().fixed(),
        text("request_id").fixed(),
        text("address").nullable().fixed(),
        day("period").nullable(),
    ],
);

pub(crate) fn booking(row: &dyn SqlRow) -> Result<Booking, StorageError> {
    let mut fields = Fields::new(row, &BOOKINGS);
    let mut booking = Booking {
        account_id: AccountId::from_uuid(fields.uuid("account_id")?),
        id: BookingId::from_uuid(fields.uuid("id")?),
        day: fields.day("day")?,
        period: None,
        starts_at: fields.instant("starts_at")?,
        customer_name: fields.optional("customer_name", Name::parse)?,
        staff_id: fields.optional_uuid("staff_id")?.map(StaffId::from_uuid),
        notes: fields.optional("notes", Notes::parse)?,
        created_at: fields.instant("created_at")?,
        deleted_at: fields.optional_instant("deleted_at")?,
        version: fields.integer("version")?,
        created_by: attribution(&mut fields)?,
    };
    booking.period = fields.optional_day("period")?;
    Ok(booking)
}

pub(crate) fn booking_values(booking: &Booking) -> [Value<'_>; 15] {
    let [created_by, api_key, request_id, address] = attribution_values(&booking.created_by);
    [
        booking.account_id.uuid().into(),
        booking.id.uuid().into(),
        booking.day.into(),
        booking.starts_at.into(),
        booking.customer_name.as_ref().map(Name::as_str).into(),
        booking.staff_id.map(StaffId::uuid).into(),
        booking.notes.as_ref().map(Notes::as_str).into(),
        booking.created_at.into(),
        booking.deleted_at.into(),
        booking.version.into(),
        created_by,
        api_key,
        request_id,
        address,
        booking.period.into(),
    ]
}

/// How much of a metric an account has used in a window, and whether all of it has rows.
pub(crate) static USAGE_COUNTERS: Table = Table::new(
    "usage_counters",
    &["account_id", "metric", "window_start"],
    &[uuid("account_id"), text("metric"), instant("window_start"), integer("used"), bool("is_recorded")],
);
