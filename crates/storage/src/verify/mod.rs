//! Compares usage counters with the rows that they count.
//!
//! Each chunk of the database is compared on a snapshot of its own, so that no snapshot lives long:
//! in SQLite the write-ahead log grows while a snapshot is open. The rows and counters of a chunk
//! are read on the same snapshot, because they agree at every commit.

mod comparison;
mod result;
mod snapshots;
mod windows;

use std::collections::BTreeSet;

use comparison::{Comparison, booking_key, gauge_key};
use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, UNBOUNDED, Uuid};
pub(crate) use result::summary;
pub use result::{FINDINGS_MAX, Verification};
use snapshots::visit;
pub(crate) use snapshots::{OneSnapshot, ReadSnapshot, Snapshots};
use windows::compare_windows;

use crate::tables::{Sql, Value, sql};
use crate::tx::{Dialect, STAFF, SqlConnection};

/// How many accounts are compared on one snapshot.
const ACCOUNTS_MAX: i64 = 2_000;

/// Compares all counters with all rows.
pub(crate) fn compare(snapshots: &mut dyn Snapshots) -> Result<Verification, StorageError> {
    let mut verification = Verification::default();
    let mut after = Uuid::nil();
    loop {
        let mut next = None;
        snapshots.with_snapshot(&mut |connection| {
            next = compare_accounts(connection, after, &mut verification)?;
            Ok(())
        })?;
        match next {
            Some(last) => after = last,
            None => break,
        }
    }
    let mut dialect = Dialect::Postgres;
    snapshots.with_snapshot(&mut |connection| {
        dialect = connection.dialect();
        verification.audit_entries +=
            count(connection, sql!("SELECT count(*) FROM audit_entries WHERE account_id = $1"), &[Uuid::nil().into()])?;
        Ok(())
    })?;
    // PostgreSQL's keys begin with the account, so counters were compared with their accounts.
    if dialect == Dialect::Sqlite {
        compare_windows(snapshots, &mut verification)?;
    }
    Ok(verification)
}

/// Compares up to [`ACCOUNTS_MAX`] accounts after `after`. Returns the last one if there may be
/// more.
fn compare_accounts(
    connection: &mut dyn SqlConnection,
    after: Uuid,
    verification: &mut Verification,
) -> Result<Option<Uuid>, StorageError> {
    let mut ids = BTreeSet::new();
    let sql = sql!("SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2");
    visit(connection, sql, &[after.into(), ACCOUNTS_MAX.into()], |row| {
        ids.insert(row.uuid(0)?);
        Ok(())
    })?;
    let is_last = i64::try_from(ids.len()).is_ok_and(|read| read < ACCOUNTS_MAX);
    let last = ids.last().copied().filter(|_| !is_last);
    // The ranges cover all ids, so rows of accounts that do not exist are compared as well.
    let range = [after.into(), last.unwrap_or(Uuid::max()).into()];
    verification.accounts += ids.len() as u64;
    if connection.dialect() == Dialect::Postgres {
        compare_counters_of_accounts(connection, &range, verification)?;
    }
    let sql = sql!(
        "SELECT account_id, count(*) FROM audit_entries
         WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id"
    );
    visit(connection, sql, &range, |row| {
        let account = row.uuid(0)?;
        verification.audit_entries += u64::from(row.count(1)?);
        if !ids.contains(&account) {
            let account = AccountId::from_uuid(account);
            let finding = format!("the audit log has entries of account {account}, which does not exist");
            verification.add_finding(Discrepancy::Database(finding));
        }
        Ok(())
    })?;
    Ok(last)
}

/// Compares all counters of the accounts in a range, in the order of PostgreSQL's keys.
fn compare_counters_of_accounts(
    connection: &mut dyn SqlConnection,
    range: &[Value<'_>; 2],
    verification: &mut Verification,
) -> Result<(), StorageError> {
    let mut comparison = Comparison::default();
    add_gauges(connection, range, &mut comparison, verification)?;
    // The condition is that of `Booking::is_counted`.
    verification.bookings += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, count(*), count(*), day FROM bookings
             WHERE account_id > $1 AND account_id <= $2 AND (deleted_at IS NULL OR starts_at <= deleted_at)
             GROUP BY account_id, day"
        ),
        range,
        booking_key,
    )?;
    verification.charges += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, CAST(sum(quantity) AS bigint), count(*), metric, window_start FROM charges
             WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id, metric, window_start"
        ),
        range,
        |row| Ok((row.text(3)?.into(), row.instant(4)?)),
    )?;
    comparison.add_counters(
        connection,
        sql!(
            "SELECT account_id, metric, window_start, used, is_recorded FROM usage_counters
             WHERE account_id > $1 AND account_id <= $2"
        ),
        range,
    )?;
    comparison.finish(verification)
}

/// Adds what exists in a range of accounts, regardless of the time.
fn add_gauges(
    connection: &mut dyn SqlConnection,
    range: &[Value<'_>; 2],
    comparison: &mut Comparison,
    verification: &mut Verification,
) -> Result<(), StorageError> {
    verification.staff_members += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, count(*), count(*) FROM staff_members
             WHERE account_id > $1 AND account_id <= $2 AND deleted_at IS NULL GROUP BY account_id"
        ),
        range,
        |_| Ok((STAFF.into(), UNBOUNDED)),
    )?;
    verification.allocations += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, CAST(sum(quantity) AS bigint), count(*), meter FROM allocations
             WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id, meter"
        ),
        range,
        gauge_key,
    )?;
    Ok(())
}

fn count(connection: &mut dyn SqlConnection, sql: &'static Sql, params: &[Value<'_>]) -> Result<u64, StorageError> {
    let mut count = 0;
    visit(connection, sql, params, |row| {
        count = row.count(0)?.into();
        Ok(())
    })?;
    Ok(count)
}
