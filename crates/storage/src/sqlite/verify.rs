//! Compares what the database keeps twice, on one snapshot.

use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, Uuid};
use rusqlite::{Connection, Row};

use super::row;
use crate::error::storage_error;

const STAFF: &str = "
    SELECT account_id, coalesce(c.active, 0), coalesce(r.active, 0)
    FROM staff_counters c
    FULL JOIN (SELECT account_id, count(*) AS active FROM staff_members GROUP BY account_id) r USING (account_id)
    WHERE coalesce(c.active, 0) <> coalesce(r.active, 0)";

const BOOKINGS: &str = "
    SELECT account_id, coalesce(c.bookings, 0), coalesce(r.bookings, 0), day
    FROM booking_counters c
    FULL JOIN (SELECT day, account_id, count(*) AS bookings FROM bookings GROUP BY day, account_id) r
        USING (day, account_id)
    WHERE coalesce(c.bookings, 0) <> coalesce(r.bookings, 0)";

/// Everything that is wrong: with the file, with references, with counters.
pub(crate) fn verify(connection: &mut Connection) -> Result<Vec<Discrepancy>, StorageError> {
    let snapshot = connection.transaction().map_err(storage_error)?;
    let mut found = collect(&snapshot, "PRAGMA integrity_check", |row| {
        let complaint: String = row.get(0).map_err(storage_error)?;
        Ok(Some(complaint).filter(|complaint| complaint != "ok").map(Discrepancy::Database))
    })?;
    found.extend(collect(&snapshot, "PRAGMA foreign_key_check", |row| {
        let (child, parent): (String, String) =
            (row.get(0).map_err(storage_error)?, row.get(2).map_err(storage_error)?);
        Ok(Some(Discrepancy::Database(format!("a row of {child} refers to a row of {parent} that is not there"))))
    })?);
    found.extend(collect(&snapshot, STAFF, |row| {
        let (account_id, counter, rows) = counted(row)?;
        Ok(Some(Discrepancy::ActiveStaff { account_id, counter, rows }))
    })?);
    found.extend(collect(&snapshot, BOOKINGS, |row| {
        let (account_id, counter, rows) = counted(row)?;
        let day = row::day(row.get(3).map_err(storage_error)?)?;
        Ok(Some(Discrepancy::BookingsOnDay { account_id, day, counter, rows }))
    })?);
    Ok(found)
}

fn collect(
    connection: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> Result<Option<Discrepancy>, StorageError>,
) -> Result<Vec<Discrepancy>, StorageError> {
    let mut statement = connection.prepare(sql).map_err(storage_error)?;
    let mut rows = statement.query([]).map_err(storage_error)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(storage_error)? {
        found.extend(read(row)?);
    }
    Ok(found)
}

fn counted(row: &Row<'_>) -> Result<(AccountId, u32, u32), StorageError> {
    let read = || {
        let account_id = AccountId::from_uuid(Uuid::from_bytes(row.get(0)?));
        Ok((account_id, row.get(1)?, row.get(2)?))
    };
    read().map_err(storage_error)
}
