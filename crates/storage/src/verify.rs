//! Compares usage counters with the rows that they count.
//!
//! Each chunk of the database is compared on a snapshot of its own, so that no snapshot lives long:
//! in SQLite the write-ahead log grows while a snapshot is open. The rows and counters of a chunk
//! are read on the same snapshot, because they agree at every commit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, Timestamp, UNBOUNDED, Uuid, day_of_window, window_of_day};

use crate::tables::{Sql, SqlRow, Value, parsed, sql};
use crate::tx::{BOOKINGS_PER_DAY, Dialect, STAFF, SqlConnection};

/// How many findings are kept. More are only counted.
pub const FINDINGS_MAX: usize = 100;
/// How many accounts are compared on one snapshot.
const ACCOUNTS_MAX: i64 = 2_000;
/// About how many rows of a window are compared on one snapshot of an SQLite database.
const ROWS_MAX: i64 = 50_000;

/// The result of a verification.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verification {
    /// How many accounts were compared.
    pub accounts: u64,
    /// How many active staff members.
    pub staff_members: u64,
    /// How many bookings that count.
    pub bookings: u64,
    /// How many allocations.
    pub allocations: u64,
    /// How many charges of usage records and bookings to metrics of one's own.
    pub charges: u64,
    /// How many usage counters.
    pub usage_counters: u64,
    /// How many of the usage counters were compared with nothing, because not all of what they
    /// count has rows.
    pub unrecorded_counters: u64,
    /// How many audit entries.
    pub audit_entries: u64,
    /// The first findings, up to [`FINDINGS_MAX`].
    pub findings: Vec<Discrepancy>,
    /// How many findings there are.
    pub findings_total: u64,
}

impl Verification {
    pub(crate) fn add_finding(&mut self, finding: Discrepancy) {
        self.findings_total += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }
}

/// A function that reads from a snapshot.
pub(crate) type ReadSnapshot<'a> = dyn FnMut(&mut dyn SqlConnection) -> Result<(), StorageError> + 'a;

/// A source of snapshots.
pub(crate) trait Snapshots {
    /// Calls `read` with a connection on a snapshot.
    fn with_snapshot(&mut self, read: &mut ReadSnapshot<'_>) -> Result<(), StorageError>;
}

/// The snapshot of a connection that is already in a transaction.
pub(crate) struct OneSnapshot<C>(pub(crate) C);

impl<C: SqlConnection> Snapshots for OneSnapshot<C> {
    fn with_snapshot(&mut self, read: &mut ReadSnapshot<'_>) -> Result<(), StorageError> {
        read(&mut self.0)
    }
}

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

/// The key of a counter: account, metric, and label of the window.
type CounterKey = (Uuid, Box<str>, Timestamp);

/// Counters, and the rows that they count.
#[derive(Default)]
struct Comparison {
    rows: BTreeMap<CounterKey, u64>,
    /// The values, and whether all of what is counted has rows.
    counters: BTreeMap<CounterKey, (u64, bool)>,
}

impl Comparison {
    /// Adds the rows that a query returns: the account and the quantity, then what `key` reads. A
    /// row of the result stands for the number of rows in its third column.
    fn add_rows(
        &mut self,
        connection: &mut dyn SqlConnection,
        sql: &'static Sql,
        params: &[Value<'_>],
        key: impl Fn(&dyn SqlRow) -> Result<(Box<str>, Timestamp), StorageError>,
    ) -> Result<u64, StorageError> {
        let mut total = 0;
        visit(connection, sql, params, |row| {
            let (metric, window_start) = key(row)?;
            let rows = self.rows.entry((row.uuid(0)?, metric, window_start)).or_default();
            *rows = rows.saturating_add(row.quantity(1)?);
            total += row.quantity(2)?;
            Ok(())
        })?;
        Ok(total)
    }

    /// Adds the counters that a query returns: account, metric, window, value, whether it is
    /// recorded.
    fn add_counters(
        &mut self,
        connection: &mut dyn SqlConnection,
        sql: &'static Sql,
        params: &[Value<'_>],
    ) -> Result<(), StorageError> {
        visit(connection, sql, params, |row| {
            let key = (row.uuid(0)?, row.text(1)?.into(), row.instant(2)?);
            self.counters.insert(key, (row.quantity(3)?, row.bool(4)?));
            Ok(())
        })
    }

    /// Adds a finding for every counter that differs from the rows.
    fn finish(self, verification: &mut Verification) -> Result<(), StorageError> {
        verification.usage_counters += self.counters.len() as u64;
        verification.unrecorded_counters += self.counters.values().filter(|(_, recorded)| !recorded).count() as u64;
        let uncounted = self.rows.keys().filter(|key| !self.counters.contains_key(key));
        for key in self.counters.keys().chain(uncounted) {
            let (counter, is_recorded) = self.counters.get(key).copied().unwrap_or((0, true));
            let rows = self.rows.get(key).copied().unwrap_or(0);
            if is_recorded && counter != rows {
                let (account, metric, window_start) = key;
                verification.add_finding(Discrepancy::Counter {
                    account_id: AccountId::from_uuid(*account),
                    metric: parsed(metric, str::parse)?,
                    window_start: *window_start,
                    counter,
                    rows,
                });
            }
        }
        Ok(())
    }
}

/// The key of the counter of a day's bookings; the day is in the fourth column.
fn booking_key(row: &dyn SqlRow) -> Result<(Box<str>, Timestamp), StorageError> {
    Ok((BOOKINGS_PER_DAY.into(), window_of_day(row.day(3)?)))
}

/// The key of the counter of a gauge; its meter is in the fourth column.
fn gauge_key(row: &dyn SqlRow) -> Result<(Box<str>, Timestamp), StorageError> {
    Ok((row.text(3)?.into(), UNBOUNDED))
}

/// Compares all counters of the accounts in a range, in the order of PostgreSQL's keys.
fn compare_counters_of_accounts(
    connection: &mut dyn SqlConnection,
    range: &[Value<'_>; 2],
    verification: &mut Verification,
) -> Result<(), StorageError> {
    let mut comparison = Comparison::default();
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

/// Compares window by window, in the order of SQLite's keys.
fn compare_windows(snapshots: &mut dyn Snapshots, verification: &mut Verification) -> Result<(), StorageError> {
    let mut next = Some((Timestamp::MIN, Uuid::max()));
    while let Some((window, after)) = next {
        snapshots.with_snapshot(&mut |connection| {
            next = compare_part_of_window(connection, window, after, verification)?;
            Ok(())
        })?;
    }
    Ok(())
}

/// Compares about [`ROWS_MAX`] rows of a window, those of accounts after `after`. Returns the
/// position of the next chunk: in the same window, or in the next one with rows or counters.
fn compare_part_of_window(
    connection: &mut dyn SqlConnection,
    window: Timestamp,
    after: Uuid,
    verification: &mut Verification,
) -> Result<Option<(Timestamp, Uuid)>, StorageError> {
    if after == Uuid::max() {
        return Ok(next_window(connection, window)?.map(|next| (next, Uuid::nil())));
    }
    let last = last_account(connection, window, after)?;
    let accounts = [after.into(), last.into()];
    let in_window = [after.into(), last.into(), window.into()];
    let mut comparison = Comparison::default();
    if window == UNBOUNDED {
        compare_gauges(connection, &accounts, &mut comparison, verification)?;
    }
    let day = day_of_window(window);
    if window_of_day(day) == window {
        verification.bookings += comparison.add_rows(
            connection,
            sql!(
                "SELECT account_id, count(*), count(*), day FROM bookings
                 WHERE day = $3 AND account_id > $1 AND account_id <= $2
                     AND (deleted_at IS NULL OR starts_at <= deleted_at)
                 GROUP BY account_id"
            ),
            &[after.into(), last.into(), day.into()],
            booking_key,
        )?;
    }
    // Not grouped: the key has the source before the metric, so a group would have to be sorted.
    verification.charges += comparison.add_rows(
        connection,
        sql!(
            "SELECT account_id, quantity, CAST(1 AS bigint), metric FROM charges
             WHERE window_start = $3 AND account_id > $1 AND account_id <= $2"
        ),
        &in_window,
        |row| Ok((row.text(3)?.into(), window)),
    )?;
    comparison.add_counters(
        connection,
        sql!(
            "SELECT account_id, metric, window_start, used, is_recorded FROM usage_counters
             WHERE window_start = $3 AND account_id > $1 AND account_id <= $2"
        ),
        &in_window,
    )?;
    comparison.finish(verification)?;
    Ok(Some((window, last)))
}

/// Adds what exists in a range of accounts, regardless of the time.
fn compare_gauges(
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

/// The last account of a chunk of the window: the one at which [`ROWS_MAX`] bookings or charges, or
/// [`ACCOUNTS_MAX`] counters of what exists, are reached.
fn last_account(connection: &mut dyn SqlConnection, window: Timestamp, after: Uuid) -> Result<Uuid, StorageError> {
    let mut last = Uuid::max();
    let mut limit = |sql: &'static Sql, params: &[Value<'_>]| {
        visit(connection, sql, params, |row| {
            last = last.min(row.uuid(0)?);
            Ok(())
        })
    };
    limit(
        sql!(
            "SELECT account_id FROM bookings WHERE day = $1 AND account_id > $2 ORDER BY account_id LIMIT 1 OFFSET $3"
        ),
        &[day_of_window(window).into(), after.into(), ROWS_MAX.into()],
    )?;
    limit(
        sql!(
            "SELECT account_id FROM charges WHERE window_start = $1 AND account_id > $2
             ORDER BY account_id LIMIT 1 OFFSET $3"
        ),
        &[window.into(), after.into(), ROWS_MAX.into()],
    )?;
    if window == UNBOUNDED {
        limit(
            sql!(
                "SELECT account_id FROM usage_counters WHERE window_start = $1 AND account_id > $2
                 ORDER BY account_id LIMIT 1 OFFSET $3"
            ),
            &[window.into(), after.into(), ACCOUNTS_MAX.into()],
        )?;
    }
    Ok(last)
}

/// The first window after `window` with counters, bookings or charges. The one in which gauges
/// count is always compared.
fn next_window(connection: &mut dyn SqlConnection, window: Timestamp) -> Result<Option<Timestamp>, StorageError> {
    let mut next = (window < UNBOUNDED).then_some(UNBOUNDED);
    let mut found = |at: Timestamp| next = Some(next.map_or(at, |next| next.min(at)));
    // A window that begins within a day has the bookings of a later day after it.
    visit(
        connection,
        sql!("SELECT day FROM bookings WHERE day > $1 ORDER BY day LIMIT 1"),
        &[day_of_window(window).into()],
        |row| row.day(0).map(window_of_day).map(&mut found),
    )?;
    for sql in [
        sql!("SELECT window_start FROM charges WHERE window_start > $1 ORDER BY window_start LIMIT 1"),
        sql!("SELECT window_start FROM usage_counters WHERE window_start > $1 ORDER BY window_start LIMIT 1"),
    ] {
        visit(connection, sql, &[window.into()], |row| row.instant(0).map(&mut found))?;
    }
    Ok(next)
}

fn count(connection: &mut dyn SqlConnection, sql: &'static Sql, params: &[Value<'_>]) -> Result<u64, StorageError> {
    let mut count = 0;
    visit(connection, sql, params, |row| {
        count = row.count(0)?.into();
        Ok(())
    })?;
    Ok(count)
}

fn visit(
    connection: &mut dyn SqlConnection,
    sql: &'static Sql,
    params: &[Value<'_>],
    mut read: impl FnMut(&dyn SqlRow) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    connection.query(sql, params, &mut |row| read(row).map(ControlFlow::Continue))
}
