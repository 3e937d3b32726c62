//! Values of columns: parameters of statements, and columns of rows.

use std::borrow::Cow;
use std::fmt::Display;

use domain::error::StorageError;
use domain::{Date, Timestamp, Uuid};

use super::{Kind, Table};

/// A value of a column.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Value<'v> {
    Null,
    Bool(bool),
    Bytes(Cow<'v, [u8]>),
    Day(Date),
    Instant(Timestamp),
    Integer(i64),
    Text(Cow<'v, str>),
    Uuid(Uuid),
}

impl From<bool> for Value<'_> {
    fn from(is: bool) -> Self {
        Self::Bool(is)
    }
}

impl From<Date> for Value<'_> {
    fn from(day: Date) -> Self {
        Self::Day(day)
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(instant: Timestamp) -> Self {
        Self::Instant(instant)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<u32> for Value<'_> {
    fn from(number: u32) -> Self {
        Self::Integer(number.into())
    }
}

impl From<u64> for Value<'_> {
    /// A greater number than the database can store becomes one that its constraints refuse.
    fn from(number: u64) -> Self {
        Self::Integer(i64::try_from(number).unwrap_or(i64::MAX))
    }
}

impl From<Uuid> for Value<'_> {
    fn from(uuid: Uuid) -> Self {
        Self::Uuid(uuid)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl<'v> From<&'v [u8]> for Value<'v> {
    fn from(bytes: &'v [u8]) -> Self {
        Self::Bytes(Cow::Borrowed(bytes))
    }
}

impl<'v, T: Into<Value<'v>>> From<Option<T>> for Value<'v> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A row of a query's result. Columns have indexes.
///
/// Each method fails with [`StorageError::Corrupt`] if the column has a value of another type.
pub(crate) trait SqlRow {
    fn is_null(&self, index: usize) -> Result<bool, StorageError>;
    fn bool(&self, index: usize) -> Result<bool, StorageError>;
    fn bytes(&self, index: usize) -> Result<&[u8], StorageError>;
    fn day(&self, index: usize) -> Result<Date, StorageError>;
    fn instant(&self, index: usize) -> Result<Timestamp, StorageError>;
    fn integer(&self, index: usize) -> Result<i64, StorageError>;
    fn text(&self, index: usize) -> Result<&str, StorageError>;
    fn uuid(&self, index: usize) -> Result<Uuid, StorageError>;

    /// A number that is not negative.
    fn quantity(&self, index: usize) -> Result<u64, StorageError> {
        let number = self.integer(index)?;
        u64::try_from(number).map_err(|_| corrupt("number", number))
    }

    /// A number that fits into 32 bits.
    fn count(&self, index: usize) -> Result<u32, StorageError> {
        let number = self.integer(index)?;
        u32::try_from(number).map_err(|_| corrupt("number", number))
    }
}

/// Parses a stored text.
pub(crate) fn parsed<T, E>(text: &str, parse: impl FnOnce(&str) -> Result<T, E>) -> Result<T, StorageError> {
    parse(text).map_err(|_| corrupt("text", text))
}

/// The error of a value that no use case writes.
pub(crate) fn corrupt(what: &str, value: impl Display) -> StorageError {
    StorageError::Corrupt(format!("{value:.64} is not a stored {what}"))
}

/// Reads the columns of a row in the order of the table. Debug builds check the order.
pub(crate) struct Fields<'r> {
    row: &'r dyn SqlRow,
    table: &'static Table,
    next: usize,
}

impl<'r> Fields<'r> {
    pub(crate) const fn new(row: &'r dyn SqlRow, table: &'static Table) -> Self {
        Self { row, table, next: 0 }
    }

    fn step(&mut self, name: &str, kind: Kind) -> usize {
        let index = self.next;
        self.next += 1;
        debug_assert!(
            self.table.columns.get(index).is_some_and(|column| column.name == name && column.kind == kind),
            "column {index} of {} is not {name}: {kind:?}",
            self.table.name
        );
        index
    }

    /// The index of the next column, unless it is null.
    fn step_if_some(&mut self, name: &str, kind: Kind) -> Result<Option<usize>, StorageError> {
        let index = self.step(name, kind);
        Ok(if self.row.is_null(index)? { None } else { Some(index) })
    }

    pub(crate) fn bool(&mut self, name: &str) -> Result<bool, StorageError> {
        let index = self.step(name, Kind::Bool);
        self.row.bool(index)
    }

    pub(crate) fn bytes(&mut self, name: &str) -> Result<&'r [u8], StorageError> {
        let index = self.step(name, Kind::Bytes);
        self.row.bytes(index)
    }

    /// 32 bytes.
    pub(crate) fn hash(&mut self, name: &str) -> Result<[u8; 32], StorageError> {
        let bytes = self.bytes(name)?;
        bytes.try_into().map_err(|_| corrupt("hash", format!("{} bytes", bytes.len())))
    }

    pub(crate) fn day(&mut self, name: &str) -> Result<Date, StorageError> {
        let index = self.step(name, Kind::Day);
        self.row.day(index)
    }

    pub(crate) fn optional_day(&mut self, name: &str) -> Result<Option<Date>, StorageError> {
        self.step_if_some(name, Kind::Day)?.map(|index| self.row.day(index)).transpose()
    }

    pub(crate) fn instant(&mut self, name: &str) -> Result<Timestamp, StorageError> {
        let index = self.step(name, Kind::Instant);
        self.row.instant(index)
    }

    pub(crate) fn optional_instant(&mut self, name: &str) -> Result<Option<Timestamp>, StorageError> {
        self.step_if_some(name, Kind::Instant)?.map(|index| self.row.instant(index)).transpose()
    }

    /// A number that fits into 32 bits.
    pub(crate) fn integer(&mut self, name: &str) -> Result<u32, StorageError> {
        let index = self.step(name, Kind::Integer);
        self.row.count(index)
    }

    /// A number that is not negative.
    pub(crate) fn quantity(&mut self, name: &str) -> Result<u64, StorageError> {
        let index = self.step(name, Kind::Integer);
        self.row.quantity(index)
    }

    pub(crate) fn optional_quantity(&mut self, name: &str) -> Result<Option<u64>, StorageError> {
        self.step_if_some(name, Kind::Integer)?.map(|index| self.row.quantity(index)).transpose()
    }

    pub(crate) fn text(&mut self, name: &str) -> Result<&'r str, StorageError> {
        let index = self.step(name, Kind::Text);
        self.row.text(index)
    }

    pub(crate) fn parsed<T, E>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<T, StorageError> {
        parsed(self.text(name)?, parse)
    }

    pub(crate) fn optional<T, E>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Result<Option<T>, StorageError> {
        let Some(index) = self.step_if_some(name, Kind::Text)? else { return Ok(None) };
        parsed(self.row.text(index)?, parse).map(Some)
    }

    pub(crate) fn uuid(&mut self, name: &str) -> Result<Uuid, StorageError> {
        let index = self.step(name, Kind::Uuid);
        self.row.uuid(index)
    }

    pub(crate) fn optional_uuid(&mut self, name: &str) -> Result<Option<Uuid>, StorageError> {
        self.step_if_some(name, Kind::Uuid)?.map(|index| self.row.uuid(index)).transpose()
    }
}
