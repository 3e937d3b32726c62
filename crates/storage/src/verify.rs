//! Compares usage counters with the rows that they count.
//!
//! Each chunk of the database is compared on a snapshot of its own, so that no snapshot lives long:
//! in SQLite the write-ahead log grows while a snapshot is open. The rows and counters of a chunk
//! are read on the same snapshot, because they agree at every commit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, Date, Timestamp, Uuid};

use crate::tables::{Sql, Value, sql};
use crate::tx::{BOOKINGS_PER_DAY, Dialect, STAFF, SqlConnection, day_of_window, unbounded_window, window_of_day};

/// How many findings are kept. More are only counted.
pub const FINDINGS_MAX: usize = 100;
/// How many accounts are compared on one snapshot.
const ACCOUNTS_MAX: i64 = 2_000;
/// About how many bookings of a day are compared on one snapshot of an SQLite database.
const BOOKINGS_MAX: i64 = 50_000;

/// The result of a verification.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Verification {
    /// How many accounts were compared.
    pub accounts: u64,
    /// How many active staff members.
    pub staff_members: u64,
    /// How many bookings that count.
    pub bookings: u64,
    /// How many usage counters.
    pub usage_counters: u64,
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
    // PostgreSQL's index begins with the account, so bookings were compared with their accounts.
    if dialect == Dialect::Sqlite {
        compare_days(snapshots, &mut verification)?;
    }
    Ok(verification)
}

/// Numbers of rows, or the values of counters, by account and window.
type Amounts = BTreeMap<(Uuid, Timestamp), u32>;

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
    let active = amounts(
        connection,
        sql!(
            "SELECT account_id, count(*) FROM staff_members
             WHERE account_id > $1 AND account_id <= $2 AND deleted_at IS NULL GROUP BY account_id"
        ),
        &range,
        |_| Ok(unbounded_window()),
    )?;
    let counters = amounts(
        connection,
        sql!(
            "SELECT account_id, used FROM usage_counters
             WHERE account_id > $1 AND account_id <= $2 AND metric = $3 AND window_start = $4"
        ),
        &[range[0].clone(), range[1].clone(), STAFF.into(), unbounded_window().into()],
        |_| Ok(unbounded_window()),
    )?;
    verification.staff_members += sum(&active);
    compare_amounts(&counters, &active, verification, |account_id, _, counter, rows| Discrepancy::ActiveStaff {
        account_id,
        counter,
        rows,
    });
    if connection.dialect() == Dialect::Postgres {
        compare_bookings_of_accounts(connection, &range, verification)?;
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

fn compare_bookings_of_accounts(
    connection: &mut dyn SqlConnection,
    range: &[Value<'_>; 2],
    verification: &mut Verification,
) -> Result<(), StorageError> {
    // The condition is that of `Booking::is_counted`.
    let bookings = amounts(
        connection,
        sql!(
            "SELECT account_id, count(*), day FROM bookings
             WHERE account_id > $1 AND account_id <= $2 AND (deleted_at IS NULL OR starts_at <= deleted_at)
             GROUP BY account_id, day"
        ),
        range,
        |row| Ok(window_of_day(row.day(2)?)),
    )?;
    let counters = amounts(
        connection,
        sql!(
            "SELECT account_id, used, window_start FROM usage_counters
             WHERE account_id > $1 AND account_id <= $2 AND metric = $3"
        ),
        &[range[0].clone(), range[1].clone(), BOOKINGS_PER_DAY.into()],
        |row| row.instant(2),
    )?;
    verification.bookings += sum(&bookings);
    compare_amounts(&counters, &bookings, verification, bookings_on_day);
    Ok(())
}

/// Compares the bookings day by day, in the order of SQLite's index.
fn compare_days(snapshots: &mut dyn Snapshots, verification: &mut Verification) -> Result<(), StorageError> {
    let mut next = Some((Date::MIN, Uuid::max()));
    while let Some((day, after)) = next {
        snapshots.with_snapshot(&mut |connection| {
            next = compare_part_of_day(connection, day, after, verification)?;
            Ok(())
        })?;
    }
    Ok(())
}

/// Compares about [`BOOKINGS_MAX`] bookings of `day`, those of accounts after `after`. Returns the
/// position of the next chunk: in the same day, or in the next day with bookings or counters.
fn compare_part_of_day(
    connection: &mut dyn SqlConnection,
    day: Date,
    after: Uuid,
    verification: &mut Verification,
) -> Result<Option<(Date, Uuid)>, StorageError> {
    if after == Uuid::max() {
        return Ok(next_day(connection, day)?.map(|next| (next, Uuid::nil())));
    }
    let mut last = Uuid::max();
    let sql = sql!(
        "SELECT account_id FROM bookings WHERE day = $1 AND account_id > $2 ORDER BY account_id LIMIT 1 OFFSET $3"
    );
    visit(connection, sql, &[day.into(), after.into(), BOOKINGS_MAX.into()], |row| {
        last = row.uuid(0)?;
        Ok(())
    })?;
    let window = window_of_day(day);
    let bookings = amounts(
        connection,
        sql!(
            "SELECT account_id, count(*) FROM bookings
             WHERE day = $1 AND account_id > $2 AND account_id <= $3
                 AND (deleted_at IS NULL OR starts_at <= deleted_at)
             GROUP BY account_id"
        ),
        &[day.into(), after.into(), last.into()],
        |_| Ok(window),
    )?;
    let counters = amounts(
        connection,
        sql!(
            "SELECT account_id, used FROM usage_counters
             WHERE window_start = $1 AND account_id > $2 AND account_id <= $3 AND metric = $4"
        ),
        &[window.into(), after.into(), last.into(), BOOKINGS_PER_DAY.into()],
        |_| Ok(window),
    )?;
    verification.bookings += sum(&bookings);
    compare_amounts(&counters, &bookings, verification, bookings_on_day);
    Ok(Some((day, last)))
}

/// The first day after `day` with bookings or counters of bookings.
fn next_day(connection: &mut dyn SqlConnection, day: Date) -> Result<Option<Date>, StorageError> {
    let mut next: Option<Date> = None;
    let sql = sql!("SELECT day FROM bookings WHERE day > $1 ORDER BY day LIMIT 1");
    visit(connection, sql, &[day.into()], |row| {
        next = Some(row.day(0)?);
        Ok(())
    })?;
    // The window of staff counters is not after that of the first day that can be booked.
    let sql = sql!("SELECT window_start FROM usage_counters WHERE window_start > $1 ORDER BY window_start LIMIT 1");
    visit(connection, sql, &[window_of_day(day).into()], |row| {
        let counted = day_of_window(row.instant(0)?);
        next = Some(next.map_or(counted, |next| next.min(counted)));
        Ok(())
    })?;
    Ok(next)
}

fn bookings_on_day(account_id: AccountId, window_start: Timestamp, counter: u32, rows: u32) -> Discrepancy {
    Discrepancy::BookingsOnDay { account_id, day: day_of_window(window_start), counter, rows }
}

/// The amounts that a query returns by account. `window` reads the window of a row.
fn amounts(
    connection: &mut dyn SqlConnection,
    sql: &'static Sql,
    params: &[Value<'_>],
    window: impl Fn(&dyn crate::tables::SqlRow) -> Result<Timestamp, StorageError>,
) -> Result<Amounts, StorageError> {
    let mut amounts = Amounts::new();
    visit(connection, sql, params, |row| {
        amounts.insert((row.uuid(0)?, window(row)?), row.count(1)?);
        Ok(())
    })?;
    Ok(amounts)
}

fn sum(amounts: &Amounts) -> u64 {
    amounts.values().map(|amount| u64::from(*amount)).sum()
}

/// Adds a finding for every account and window whose counter differs from the number of rows.
fn compare_amounts(
    counters: &Amounts,
    rows: &Amounts,
    verification: &mut Verification,
    finding: impl Fn(AccountId, Timestamp, u32, u32) -> Discrepancy,
) {
    verification.usage_counters += counters.len() as u64;
    let uncounted = rows.keys().filter(|key| !counters.contains_key(key));
    for key @ (account, window_start) in counters.keys().chain(uncounted) {
        let of = |amounts: &Amounts| amounts.get(key).copied().unwrap_or(0);
        let (counter, rows) = (of(counters), of(rows));
        if counter != rows {
            verification.add_finding(finding(AccountId::from_uuid(*account), *window_start, counter, rows));
        }
    }
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
    mut read: impl FnMut(&dyn crate::tables::SqlRow) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    connection.query(sql, params, &mut |row| read(row).map(ControlFlow::Continue))
}
