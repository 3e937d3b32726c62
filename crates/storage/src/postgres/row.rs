//! How the domain's values are written in columns and read back. What no use case could have written is `Corrupt`.

use std::error::Error;
use std::fmt::Display;

use bytes::BytesMut;
use domain::error::StorageError;
use domain::{Date, Timestamp, Uuid};
use postgres::Row;
use postgres::types::{FromSql, IsNull, ToSql, Type, accepts, to_sql_checked};

use super::error::Fault;

pub(super) type Failure = Box<dyn Error + Sync + Send>;

/// How many rows a list takes at most.
pub(crate) fn limit(max: usize) -> i64 {
    i64::try_from(max).unwrap_or(i64::MAX)
}

/// An instant as it is stored: microseconds since 2000-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Instant(pub(crate) Timestamp);

/// 2000-01-01T00:00:00Z in microseconds since 1970-01-01T00:00:00Z.
const INSTANT_EPOCH: i64 = 946_684_800_000_000;

impl ToSql for Instant {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        (self.0.as_microsecond() - INSTANT_EPOCH).to_sql(&Type::INT8, out)
    }

    accepts!(TIMESTAMPTZ);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Instant {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let microsecond = i64::from_sql(&Type::INT8, raw)?.checked_add(INSTANT_EPOCH).ok_or("not an instant")?;
        Ok(Self(Timestamp::from_microsecond(microsecond)?))
    }

    accepts!(TIMESTAMPTZ);
}

/// A date as it is stored: days since 2000-01-01.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Day(pub(crate) Date);

const DAY_EPOCH: Date = Date::constant(2000, 1, 1);

impl ToSql for Day {
    fn to_sql(&self, _: &Type, out: &mut BytesMut) -> Result<IsNull, Failure> {
        let days = self.0.duration_since(DAY_EPOCH).as_hours() / 24;
        i32::try_from(days)?.to_sql(&Type::INT4, out)
    }

    accepts!(DATE);
    to_sql_checked!();
}

impl<'a> FromSql<'a> for Day {
    fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Failure> {
        let days = i32::from_sql(&Type::INT4, raw)?;
        Ok(Self(DAY_EPOCH.checked_add(jiff::SignedDuration::from_hours(i64::from(days) * 24))?))
    }

    accepts!(DATE);
}

pub(crate) fn column<'row, T: FromSql<'row>>(row: &'row Row, index: usize) -> Result<T, StorageError> {
    row.try_get(index).map_err(|error| Fault::of(&error).error)
}

pub(crate) fn uuid(row: &Row, index: usize) -> Result<Uuid, StorageError> {
    column(row, index)
}

pub(crate) fn optional_uuid(row: &Row, index: usize) -> Result<Option<Uuid>, StorageError> {
    column(row, index)
}

pub(crate) fn instant(row: &Row, index: usize) -> Result<Timestamp, StorageError> {
    column::<Instant>(row, index).map(|it| it.0)
}

pub(crate) fn optional_instant(row: &Row, index: usize) -> Result<Option<Timestamp>, StorageError> {
    Ok(column::<Option<Instant>>(row, index)?.map(|it| it.0))
}

pub(crate) fn day(row: &Row, index: usize) -> Result<Date, StorageError> {
    column::<Day>(row, index).map(|it| it.0)
}

/// A number of rows.
pub(crate) fn count(row: &Row, index: usize) -> Result<u32, StorageError> {
    let count: i64 = column(row, index)?;
    u32::try_from(count).map_err(|_| corrupt("number", count))
}

/// 32 bytes.
pub(crate) fn hash(row: &Row, index: usize) -> Result<[u8; 32], StorageError> {
    let bytes: &[u8] = column(row, index)?;
    bytes.try_into().map_err(|_| corrupt("hash", format!("{} bytes", bytes.len())))
}

pub(crate) fn parsed<T, E>(
    row: &Row,
    index: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<T, StorageError> {
    let text: &str = column(row, index)?;
    parse(text).map_err(|_| corrupt("text", text))
}

pub(crate) fn optional<T, E>(
    row: &Row,
    index: usize,
    parse: impl FnOnce(&str) -> Result<T, E>,
) -> Result<Option<T>, StorageError> {
    let text: Option<&str> = column(row, index)?;
    text.map(parse).transpose().map_err(|_| corrupt("text", text.unwrap_or_default()))
}

pub(crate) fn corrupt(what: &str, value: impl Display) -> StorageError {
    StorageError::Corrupt(format!("{value:.64} is not a stored {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_counted_from_2000() {
        for (date, number) in [
            (Date::constant(2000, 1, 1), 0_i32),
            (Date::constant(1999, 12, 31), -1),
            (Date::constant(1970, 1, 1), -10_957),
            (Date::constant(2000, 3, 1), 60),
            (Date::constant(2200, 1, 1), 73_049),
        ] {
            let mut bytes = BytesMut::new();
            Day(date).to_sql(&Type::DATE, &mut bytes).unwrap();
            assert_eq!(bytes[..], number.to_be_bytes(), "{date}");
            assert_eq!(Day::from_sql(&Type::DATE, &bytes).unwrap(), Day(date));
        }
    }

    #[test]
    fn an_instant_is_counted_from_2000_in_microseconds() {
        for (instant, number) in [("2000-01-01T00:00:00Z", 0), ("1999-12-31T23:59:59.999999Z", -1_i64)] {
            let (mut bytes, instant) = (BytesMut::new(), Instant(instant.parse().unwrap()));
            instant.to_sql(&Type::TIMESTAMPTZ, &mut bytes).unwrap();
            assert_eq!(bytes[..], number.to_be_bytes());
            assert_eq!(Instant::from_sql(&Type::TIMESTAMPTZ, &bytes).unwrap(), instant);
        }
        assert!(Instant::from_sql(&Type::TIMESTAMPTZ, &i64::MAX.to_be_bytes()).is_err());
    }
}
