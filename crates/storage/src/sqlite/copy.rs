//! A SQLite file that is copied from or to.

use std::path::Path;

use domain::error::StorageError;
use rusqlite::Connection;

use super::transaction::{Transaction, value};
use super::{open_reader, open_writer, schema, verify};
use crate::copy::{CopyError, Row, Source, Take, Target};
use crate::error::{commit_error, storage_error};
use crate::tables::{TABLES, Table};
use crate::verify::{OneSnapshot, Verification, compare};

/// A file, in a transaction.
pub(crate) struct File {
    connection: Connection,
    url: String,
}

impl File {
    /// A file to copy from: it is not written.
    pub(crate) fn source(path: &Path) -> Result<Self, CopyError> {
        let file = Self::new(open_reader(path)?, path);
        file.run("BEGIN")?;
        Ok(file)
    }

    /// A file to copy to: its tables exist and have no rows.
    pub(crate) fn target(path: &Path) -> Result<Self, CopyError> {
        let mut connection = open_writer(path)?;
        schema::migrate(&mut connection, path)?;
        let file = Self::new(connection, path);
        file.run("BEGIN IMMEDIATE")?;
        for table in TABLES {
            if file.number(&format!("SELECT EXISTS (SELECT 1 FROM {})", table.name))? != 0 {
                return Err(CopyError::NotEmpty { url: file.url, table: table.name.to_owned() });
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
    fn count(&mut self, table: &'static Table) -> Result<u64, CopyError> {
        let count = self.number(&format!("SELECT count(*) FROM {}", table.name))?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    fn read(&mut self, table: &'static Table, take: &mut Take<'_>) -> Result<(), CopyError> {
        let at = self.at();
        let failed = |error| at(storage_error(error));
        let sql = format!("SELECT {} FROM {} ORDER BY {}", table.column_list(), table.name, table.key.join(", "));
        let mut statement = self.connection.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let values = table.columns.iter().enumerate().map(|(index, column)| value(row, index, column));
            take(values.collect::<Result<Row, _>>().map_err(&at)?)?;
        }
        Ok(())
    }
}

impl Target for File {
    fn write(&mut self, table: &'static Table, rows: &[Row]) -> Result<(), CopyError> {
        let write = || {
            let mut statement = self.connection.prepare_cached(&table.insert().sqlite)?;
            for row in rows {
                statement.execute(rusqlite::params_from_iter(row))?;
            }
            Ok(())
        };
        write().map_err(|error| self.at()(storage_error(error)))
    }

    /// There is nothing to do: the statements name the indexes that they go by, if it is not plain.
    fn complete(&mut self) -> Result<(), CopyError> {
        Ok(())
    }

    fn verify(&mut self) -> Result<Verification, CopyError> {
        let verify = || {
            let mut found = compare(&mut OneSnapshot(Transaction::new(&self.connection)))?;
            verify::check_file(&self.connection, &mut found)?;
            Ok(found)
        };
        verify().map_err(self.at())
    }

    fn commit(&mut self) -> Result<(), CopyError> {
        self.connection.execute_batch("COMMIT").map_err(|error| self.at()(commit_error(error)))
    }
}
