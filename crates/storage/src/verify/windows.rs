//! The comparison window by window, in the order of SQLite's keys.

use domain::error::StorageError;
use domain::{Timestamp, UNBOUNDED, Uuid, day_of_window, window_of_day};

use super::add_gauges;
use super::comparison::{Comparison, booking_key};
use super::result::Verification;
use super::snapshots::{Snapshots, visit};
use crate::tables::{Sql, Value, sql};
use crate::tx::SqlConnection;

/// How many counters of what exists are compared on one snapshot.
const COUNTERS_MAX: i64 = 2_000;
/// About how many rows of a window are compared on one snapshot of an SQLite database.
const ROWS_MAX: i64 = 50_000;

/// Compares window by window, in the order of SQLite's keys.
pub(super) fn compare_windows(
    snapshots: &mut dyn Snapshots,
    verification: &mut Verification,
) -> Result<(), StorageError> {
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
        add_gauges(connection, &accounts, &mut comparison, verification)?;
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
            "SELECT account_id, quantity, 1, metric FROM charges
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

/// The last account of a chunk of the window: the one at which [`ROWS_MAX`] bookings or charges, or
/// [`COUNTERS_MAX`] counters of what exists, are reached.
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
            &[window.into(), after.into(), COUNTERS_MAX.into()],
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
