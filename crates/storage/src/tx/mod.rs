//! The repositories over one SQL transaction, for both databases.
//!
//! Each file implements the ports of one repository on [`SqlTx`]. Where the two databases differ,
//! it asks [`SqlConnection::dialect`].

mod account_lists;
mod accounts;
mod allocations;
mod audit;
mod bookings;
mod day_lists;
mod discard;
mod erasures;
mod feature_overrides;
mod holds;
mod idempotency;
mod members;
mod plans;
mod retention;
mod staff;
mod subscriptions;
mod usage;
mod usage_records;
mod users;
mod write_probe;

use std::ops::ControlFlow;

use domain::error::StorageError;
use domain::{Account, AccountId, Timestamp, Uuid};

use crate::tables::{Sql, SqlRow, Table, Value};

/// The counter of active staff members.
pub(crate) const STAFF: &str = "staff";
/// The counter of bookings on a day.
pub(crate) const BOOKINGS_PER_DAY: &str = "bookings_per_day";

/// Greater than every id: the start of a list without `after`.
const END: Uuid = Uuid::max();

/// The kind of a database.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// A function that is called with each row of a query, until it returns `Break`.
pub(crate) type Visit<'a> = dyn FnMut(&dyn SqlRow) -> Result<ControlFlow<()>, StorageError> + 'a;

/// A connection inside a transaction.
pub(crate) trait SqlConnection {
    fn dialect(&self) -> Dialect;

    /// Calls `visit` with the rows of a query, until it returns `Break`.
    fn query(&mut self, sql: &'static Sql, params: &[Value<'_>], visit: &mut Visit<'_>) -> Result<(), StorageError>;

    /// Runs a statement, and returns how many rows it changed.
    fn execute(&mut self, sql: &'static Sql, params: &[Value<'_>]) -> Result<u64, StorageError>;

    /// Called before a unit of work reads an account. Returns whether it must lock the account's
    /// row. An error ends the unit, which runs again in the account's turn.
    fn enter_account(&mut self, account: AccountId) -> Result<bool, StorageError>;
}

/// The repositories, inside the transaction of a connection.
pub(crate) struct SqlTx<'c> {
    connection: &'c mut dyn SqlConnection,
    /// The last account that was read, as it is now. Every unit reads it at least twice: for the
    /// caller's permission, and for the action itself.
    account: Option<Account>,
    /// The last account that was found to hold nothing, so that its holds need not be listed.
    without_holds: Option<AccountId>,
}

impl<'c> SqlTx<'c> {
    pub(crate) fn new(connection: &'c mut dyn SqlConnection) -> Self {
        Self { connection, account: None, without_holds: None }
    }

    /// The first row of a query.
    fn find<T>(
        &mut self,
        sql: &'static Sql,
        params: &[Value<'_>],
        read: impl Fn(&dyn SqlRow) -> Result<T, StorageError>,
    ) -> Result<Option<T>, StorageError> {
        let mut found = None;
        self.connection.query(sql, params, &mut |row| {
            found = Some(read(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// All rows of a query.
    fn list<T>(
        &mut self,
        sql: &'static Sql,
        params: &[Value<'_>],
        read: impl Fn(&dyn SqlRow) -> Result<T, StorageError>,
    ) -> Result<Vec<T>, StorageError> {
        let mut found = Vec::new();
        self.connection.query(sql, params, &mut |row| {
            found.push(read(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(found)
    }

    /// The number that a query returns, or 0 if it returns no row.
    fn count(&mut self, sql: &'static Sql, params: &[Value<'_>]) -> Result<u32, StorageError> {
        Ok(self.find(sql, params, |row| row.count(0))?.unwrap_or(0))
    }

    /// Runs a statement, and returns how many rows it changed.
    fn execute(&mut self, sql: &'static Sql, params: &[Value<'_>]) -> Result<u64, StorageError> {
        self.connection.execute(sql, params)
    }

    /// Inserts a row of a table.
    fn insert(&mut self, table: &'static Table, values: &[Value<'_>]) -> Result<(), StorageError> {
        debug_assert_eq!(values.len(), table.columns.len(), "{} has other columns", table.name);
        self.execute(table.insert(), values).map(drop)
    }

    /// Inserts a row of a table, or updates the row with the same key.
    fn upsert(&mut self, table: &'static Table, values: &[Value<'_>]) -> Result<(), StorageError> {
        debug_assert_eq!(values.len(), table.columns.len(), "{} has other columns", table.name);
        self.execute(table.upsert(), values).map(drop)
    }

    /// Runs a statement that deletes up to `max` rows of `until` or earlier, and returns how many.
    fn delete(&mut self, sql: &'static Sql, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        let deleted = self.execute(sql, &[until.into(), limit(max)])?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }

    /// Runs a statement that must change one row.
    fn change(&mut self, what: &str, sql: &'static Sql, params: &[Value<'_>]) -> Result<(), StorageError> {
        match self.execute(sql, params)? {
            1 => Ok(()),
            _ => Err(StorageError::Backend(format!("the {what} does not exist"))),
        }
    }
}

/// The parameter of a LIMIT.
fn limit(max: usize) -> Value<'static> {
    Value::Integer(i64::try_from(max).unwrap_or(i64::MAX))
}
