//! Compares usage counters with the rows that they count.
//!
//! Each chunk of the database is compared on a snapshot of its own, so that no snapshot lives long:
//! in SQLite the write-ahead log grows while a snapshot is open. The rows and counters of a chunk
//! are read on the same snapshot, because they agree at every commit.

mod by_day;
mod comparison;
mod result;
mod snapshots;

use std::collections::BTreeSet;

use comparison::{Comparison, booking_key, charge_key, gauge_key};
use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, UNBOUNDED, Uuid};
pub(crate) use result::summary;
pub use result::{FINDINGS_MAX, Verification};
use snapshots::visit;
pub(crate) use snapshots::{OneSnapshot, ReadSnapshot, Snapshots};

use crate::tables::{Sql, Value, sql};
use crate::tx::{Dialect, STAFF, SqlConnection};

/// The maximum number of accounts that are compared on one snapshot.
const ACCOUNTS_MAX: u64 = 2_000;
/// How many accounts are compared on the first snapshot, before it is known how many rows they have.
const ACCOUNTS_FIRST: u64 = 100;
/// About how many rows are compared on one snapshot.
const ROWS_MAX: u64 = 100_000;

/// Compares all counters with all rows.
pub(crate) fn compare(snapshots: &mut dyn Snapshots) -> Result<Verification, StorageError> {
    let mut verification = Verification::default();
    let (mut after, mut accounts_max) = (Uuid::nil(), ACCOUNTS_FIRST);
    loop {
        let mut next = None;
        let rows_before = verification.rows();
        snapshots.with_snapshot(&mut |connection| {
            next = compare_accounts(connection, after, accounts_max, &mut verification)?;
            Ok(())
        })?;
        match next {
            Some(last) => after = last,
            None => break,
        }
        // As many accounts as have the rows of one snapshot, if the next ones are like these.
        let rows = (verification.rows() - rows_before).max(1);
        accounts_max = (accounts_max * ROWS_MAX / rows).clamp(1, ACCOUNTS_MAX);
    }
    snapshots.with_snapshot(&mut |connection| {
        verification.audit_entries +=
            count(connection, sql!("SELECT count(*) FROM audit_entries WHERE account_id = $1"), &[Uuid::nil().into()])?;
        Ok(())
    })?;
    Ok(verification)
}

/// Compares up to `max` accounts after `after`. Returns the last one if there may be more.
fn compare_accounts(
    connection: &mut dyn SqlConnection,
    after: Uuid,
    max: u64,
    verification: &mut Verification,
) -> Result<Option<Uuid>, StorageError> {
    let mut ids = BTreeSet::new();
    let sql = sql!("SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT $2");
    visit(connection, sql, &[after.into(), max.into()], |row| {
        ids.insert(row.uuid(0)?);
        Ok(())
    })?;
    let last = ids.last().copied().filter(|_| ids.len() as u64 == max);
    // The ranges cover all ids, so rows of accounts that do not exist are compared as well.
    let range = (after, last.unwrap_or(Uuid::max()));
    verification.accounts += ids.len() as u64;
    compare_counters(connection, range, verification)?;
    let sql = sql!(
        "SELECT account_id, count(*) FROM audit_entries
         WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id"
    );
    visit(connection, sql, &[range.0.into(), range.1.into()], |row| {
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

/// Compares all counters of the accounts in a range.
fn compare_counters(
    connection: &mut dyn SqlConnection,
    accounts: (Uuid, Uuid),
    verification: &mut Verification,
) -> Result<(), StorageError> {
    let mut comparison = Comparison::default();
    let range = [accounts.0.into(), accounts.1.into()];
    add_gauges(connection, &range, &mut comparison, verification)?;
    match connection.dialect() {
        Dialect::Sqlite => by_day::add_windows(connection, accounts, &mut comparison, verification)?,
        Dialect::Postgres => add_windows(connection, &range, &mut comparison, verification)?,
    }
    comparison.finish(verification)
}

/// Adds what exists, regardless of the time.
fn add_gauges(
    connection: &mut dyn SqlConnection,
    accounts: &[Value<'_>; 2],
    comparison: &mut Comparison,
    verification: &mut Verification,
) -> Result<(), StorageError> {
    verification.staff_members += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, count(*), count(*) FROM staff_members
             WHERE account_id > $1 AND account_id <= $2 AND deleted_at IS NULL GROUP BY account_id"
        ),
        accounts,
        |_| Ok((STAFF.into(), UNBOUNDED)),
    )?;
    verification.allocations += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, CAST(sum(quantity) AS bigint), count(*), meter FROM allocations
             WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id, meter"
        ),
        accounts,
        gauge_key,
    )?;
    Ok(())
}

/// Adds what counts in windows, and the counters, in the order of PostgreSQL's keys.
fn add_windows(
    connection: &mut dyn SqlConnection,
    accounts: &[Value<'_>; 2],
    comparison: &mut Comparison,
    verification: &mut Verification,
) -> Result<(), StorageError> {
    // The condition is that of `Booking::is_counted`.
    verification.bookings += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, count(*), count(*), day FROM bookings
             WHERE account_id > $1 AND account_id <= $2 AND (deleted_at IS NULL OR starts_at <= deleted_at)
             GROUP BY account_id, day"
        ),
        accounts,
        booking_key,
    )?;
    verification.charges += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, CAST(sum(quantity) AS bigint), count(*), metric, window_start FROM charges
             WHERE account_id > $1 AND account_id <= $2 GROUP BY account_id, metric, window_start"
        ),
        accounts,
        charge_key,
    )?;
    comparison.add_counters(
        connection,
        sql!(
            "SELECT account_id, metric, window_start, used, is_recorded FROM usage_counters
             WHERE account_id > $1 AND account_id <= $2"
        ),
        accounts,
    )
}

fn count(connection: &mut dyn SqlConnection, sql: &'static Sql, params: &[Value<'_>]) -> Result<u64, StorageError> {
    let mut count = 0;
    visit(connection, sql, params, |row| {
        count = row.count(0)?.into();
        Ok(())
    })?;
    Ok(count)
}
