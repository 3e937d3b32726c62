//! The repositories over one SQL transaction: written once, for both databases.
//!
//! Each file implements the ports of one repository on [`SqlTx`]. What differs between the two databases is asked of
//! [`SqlConnection::dialect`], and stands beside what they share.

mod accounts;
mod audit;
mod bookings;
mod idempotency;
mod members;
mod plans;
mod staff;
mod subscriptions;
mod usage;
mod users;
mod write_probe;

use std::ops::ControlFlow;

use domain::error::StorageError;
use domain::{Account, AccountId, Timestamp, Uuid};

use crate::tables::{Sql, SqlRow, Table, Value};

pub(crate) use usage::{BOOKINGS_PER_DAY, STAFF, day_of_window, window_of_day, window_of_no_time};

/// Greater than every id: where a list begins that has no `after`.
const END: Uuid = Uuid::max();

/// Which database it is, where that makes a difference.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Dialect {
    Sqlite,
    Postgres,
}

/// Looks at one row, and says whether it wants to see the next.
pub(crate) type Visit<'a> = dyn FnMut(&dyn SqlRow) -> Result<ControlFlow<()>, StorageError> + 'a;

/// A connection inside a transaction.
pub(crate) trait SqlConnection {
    fn dialect(&self) -> Dialect;

    /// Shows the rows of a query to `visit`, one after the other, until it has seen enough.
    fn query(&mut self, sql: &'static Sql, params: &[Value<'_>], visit: &mut Visit<'_>) -> Result<(), StorageError>;

    /// Runs a statement, and answers how many rows it changed.
    fn execute(&mut self, sql: &'static Sql, params: &[Value<'_>]) -> Result<u64, StorageError>;

    /// Before a unit of work looks at an account: answers whether it has to lock the account's row. An error ends the
    /// unit, which runs again when its turn has come.
    fn enter_account(&mut self, account: AccountId) -> Result<bool, StorageError>;
}

/// What a unit of work sees of the database: the repositories, inside the transaction that a connection is in.
pub(crate) struct SqlTx<'c> {
    connection: &'c mut dyn SqlConnection,
    /// The account that was looked up last, as it is by now. Every unit looks it up at least twice: to find out whether
    /// the caller may, and to act on it.
    account: Option<Account>,
}

impl<'c> SqlTx<'c> {
    pub(crate) fn new(connection: &'c mut dyn SqlConnection) -> Self {
        Self { connection, account: None }
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

    /// The number that a query answers, 0 if it answers none.
    fn count(&mut self, sql: &'static Sql, params: &[Value<'_>]) -> Result<u32, StorageError> {
        Ok(self.find(sql, params, |row| row.count(0))?.unwrap_or(0))
    }

    /// Runs a statement, and answers how many rows it changed.
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

    /// Runs a statement that deletes up to `max` rows of a time up to `until`, and answers how many it deleted.
    fn delete(&mut self, sql: &'static Sql, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        let deleted = self.execute(sql, &[until.into(), limit(max)])?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }

    /// Runs a statement that has to change one row.
    fn change(&mut self, what: &str, sql: &'static Sql, params: &[Value<'_>]) -> Result<(), StorageError> {
        match self.execute(sql, params)? {
            1 => Ok(()),
            _ => Err(StorageError::Backend(format!("there is no such {what}"))),
        }
    }
}

/// How many rows a list takes at most.
fn limit(max: usize) -> Value<'static> {
    Value::Integer(i64::try_from(max).unwrap_or(i64::MAX))
}
