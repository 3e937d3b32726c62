//! How the domain's values are written in columns and read back. What no use case could have written is `Corrupt`.

use std::fmt::Display;

use domain::error::StorageError;
use domain::{
    Account, AccountId, Booking, BookingId, Date, EmailAddress, Name, Notes, StaffId, StaffMember, Subscription,
    SubscriptionId, Timestamp, Uuid, Zone,
};
use rusqlite::Row;
use rusqlite::types::FromSql;

use crate::error::storage_error;

/// How many rows a list takes at most.
pub(crate) fn limit(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}

/// Takes so many bytes off the beginning, if there are as many.
pub(crate) fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    bytes.split_off(..N)?.try_into().ok()
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// A UUID as it is stored.
pub(crate) const fn id(uuid: Uuid) -> [u8; 16] {
    uuid.into_bytes()
}

/// A date as it is stored: days since 1970-01-01.
pub(crate) fn day_number(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

/// The day in UTC that an instant lies on.
pub(crate) fn utc_day_number(instant: Timestamp) -> i64 {
    instant.as_second().div_euclid(24 * 60 * 60)
}

/// The date that [`day_number`] wrote.
pub(crate) fn day(number: i64) -> Result<Date, StorageError> {
    number
        .checked_mul(24)
        .and_then(|hours| EPOCH.checked_add(jiff::SignedDuration::try_from_hours(hours)?).ok())
        .ok_or_else(|| corrupt("day", number))
}

/// The account, and whether other tables say more of it.
pub(crate) fn account(row: &Row<'_>) -> Result<(Account, bool), StorageError> {
    let subscription = match optional_uuid(row, 5)? {
        Some(id) => Some(subscription(SubscriptionId::from_uuid(id), row)?),
        None => None,
    };
    let account = Account {
        id: AccountId::from_uuid(uuid(row, 0)?),
        name: parsed(row, 1, Name::parse)?,
        zone: parsed(row, 2, Zone::parse)?,
        created_at: instant(row, 3)?,
        deleted_at: optional_instant(row, 4)?,
        subscription,
        overrides: Vec::new(),
    };
    Ok((account, column(row, 9)?))
}

fn subscription(id: SubscriptionId, row: &Row<'_>) -> Result<Subscription, StorageError> {
    Ok(Subscription {
        id,
        plan: parsed(row, 6, str::parse)?,
        created_at: instant(row, 7)?,
        plan_since: instant(row, 8)?,
        scheduled: None,
    })
}

pub(crate) fn staff_member(account_id: AccountId, row: &Row<'_>) -> Result<StaffMember, StorageError> {
    Ok(StaffMember {
        id: StaffId::from_uuid(uuid(row, 0)?),
        account_id,
        name: parsed(row, 1, Name::parse)?,
        email: optional(row, 2, EmailAddress::parse)?,
        created_at: instant(row, 3)?,
        deleted_at: optional_instant(row, 4)?,
    })
}

pub(crate) fn booking(account_id: AccountId, row: &Row<'_>) -> Result<Booking, StorageError> {
    Ok(Booking {
        id: BookingId::from_uuid(uuid(row, 0)?),
        account_id,
        day: day(column(row, 1)?)?,
        starts_at: instant(row, 2)?,
        customer_name: optional(row, 3, Name::parse)?,
        staff_id: optional_uuid(row, 4)?.map(StaffId::from_uuid),
        notes: optional(row, 5, Notes::parse)?,
        created_at: instant(row, 6)?,
        deleted_at: optional_instant(row, 7)?,
    })
}

/// Bytes that somebody else reads.
pub(crate) fn blob<'row>(row: &'row Row<'_>, index: usize) -> Result<&'row [u8], StorageError> {
    row.get_ref(index).map_err(storage_error)?.as_blob().map_err(|error| corrupt("blob", error))
}

/// Bytes that somebody else reads, if there are any.
pub(crate) fn optional_blob<'row>(row: &'row Row<'_>, index: usize) -> Result<Option<&'row [u8]>, StorageError> {
    row.get_ref(index).map_err(storage_error)?.as_blob_or_null().map_err(|error| corrupt("blob", error))
}

pub(crate) fn column<T: FromSql>(row: &Row<'_>, index: usize) -> Result<T, StorageError> {
    row.get(index).map_err(storage_error)
}

pub(crate) fn instant(row: &Row<'_>, index: usize) -> Result<Timestamp, StorageError> {
    let microsecond = column(row, index)?;
    Timestamp::from_microsecond(microsecond).map_err(|_| corrupt("instant", microsecond))
}

/// A text that somebody else reads.
pub(crate) fn parse<T>(
    row: &Row<'_>,
    index: usize,
    parse: impl FnOnce(&str) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    let text = row.get_ref(index).map_err(storage_error)?;
    parse(text.as_str().map_err(|error| corrupt("text", error))?)
}

pub(crate) fn optional_instant(row: &Row<'_>, index: usize) -> Result<Option<Timestamp>, StorageError> {
    let Some(microsecond) = column(row, index)? else { return Ok(None) };
    Timestamp::from_microsecond(microsecond).map(Some).map_err(|_| corrupt("instant", microsecond))
}

pub(crate) fn uuid(row: &Row<'_>, index: usize) -> Result<Uuid, StorageError> {
    column(row, index).map(Uuid::from_bytes)
}

pub(crate) fn optional_uuid(row: &Row<'_>, index: usize) -> Result<Option<Uuid>, StorageError> {
    Ok(column::<Option<[u8; 16]>>(row, index)?.map(Uuid::from_bytes))
}

pub(crate) fn parsed<T, E>(
    row: &Row<'_>,
    index: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, StorageError> {
    let text = row.get_ref(index).map_err(storage_error)?;
    let text = text.as_str().map_err(|error| corrupt("text", error))?;
    parse(text).map_err(|_| corrupt("text", text))
}

pub(crate) fn optional<T, E>(
    row: &Row<'_>,
    index: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, StorageError> {
    let text = row.get_ref(index).map_err(storage_error)?;
    let text = text.as_str_or_null().map_err(|error| corrupt("text", error))?;
    text.map(parse).transpose().map_err(|_| corrupt("text", text.unwrap_or_default()))
}

pub(crate) fn corrupt(what: &str, value: impl Display) -> StorageError {
    StorageError::Corrupt(format!("{value:.64} is not a stored {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_counted_from_1970() {
        for (date, number) in [
            (Date::constant(1970, 1, 1), 0),
            (Date::constant(1969, 12, 31), -1),
            (Date::constant(2000, 3, 1), 11_017),
            (Date::constant(2200, 1, 1), 84_006),
        ] {
            assert_eq!(day_number(date), number, "{date}");
            assert_eq!(day(number), Ok(date), "{number}");
        }
        assert!(day(i64::MAX).is_err());
    }
}
