//! Verifies an SQLite database.

use domain::error::StorageError;
use domain::ports::Discrepancy;
use rusqlite::Connection;

use super::error::storage_error;
use super::transaction::Transaction;
use crate::verify::{self, ReadSnapshot, Snapshots, Verification};

impl Snapshots for &mut Connection {
    fn with_snapshot(&mut self, read: &mut ReadSnapshot<'_>) -> Result<(), StorageError> {
        let snapshot = self.transaction().map_err(storage_error)?;
        read(&mut Transaction::new(&snapshot))
    }
}

/// Compares usage counters with the rows that they count. `is_full` also checks the file, which
/// holds one snapshot while it reads the whole file.
pub(crate) fn verify(mut connection: &mut Connection, is_full: bool) -> Result<Verification, StorageError> {
    let mut verification = verify::compare(&mut connection)?;
    if is_full {
        check_file(connection, &mut verification)?;
    }
    Ok(verification)
}

/// Checks pages, indexes and foreign keys, with SQLite's own commands.
pub(crate) fn check_file(connection: &Connection, verification: &mut Verification) -> Result<(), StorageError> {
    let mut check = |sql: &str, finding: &dyn Fn(&rusqlite::Row<'_>) -> rusqlite::Result<Option<String>>| {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(finding) = finding(row)? {
                verification.add_finding(Discrepancy::Database(finding));
            }
        }
        Ok(())
    };
    let mut check_all = || {
        check("PRAGMA integrity_check", &|row| {
            let message: String = row.get(0)?;
            Ok((message != "ok").then_some(message))
        })?;
        check("PRAGMA foreign_key_check", &|row| {
            let (child, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(Some(format!("a row of {child} refers to a row of {parent} that does not exist")))
        })
    };
    check_all().map_err(storage_error)
}
