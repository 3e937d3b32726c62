//! An SQLite file that is copied from or to.

use std::path::Path;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, BookingId, StaffId};
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, ToSql};

use super::booking_list::{BookingList, Listed};
use super::connection::{BUSY_TIMEOUT, configure_reader, reader_flags};
use super::journal::Journal;
use super::tx::{PAGE, SqliteTx};
use super::{open_writer, row, schema, verify};
use crate::OpenError;
use crate::copy::{Column, CopyError, Kind, Row, Source, TABLES, Table, Take, Target, Value, list};
use crate::error::{commit_error, storage_error};

/// Where an account's active staff is counted in a table of its own.
const ACCOUNTS: &str = "
    (SELECT a.*, coalesce(c.active, 0) AS active_staff
     FROM accounts a LEFT JOIN staff_counters c ON c.account_id = a.id)";

/// Where a day is counted in the account's row or in the table.
const BOOKING_COUNTERS: &str = "
    (SELECT account_id, day, sum(bookings) AS bookings
     FROM (SELECT account_id, day, bookings FROM booking_counters
           UNION ALL
           SELECT a.id, json_extract(d.value, '$[0]'), json_extract(d.value, '$[1]')
           FROM accounts a, json_each(a.day_counts) d)
     GROUP BY account_id, day HAVING sum(bookings) > 0)";

/// Where the rows of a table are.
fn rows(table: &Table) -> &'static str {
    match table.name {
        "accounts" => ACCOUNTS,
        "booking_counters" => BOOKING_COUNTERS,
        name => name,
    }
}

/// What writes a row, its values in the order of the table's columns.
fn inserts(table: &Table) -> Vec<String> {
    let insert = |columns: &[Column]| {
        let values: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
        format!("INSERT INTO {} ({}) VALUES ({})", table.name, list(columns), values.join(", "))
    };
    match table.columns {
        [own @ .., active_staff] if active_staff.name == "active_staff" => {
            let last = table.columns.len();
            let count = format!("INSERT INTO staff_counters (account_id, active) SELECT ?1, ?{last} WHERE ?{last} > 0");
            vec![insert(own), count]
        }
        columns => vec![insert(columns)],
    }
}

/// A file, in a transaction.
pub(crate) struct File {
    connection: Connection,
    url: String,
}

impl File {
    /// A file to copy from: it is not written.
    pub(crate) fn source(path: &Path) -> Result<Self, CopyError> {
        let connection = Connection::open_with_flags(path, reader_flags()).map_err(OpenError::from)?;
        connection.busy_timeout(BUSY_TIMEOUT).map_err(OpenError::from)?;
        let found = schema::check(&connection, path)?;
        let file = Self::new(connection, path);
        if found != schema::latest() {
            return Err(CopyError::OldSchema(file.url));
        }
        configure_reader(&file.connection)?;
        file.run("BEGIN")?;
        Journal::show(&file.connection).map_err(file.at())?;
        Ok(file)
    }

    /// A file to copy to: its tables are there and have no rows.
    pub(crate) fn target(path: &Path) -> Result<Self, CopyError> {
        let mut connection = open_writer(path)?;
        schema::migrate(&mut connection, path)?;
        let file = Self::new(connection, path);
        file.run("BEGIN IMMEDIATE")?;
        for table in
            TABLES.iter().map(|table| table.name).chain(["staff_counters", "booking_pages", "booking_page_groups"])
        {
            if file.number(&format!("SELECT EXISTS (SELECT 1 FROM {table})"))? != 0 {
                return Err(CopyError::NotEmpty { url: file.url, table: table.to_owned() });
            }
        }
        Ok(file)
    }

    fn new(connection: Connection, path: &Path) -> Self {
        Self { connection, url: format!("sqlite://{}", path.display()) }
    }

    /// Says of an error where it happened.
    fn at(&self) -> impl Fn(StorageError) -> CopyError + use<> {
        let url = self.url.clone();
        move |error| CopyError::Failed { url: url.clone(), error }
    }

    /// Runs statements.
    pub(crate) fn run(&self, sql: &str) -> Result<(), CopyError> {
        self.connection.execute_batch(sql).map_err(|error| self.at()(storage_error(error)))
    }

    fn number(&self, sql: &str) -> Result<i64, CopyError> {
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|error| self.at()(storage_error(error)))
    }
}

impl Source for File {
    fn count(&mut self, table: &Table) -> Result<u64, CopyError> {
        let count = self.number(&format!("SELECT count(*) FROM {}", rows(table)))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn read(&mut self, table: &Table, take: &mut Take<'_>) -> Result<(), CopyError> {
        let (at, columns, key) = (self.at(), table.column_list(), list(table.key()));
        let failed = |error| at(storage_error(error));
        let sql = format!("SELECT {columns} FROM {} ORDER BY {key}", rows(table));
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let value = |(index, column): (usize, &Column)| value(column, row.get_ref(index).map_err(storage_error)?);
            take(table.columns.iter().enumerate().map(value).collect::<Result<Row, _>>().map_err(&at)?)?;
        }
        Ok(())
    }
}

/// What a column holds.
fn value(column: &Column, found: ValueRef<'_>) -> Result<Value, StorageError> {
    let corrupt = || row::corrupt(column.name, format!("{found:?}"));
    Ok(match (column.kind, found) {
        (_, ValueRef::Null) => Value::Null,
        (Kind::Bool, ValueRef::Integer(number @ (0 | 1))) => Value::Bool(number == 1),
        (Kind::Bytes, ValueRef::Blob(bytes)) => Value::Bytes(bytes.to_vec()),
        (Kind::Day, ValueRef::Integer(number)) => Value::Day(row::day(number)?),
        (Kind::Instant, ValueRef::Integer(number)) => {
            Value::Instant(domain::Timestamp::from_microsecond(number).map_err(|_| corrupt())?)
        }
        (Kind::Integer, ValueRef::Integer(number)) => Value::Integer(number),
        (Kind::Text, ValueRef::Text(text)) => Value::Text(str::from_utf8(text).map_err(|_| corrupt())?.to_owned()),
        (Kind::Uuid, ValueRef::Blob(bytes)) => Value::Uuid(domain::Uuid::from_slice(bytes).map_err(|_| corrupt())?),
        _ => return Err(corrupt()),
    })
}

impl ToSql for Value {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Null => ToSqlOutput::Borrowed(ValueRef::Null),
            Self::Bool(is) => ToSqlOutput::from(*is),
            Self::Bytes(bytes) => ToSqlOutput::Borrowed(ValueRef::Blob(bytes)),
            Self::Day(day) => ToSqlOutput::from(row::day_number(*day)),
            Self::Instant(instant) => ToSqlOutput::from(instant.as_microsecond()),
            Self::Integer(number) => ToSqlOutput::from(*number),
            Self::Text(text) => ToSqlOutput::Borrowed(ValueRef::Text(text.as_bytes())),
            Self::Uuid(uuid) => ToSqlOutput::Borrowed(ValueRef::Blob(uuid.as_bytes())),
        })
    }
}

impl File {
    /// Lists each account's bookings in its pages: its row, which lists the newest, has none of them yet.
    fn list_bookings(&self) -> Result<(), StorageError> {
        let sql = "SELECT account_id, position, id, day, staff_id, deleted_at IS NOT NULL
             FROM bookings ORDER BY account_id, position";
        let mut statement = self.connection.prepare(sql).map_err(storage_error)?;
        let mut rows = statement.query([]).map_err(storage_error)?;
        let (mut at, mut page) = (None, BookingList::default());
        while let Some(found) = rows.next().map_err(storage_error)? {
            let account = AccountId::from_uuid(row::uuid(found, 0)?);
            let here = Some((account, row::column::<i64>(found, 1)? / PAGE));
            if at != here {
                self.insert_page(at, &std::mem::take(&mut page))?;
                at = here;
            }
            page.0.push(Listed {
                id: BookingId::from_uuid(row::uuid(found, 2)?),
                is_deleted: row::column(found, 5)?,
                day: row::column(found, 3)?,
                staff_id: row::optional_uuid(found, 4)?.map(StaffId::from_uuid),
            });
        }
        self.insert_page(at, &page)
    }

    fn insert_page(&self, at: Option<(AccountId, i64)>, page: &BookingList) -> Result<(), StorageError> {
        let Some((account, number)) = at else { return Ok(()) };
        SqliteTx::new(&self.connection).put_in_page(account, number, page)
    }
}

impl Target for File {
    fn write(&mut self, table: &Table, rows: &[Row]) -> Result<(), CopyError> {
        let write = || {
            for sql in inserts(table) {
                let mut statement = self.connection.prepare_cached(&sql)?;
                for row in rows {
                    for (number, value) in (1..=statement.parameter_count()).zip(row) {
                        statement.raw_bind_parameter(number, value)?;
                    }
                    statement.raw_execute()?;
                }
            }
            Ok(())
        };
        write().map_err(|error| self.at()(storage_error(error)))
    }

    fn complete(&mut self) -> Result<(), CopyError> {
        self.list_bookings().map_err(self.at())
    }

    fn verify(&mut self) -> Result<Vec<Discrepancy>, CopyError> {
        verify::compare(&self.connection).map_err(self.at())
    }

    fn commit(&mut self) -> Result<(), CopyError> {
        self.connection.execute_batch("COMMIT").map_err(|error| self.at()(commit_error(error)))
    }
}
