//! The comparison of counters with the rows that they count.

use std::collections::BTreeMap;

use domain::error::StorageError;
use domain::ports::Discrepancy;
use domain::{AccountId, Timestamp, UNBOUNDED, Uuid, window_of_day};

use super::result::Verification;
use super::snapshots::visit;
use crate::tables::{Sql, SqlRow, Value, parsed};
use crate::tx::{BOOKINGS_PER_DAY, SqlConnection};

/// The key of a counter: account, metric, and label of the window.
type CounterKey = (Uuid, Box<str>, Timestamp);

/// Counters, and the rows that they count.
#[derive(Default)]
pub(super) struct Comparison {
    rows: BTreeMap<CounterKey, u64>,
    /// The values, and whether all of what is counted has rows.
    counters: BTreeMap<CounterKey, (u64, bool)>,
}

impl Comparison {
    /// Adds the rows that a query returns: the account and the quantity, then what `key` reads. A
    /// row of the result stands for the number of rows in its third column.
    pub(super) fn add_rows(
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
    pub(super) fn add_counters(
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
    pub(super) fn finish(self, verification: &mut Verification) -> Result<(), StorageError> {
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
pub(super) fn booking_key(row: &dyn SqlRow) -> Result<(Box<str>, Timestamp), StorageError> {
    Ok((BOOKINGS_PER_DAY.into(), window_of_day(row.day(3)?)))
}

/// The key of the counter of a gauge; its meter is in the fourth column.
pub(super) fn gauge_key(row: &dyn SqlRow) -> Result<(Box<str>, Timestamp), StorageError> {
    Ok((row.text(3)?.into(), UNBOUNDED))
}

/// The key of the counter of a charge; its metric and window are in the fourth and fifth columns.
pub(super) fn charge_key(row: &dyn SqlRow) -> Result<(Box<str>, Timestamp), StorageError> {
    Ok((row.text(3)?.into(), row.instant(4)?))
}
