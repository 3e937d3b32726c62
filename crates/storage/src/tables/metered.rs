//! Usage records and their charges, allocations and holds.

use domain::error::StorageError;
use domain::{
    AccountId, Allocation, AllocationKey, Date, Hold, HoldId, Occurrence, Reference, Timestamp, UsageRecord,
    UsageRecordId,
};

use super::bookings::{attribution, attribution_values};
use super::{Fields, SqlRow, Table, Value, day, instant, integer, text, uuid};

/// The columns of an occurrence: `at`, `day` and `period`.
fn occurrence(fields: &mut Fields<'_>) -> Result<Occurrence, StorageError> {
    Ok(Occurrence { at: fields.instant("at")?, day: fields.day("day")?, period: fields.optional_day("period")? })
}

fn occurrence_values(Occurrence { at, day, period }: Occurrence) -> (Timestamp, Date, Option<Date>) {
    (at, day, period)
}

/// Usage records of accounts.
pub(crate) static USAGE_RECORDS: Table = Table::new(
    "usage_records",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        text("meter"),
        integer("quantity"),
        instant("at"),
        day("day"),
        day("period").nullable(),
        instant("created_at"),
        instant("deleted_at").nullable(),
        uuid("created_by"),
        uuid("api_key").nullable(),
        text("request_id"),
        text("address").nullable(),
    ],
);

pub(crate) fn usage_record(row: &dyn SqlRow) -> Result<UsageRecord, StorageError> {
    let mut fields = Fields::new(row, &USAGE_RECORDS);
    Ok(UsageRecord {
        account_id: AccountId::from_uuid(fields.uuid("account_id")?),
        id: UsageRecordId::from_uuid(fields.uuid("id")?),
        meter: fields.parsed("meter", str::parse)?,
        quantity: fields.quantity("quantity")?,
        occurrence: occurrence(&mut fields)?,
        created_at: fields.instant("created_at")?,
        deleted_at: fields.optional_instant("deleted_at")?,
        created_by: attribution(&mut fields)?,
    })
}

pub(crate) fn usage_record_values(record: &UsageRecord) -> [Value<'_>; 13] {
    let [created_by, api_key, request_id, address] = attribution_values(&record.created_by);
    let (at, day, period) = occurrence_values(record.occurrence);
    [
        record.account_id.uuid().into(),
        record.id.uuid().into(),
        record.meter.as_str().into(),
        record.quantity.into(),
        at.into(),
        day.into(),
        period.into(),
        record.created_at.into(),
        record.deleted_at.into(),
        created_by,
        api_key,
        request_id,
        address,
    ]
}

/// What usage records and bookings add to the counters of custom metrics.
pub(crate) static CHARGES: Table = Table::new(
    "charges",
    &["account_id", "source_id", "metric"],
    &[uuid("account_id"), uuid("source_id"), text("metric"), instant("window_start"), integer("quantity")],
);

/// Allocations of accounts.
pub(crate) static ALLOCATIONS: Table = Table::new(
    "allocations",
    &["account_id", "meter", "key"],
    &[
        uuid("account_id"),
        text("meter"),
        text("key"),
        integer("quantity"),
        instant("created_at").fixed(),
        uuid("created_by").fixed(),
        uuid("api_key").nullable().fixed(),
        text("request_id").fixed(),
        text("address").nullable().fixed(),
    ],
);

pub(crate) fn allocation(row: &dyn SqlRow) -> Result<Allocation, StorageError> {
    let mut fields = Fields::new(row, &ALLOCATIONS);
    Ok(Allocation {
        account_id: AccountId::from_uuid(fields.uuid("account_id")?),
        meter: fields.parsed("meter", str::parse)?,
        key: fields.parsed("key", AllocationKey::parse)?,
        quantity: fields.quantity("quantity")?,
        created_at: fields.instant("created_at")?,
        created_by: attribution(&mut fields)?,
    })
}

pub(crate) fn allocation_values(allocation: &Allocation) -> [Value<'_>; 9] {
    let [created_by, api_key, request_id, address] = attribution_values(&allocation.created_by);
    [
        allocation.account_id.uuid().into(),
        allocation.meter.as_str().into(),
        allocation.key.as_str().into(),
        allocation.quantity.into(),
        allocation.created_at.into(),
        created_by,
        api_key,
        request_id,
        address,
    ]
}

/// Holds of accounts.
pub(crate) static HOLDS: Table = Table::new(
    "holds",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        text("meter").fixed(),
        integer("quantity"),
        instant("at").fixed(),
        day("day").fixed(),
        day("period").nullable().fixed(),
        instant("expires_at"),
        text("reference").nullable().fixed(),
        text("state"),
        instant("created_at").fixed(),
        instant("closed_at").nullable(),
        integer("version"),
        uuid("created_by").fixed(),
        uuid("api_key").nullable().fixed(),
        text("request_id").fixed(),
        text("address").nullable().fixed(),
    ],
);

pub(crate) fn hold(row: &dyn SqlRow) -> Result<Hold, StorageError> {
    let mut fields = Fields::new(row, &HOLDS);
    Ok(Hold {
        account_id: AccountId::from_uuid(fields.uuid("account_id")?),
        id: HoldId::from_uuid(fields.uuid("id")?),
        meter: fields.parsed("meter", str::parse)?,
        quantity: fields.quantity("quantity")?,
        occurrence: occurrence(&mut fields)?,
        expires_at: fields.instant("expires_at")?,
        reference: fields.optional("reference", Reference::parse)?,
        state: fields.parsed("state", str::parse)?,
        created_at: fields.instant("created_at")?,
        closed_at: fields.optional_instant("closed_at")?,
        version: fields.integer("version")?,
        created_by: attribution(&mut fields)?,
    })
}

pub(crate) fn hold_values(hold: &Hold) -> [Value<'_>; 17] {
    let [created_by, api_key, request_id, address] = attribution_values(&hold.created_by);
    let (at, day, period) = occurrence_values(hold.occurrence);
    [
        hold.account_id.uuid().into(),
        hold.id.uuid().into(),
        hold.meter.as_str().into(),
        hold.quantity.into(),
        at.into(),
        day.into(),
        period.into(),
        hold.expires_at.into(),
        hold.reference.as_ref().map(Reference::as_str).into(),
        hold.state.as_str().into(),
        hold.created_at.into(),
        hold.closed_at.into(),
        hold.version.into(),
        created_by,
        api_key,
        request_id,
        address,
    ]
}
