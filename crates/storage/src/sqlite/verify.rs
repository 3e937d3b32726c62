//! Verifies a SQLite database.

use domain::error::StorageError;
use domain::ports::Discrepancy;
use rusqlite::Connection;

use super::error::storage_error;
use super::transaction::Transaction;
use crate::verify::{self, Look, Snapshots, Verification};

impl Snapshots for &mut Connection {
    fn show(&mut self, look: &mut Look<'_>) -> Result<(), StorageError> {
        let snapshot = self.transaction().map_err(storage_error)?;
        look(&mut Transaction::new(&snapshot))
    }
}

/// Compares counters with rows, and checks the file if `is_full`. That takes one snapshot for as long as it takes to read
/// the whole file.
pub(crate) fn verify(mut connection: &mut Connection, is_full: bool) -> Result<Verification, StorageError> {
    let mut verification = verify::compare(&mut connection)?;
    if is_full {
        check_file(connection, &mut verification)?;
    }
    Ok(verification)
}

/// What SQLite itself finds: pages, indexes and references.
pub(crate) fn check_file(connection: &Connection, verification: &mut Verification) -> Result<(), StorageError> {
    let mut complain = |sql: &str, finding: &dyn Fn(&rusqlite::Row<'_>) -> rusqlite::Result<Option<String>>| {
        let mut statement = connection.prepare(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(finding) = finding(row)? {
                verification.add_finding(Discrepancy::Database(finding));
            }
        }
        Ok(())
    };
    let mut check = || {
        complain("PRAGMA integrity_check", &|row| {
            let complaint: String = row.get(0)?;
            Ok((complaint != "ok").then_some(complaint))
        })?;
        complain("PRAGMA foreign_key_check", &|row| {
            let (child, parent): (String, String) = (row.get(0)?, row.get(2)?);
            Ok(Some(format!("a row of {child} refers to a row of {parent} that does not exist")))
        })
    };
    check().map_err(storage_error)
}
