//! An SQLite database as the source or the target of a copy.

use std::path::Path;

use domain::error::StorageError;
use rusqlite::Connection;

use super::{CopyError, CopyRow, Source, Target, VisitRow, failed_at};
use crate::sqlite::error::{commit_error, storage_error};
use crate::sqlite::transaction::{Transaction, value};
use crate::sqlite::{open_reader, open_writer, schema, verify};
use crate::tables::{TABLES, Table};
use crate::verify::{OneSnapshot, Verification, compare};

/// An SQLite database, in a transaction.
pub(super) struct SqliteDatabase {
    connection: Connection,
    url: String,
}

impl SqliteDatabase {
    /// A source, on a read-only connection.
    pub(super) fn source(path: &Path) -> Result<Self, CopyError> {
        let database = Self::new(open_reader(path)?, path);
        database.run("BEGIN")?;
        Ok(database)
    }

    /// A target: its tables are created and must be empty.
    pub(super) fn target(path: &Path) -> Result<Self, CopyError> {
        let mut connection = open_writer(path)?;
        schema::migrate(&mut connection, path)?;
        let database = Self::new(connection, path);
        database.run("BEGIN IMMEDIATE")?;
        for table in TABLES {
            if database.number(&format!("SELECT EXISTS (SELECT 1 FROM {})", table.name))? != 0 {
                return Err(CopyError::NotEmpty { url: database.url, table: table.name.to_owned() });
            }
        }
        Ok(database)
    }

    fn new(connection: Connection, path: &Path) -> Self {
        Self { connection, url: format!("sqlite://{}", path.display()) }
    }

    fn failed(&self, error: rusqlite::Error) -> CopyError {
        failed_at(&self.url)(storage_error(error))
    }

    /// Runs statements.
    pub(super) fn run(&self, sql: &str) -> Result<(), CopyError> {
        self.connection.execute_batch(sql).map_err(|error| self.failed(error))
    }

    /// The one number that a query returns.
    fn number(&self, sql: &str) -> Result<i64, CopyError> {
        self.connection.query_row(sql, [], |row| row.get(0)).map_err(|error| self.failed(error))
    }
}

impl Source for SqliteDatabase {
    fn count(&mut self, table: &'static Table) -> Result<u64, CopyError> {
        let count = self.number(&format!("SELECT count(*) FROM {}", table.name))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn read(&mut self, table: &'static Table, visit: &mut VisitRow<'_>) -> Result<(), CopyError> {
        let failed = |error| self.failed(error);
        let sql = format!("SELECT {} FROM {} ORDER BY {}", table.column_list(), table.name, table.key.join(", "));
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let values = table.columns.iter().enumerate().map(|(index, column)| value(row, index, column));
            visit(values.collect::<Result<CopyRow, StorageError>>().map_err(failed_at(&self.url))?)?;
        }
        Ok(())
    }
}

impl Target for SqliteDatabase {
    fn write(&mut self, table: &'static Table, rows: &[CopyRow]) -> Result<(), CopyError> {
        let write = || {
            let mut statement = self.connection.prepare_cached(&table.insert().sqlite)?;
            for row in rows {
                statement.execute(rusqlite::params_from_iter(row))?;
            }
            Ok(())
        };
        write().map_err(|error| self.failed(error))
    }

    /// Does nothing: where the choice of an index is not obvious, the statements name it.
    fn complete(&mut self) -> Result<(), CopyError> {
        Ok(())
    }

    fn verify(&mut self) -> Result<Verification, CopyError> {
        let verify = || {
            let mut verification = compare(&mut OneSnapshot(Transaction::new(&self.connection)))?;
            verify::check_file(&self.connection, &mut verification)?;
            Ok(verification)
        };
        verify().map_err(failed_at(&self.url))
    }

    fn commit(&mut self) -> Result<(), CopyError> {
        self.connection.execute_batch("COMMIT").map_err(|error| failed_at(&self.url)(commit_error(error)))
    }
}
