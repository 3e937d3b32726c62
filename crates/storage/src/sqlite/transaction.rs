//! A connection to SQLite inside a transaction, and the representation of values in SQLite.

use std::ops::ControlFlow;

use domain::error::StorageError;
use domain::ports::WriteTx;
use domain::{AccountId, Date, Timestamp, Uuid};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, Row, Statement, StatementStatus, ToSql, params_from_iter};

use super::error::storage_error;
use crate::tables::{Column, Kind, Sql, SqlRow, Value, corrupt};
use crate::tx::{Dialect, SqlConnection, SqlTx, Visit};

/// A connection that is inside a transaction.
pub(crate) struct Transaction<'c> {
    connection: &'c Connection,
    has_written: bool,
}

impl<'c> Transaction<'c> {
    pub(crate) const fn new(connection: &'c Connection) -> Self {
        Self { connection, has_written: false }
    }

    /// Whether a statement wrote or tried to write.
    pub(super) const fn has_written(&self) -> bool {
        self.has_written
    }
}

/// Runs `work` inside the transaction of `connection`, which the caller begins and ends.
///
/// For benchmarks and tests of the statements alone. A [`SqliteStore`](super::SqliteStore) runs
/// units of work by itself.
pub fn run_in_transaction<T>(connection: &Connection, work: impl FnOnce(&mut dyn WriteTx) -> T) -> T {
    work(&mut SqlTx::new(&mut Transaction::new(connection)))
}

impl SqlConnection for Transaction<'_> {
    fn dialect(&self) -> Dialect {
        Dialect::Sqlite
    }

    fn query(&mut self, sql: &'static Sql, params: &[Value<'_>], visit: &mut Visit<'_>) -> Result<(), StorageError> {
        let mut statement = self.connection.prepare_cached(&sql.sqlite).map_err(storage_error)?;
        let mut rows = statement.query(params_from_iter(params)).map_err(storage_error)?;
        while let Some(row) = rows.next().map_err(storage_error)? {
            if visit(row)? == ControlFlow::Break(()) {
                break;
            }
        }
        drop(rows);
        debug_assert_indexed(&statement, sql);
        Ok(())
    }

    fn execute(&mut self, sql: &'static Sql, params: &[Value<'_>]) -> Result<u64, StorageError> {
        self.has_written = true;
        let mut statement = self.connection.prepare_cached(&sql.sqlite).map_err(storage_error)?;
        let changed = statement.execute(params_from_iter(params)).map_err(storage_error)?;
        debug_assert_indexed(&statement, sql);
        Ok(changed as u64)
    }

    /// The transaction began with `BEGIN IMMEDIATE`: no other unit writes.
    fn enter_account(&mut self, _: AccountId) -> Result<bool, StorageError> {
        Ok(false)
    }
}

/// Every statement uses an index and its order: none scans a table or sorts its result.
fn debug_assert_indexed(statement: &Statement<'_>, sql: &Sql) {
    debug_assert_eq!(statement.get_status(StatementStatus::FullscanStep), 0, "full table scan: {}", sql.sqlite);
    debug_assert_eq!(statement.get_status(StatementStatus::Sort), 0, "sorts: {}", sql.sqlite);
}

const EPOCH: Date = Date::constant(1970, 1, 1);

/// The stored form of a date: days since 1970-01-01.
fn day_number(date: Date) -> i64 {
    date.duration_since(EPOCH).as_hours() / 24
}

/// The inverse of [`day_number`].
fn day(number: i64) -> Result<Date, StorageError> {
    number
        .checked_mul(24)
        .and_then(|hours| EPOCH.checked_add(jiff::SignedDuration::try_from_hours(hours)?).ok())
        .ok_or_else(|| corrupt("day", number))
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Bool(is) => i64::from(*is).into(),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Day(day) => day_number(*day).into(),
            Self::Instant(instant) => instant.as_microsecond().into(),
            Self::Integer(number) => (*number).into(),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Uuid(uuid) => ToSqlOutput::Borrowed(ValueRef::Blob(uuid.as_bytes())),
        })
    }
}

fn reference<'row>(row: &'row Row<'_>, index: usize) -> Result<ValueRef<'row>, StorageError> {
    row.get_ref(index).map_err(storage_error)
}

/// The value of a column.
pub(crate) fn value(row: &Row<'_>, index: usize, column: &Column) -> Result<Value<'static>, StorageError> {
    if row.is_null(index)? {
        return Ok(Value::Null);
    }
    Ok(match column.kind {
        Kind::Bool => Value::Bool(row.bool(index)?),
        Kind::Bytes => Value::Bytes(row.bytes(index)?.to_vec().into()),
        Kind::Day => Value::Day(row.day(index)?),
        Kind::Instant => Value::Instant(row.instant(index)?),
        Kind::Integer => Value::Integer(row.integer(index)?),
        Kind::Text => Value::Text(row.text(index)?.to_owned().into()),
        Kind::Uuid => Value::Uuid(row.uuid(index)?),
    })
}

impl SqlRow for Row<'_> {
    fn is_null(&self, index: usize) -> Result<bool, StorageError> {
        Ok(reference(self, index)? == ValueRef::Null)
    }

    fn bool(&self, index: usize) -> Result<bool, StorageError> {
        Ok(self.integer(index)? != 0)
    }

    fn bytes(&self, index: usize) -> Result<&[u8], StorageError> {
        reference(self, index)?.as_blob().map_err(|error| corrupt("blob", error))
    }

    fn day(&self, index: usize) -> Result<Date, StorageError> {
        day(self.integer(index)?)
    }

    fn instant(&self, index: usize) -> Result<Timestamp, StorageError> {
        let microsecond = self.integer(index)?;
        Timestamp::from_microsecond(microsecond).map_err(|_| corrupt("instant", microsecond))
    }

    fn integer(&self, index: usize) -> Result<i64, StorageError> {
        reference(self, index)?.as_i64().map_err(|error| corrupt("number", error))
    }

    fn text(&self, index: usize) -> Result<&str, StorageError> {
        reference(self, index)?.as_str().map_err(|error| corrupt("text", error))
    }

    fn uuid(&self, index: usize) -> Result<Uuid, StorageError> {
        let bytes = self.bytes(index)?;
        Uuid::from_slice(bytes).map_err(|error| corrupt("UUID", error))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::schema;
    use super::*;
    use crate::tables::sql;

    fn query_unindexed(sql: &'static Sql) {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE t (x); INSERT INTO t VALUES (1), (2), (3)").unwrap();
        let _ = Transaction::new(&connection).query(sql, &[], &mut |_| Ok(ControlFlow::Continue(())));
    }

    #[test]
    #[should_panic(expected = "full table scan: SELECT x FROM t")]
    fn a_statement_that_scans_a_table_fails_its_test() {
        query_unindexed(sql!("SELECT x FROM t"));
    }

    #[test]
    #[should_panic(expected = "sorts: SELECT x FROM t WHERE rowid > 0 ORDER BY x")]
    fn a_statement_that_sorts_its_result_fails_its_test() {
        query_unindexed(sql!("SELECT x FROM t WHERE rowid > 0 ORDER BY x"));
    }

    #[test]
    fn a_write_probe_replaces_the_row_of_the_last_one() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, Path::new("test.db")).unwrap();
        for at in [1, 2].map(|second| Timestamp::from_second(second).unwrap()) {
            assert_eq!(run_in_transaction(&connection, |tx| tx.put_write_probe(at)), Ok(()));
            let sql = "SELECT count(*), max(written_at) FROM write_probe";
            let found: (i64, i64) = connection.query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
            assert_eq!(found, (1, at.as_microsecond()));
        }
    }

    #[test]
    fn a_day_is_stored_as_a_number_from_1970() {
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
