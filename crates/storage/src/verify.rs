//! Compares usage counters with the rows that they count.
//!
//! The comparison goes through the database in chunks, each on a snapshot of its own, so that no snapshot lives long: in
//! SQLite the write-ahead log grows as long as a snapshot is held. Rows and counters of one chunk are compared on the same
//! snapshot, in which they agree at every commit.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, Date, Timestamp, Uuid};

use crate::tables::{Sql, Value, sql};
use crate::tx::{BOOKINGS_PER_DAY, Dialect, STAFF, SqlConnection, day_of_window, window_of_day, window_of_no_time};

/// How many findings are kept; more are counted.
pub const FINDINGS_MAX: usize = 100;
/// How many accounts are compared on one snapshot.
const ACCOUNTS_MAX: i64 = 2_000;
/// About how many bookings of a day are compared on one snapshot of a SQLite database.
const BOOKINGS_MAX: i64 = 50_000;

/// What a verification has compared and found.
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
    /// What is wrong, up to [`FINDINGS_MAX`] findings.
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

/// Something to look at on a snapshot.
pub(crate) type Look<'a> = dyn FnMut(&mut dyn SqlConnection) -> Result<(), StorageError> + 'a;

/// Where snapshots come from.
pub(crate) trait Snapshots {
    /// Shows one snapshot to `look`.
    fn show(&mut self, look: &mut Look<'_>) -> Result<(), StorageError>;
}

/// A connection that is in a transaction already is one snapshot.
pub(crate) struct OneSnapshot<C>(pub(crate) C);

impl<C: SqlConnection> Snapshots for OneSnapshot<C> {
    fn show(&mut self, look: &mut Look<'_>) -> Result<(), StorageError> {
        look(&mut self.0)
    }
}

/// Compares all counters with all rows.
pub(crate) fn compare(snapshots: &mut dyn Snapshots) -> Result<Verification, StorageError> {
    let mut verification = Verification::default();
    let mut after = Uuid::nil();
    loop {
        let mut next = None;
        snapshots.show(&mut |connection| {
            next = compare_accounts(connection, after, &mut verification)?;
            Ok(())
        })?;
        match next {
            Some(last) => after = last,
            None => break,
        }
    }
    let mut dialect = Dialect::Postgres;
    snapshots.show(&mut |connection| {
        dialect = connection.dialect();
        verification.audit_entries +=
            count(connection, sql!("SELECT count(*) FROM audit_entries WHERE account_id = $1"), &[Uuid::nil().into()])?;
        Ok(())
    })?;
    // In PostgreSQL, whose index has the account first, they were compared with their accounts.
    if dialect == Dialect::Sqlite {
        compare_days(snapshots, &mut verification)?;
    }
    Ok(verification)
}

/// What is counted or used, by account and window.
type Amounts = BTreeMap<(Uuid, Timestamp), u32>;

/// Compares up to [`ACCOUNTS_MAX`] accounts after `after`, all that is left if there are fewer. Answers the last one if
/// there may be more.
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
    // What belongs to no account at all lies in one of the ranges, too.
    let range = [after.into(), last.unwrap_or(Uuid::max()).into()];
    verification.accounts += ids.len() as u64;
    let active = amounts(
        connection,
        sql!(
            "SELECT account_id, count(*) FROM staff_members
             WHERE account_id > $1 AND account_id <= $2 AND deleted_at IS NULL GROUP BY account_id"
        ),
        &range,
        |_| Ok(window_of_no_time()),
    )?;
    let counters = amounts(
        connection,
        sql!(
            "SELECT account_id, used FROM usage_counters
             WHERE account_id > $1 AND account_id <= $2 AND metric = $3 AND window_start = $4"
        ),
        &[range[0].clone(), range[1].clone(), STAFF.into(), window_of_no_time().into()],
        |_| Ok(window_of_no_time()),
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
            let finding = format!("the audit log has entries about {account}, an account that does not exist");
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
    // As `Booking::is_counted` has it.
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

/// Compares the bookings of one day after the other, as SQLite's index has them.
fn compare_days(snapshots: &mut dyn Snapshots, verification: &mut Verification) -> Result<(), StorageError> {
    let mut next = Some((Date::MIN, Uuid::max()));
    while let Some((day, after)) = next {
        snapshots.show(&mut |connection| {
            next = compare_part_of_day(connection, day, after, verification)?;
            Ok(())
        })?;
    }
    Ok(())
}

/// Compares about [`BOOKINGS_MAX`] bookings of `day`, of accounts after `after`; of the next day that has any bookings or
/// counters, if there are no such accounts. Answers where to go on.
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

/// The first day after `day` on which there are bookings, or counters of them.
fn next_day(connection: &mut dyn SqlConnection, day: Date) -> Result<Option<Date>, StorageError> {
    let mut next: Option<Date> = None;
    let sql = sql!("SELECT day FROM bookings WHERE day > $1 ORDER BY day LIMIT 1");
    visit(connection, sql, &[day.into()], |row| {
        next = Some(row.day(0)?);
        Ok(())
    })?;
    // A staff counter's window lies before every day's that can be booked, or is the first of them.
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

/// What a query answers by account, an amount for each and the window that `window` reads.
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

/// Notes every account and window whose counter is not the number of its rows.
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
    mut see: impl FnMut(&dyn crate::tables::SqlRow) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    connection.query(sql, params, &mut |row| see(row).map(ControlFlow::Continue))
}
