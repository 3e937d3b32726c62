//! The rows and counters of a range of accounts, in the order of SQLite's keys: a seek for each day
//! and each window.

use domain::error::StorageError;
use domain::{Date, Timestamp, Uuid};

use super::comparison::{Comparison, booking_key, charge_key};
use super::result::Verification;
use super::snapshots::visit;
use crate::tables::sql;
use crate::tx::SqlConnection;

/// Adds what counts in windows, and the counters.
pub(super) fn add_windows(
    connection: &mut dyn SqlConnection,
    (after, last): (Uuid, Uuid),
    comparison: &mut Comparison,
    verification: &mut Verification,
) -> Result<(), StorageError> {
    let mut has_charges = false;
    visit(connection, sql!("SELECT EXISTS (SELECT 1 FROM charges)"), &[], |row| {
        has_charges = row.bool(0)?;
        Ok(())
    })?;
    let mut day = Date::MIN;
    while let Some(next) = next_day(connection, day)? {
        day = next;
        let on_day = [after.into(), last.into(), day.into()];
        // The condition is that of `Booking::is_counted`.
        verification.bookings += comparison.add_rows(
            connection,
            sql!(
                "SELECT account_id, count(*), count(*), day FROM bookings
                 WHERE day = $3 AND account_id > $1 AND account_id <= $2
                     AND (deleted_at IS NULL OR starts_at <= deleted_at)
                 GROUP BY account_id"
            ),
            &on_day,
            booking_key,
        )?;
        if !has_charges {
            continue;
        }
        for charges in [
            sql!(
                "SELECT source.account_id, charges.quantity, 1, charges.metric, charges.window_start
                 FROM bookings AS source CROSS JOIN charges ON charges.source_id = source.id
                 WHERE source.day = $3 AND source.account_id > $1 AND source.account_id <= $2"
            ),
            sql!(
                "SELECT source.account_id, charges.quantity, 1, charges.metric, charges.window_start
                 FROM usage_records AS source CROSS JOIN charges ON charges.source_id = source.id
                 WHERE source.day = $3 AND source.account_id > $1 AND source.account_id <= $2"
            ),
        ] {
            verification.charges += comparison.add_rows(connection, charges, &on_day, charge_key)?;
        }
    }
    let mut window = Timestamp::MIN;
    while let Some(next) = next_window(connection, window)? {
        window = next;
        comparison.add_counters(
            connection,
            sql!(
                "SELECT account_id, metric, window_start, used, is_recorded FROM usage_counters
                 WHERE window_start = $3 AND account_id > $1 AND account_id <= $2"
            ),
            &[after.into(), last.into(), window.into()],
        )?;
    }
    Ok(())
}

/// The first day after `day` with bookings or usage records.
fn next_day(connection: &mut dyn SqlConnection, day: Date) -> Result<Option<Date>, StorageError> {
    let mut next: Option<Date> = None;
    for sql in [
        sql!("SELECT day FROM bookings WHERE day > $1 ORDER BY day LIMIT 1"),
        sql!("SELECT day FROM usage_records WHERE day > $1 ORDER BY day LIMIT 1"),
    ] {
        visit(connection, sql, &[day.into()], |row| {
            let found = row.day(0)?;
            next = Some(next.map_or(found, |next| next.min(found)));
            Ok(())
        })?;
    }
    Ok(next)
}

/// The first window after `window` with counters.
fn next_window(connection: &mut dyn SqlConnection, window: Timestamp) -> Result<Option<Timestamp>, StorageError> {
    let mut next = None;
    let sql = sql!("SELECT window_start FROM usage_counters WHERE window_start > $1 ORDER BY window_start LIMIT 1");
    visit(connection, sql, &[window.into()], |row| {
        next = Some(row.instant(0)?);
        Ok(())
    })?;
    Ok(next)
}
