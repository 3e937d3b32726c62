//! Usage counters: how much of a metric is used in a window. They are exact at every commit.

use domain::error::StorageError;
use domain::{AccountId, Date, Timestamp};
use jiff::civil::Time;
use jiff::tz::Offset;

use super::{Dialect, SqlTx};
use crate::tables::{USAGE_COUNTERS, Value, sql};

/// The metric that counts active staff members.
pub(crate) const STAFF: &str = "staff";
/// The metric that counts bookings on a day.
pub(crate) const BOOKINGS_PER_DAY: &str = "bookings_per_day";

/// The window of a metric that counts what exists, at any time.
pub(crate) const fn unbounded_window() -> Timestamp {
    Timestamp::UNIX_EPOCH
}

/// The window of a day: its midnight in UTC, regardless of the account's time zone. So a change of
/// the time zone moves no window.
pub(crate) fn window_of_day(day: Date) -> Timestamp {
    Offset::UTC.to_timestamp(day.to_datetime(Time::midnight())).unwrap_or(Timestamp::MIN)
}

/// The inverse of [`window_of_day`].
pub(crate) fn day_of_window(window_start: Timestamp) -> Date {
    Offset::UTC.to_datetime(window_start).date()
}

impl SqlTx<'_> {
    /// How much of the metric is used in the window.
    pub(super) fn used(
        &mut self,
        account: AccountId,
        metric: &'static str,
        window_start: Timestamp,
    ) -> Result<u32, StorageError> {
        self.count(
            sql!("SELECT used FROM usage_counters WHERE account_id = $1 AND metric = $2 AND window_start = $3"),
            &[account.uuid().into(), metric.into(), window_start.into()],
        )
    }

    /// The windows of days from `from` to `to` in which the metric is used, and how much.
    pub(super) fn used_between(
        &mut self,
        account: AccountId,
        metric: &'static str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<(Timestamp, u32)>, StorageError> {
        let sql = match self.connection.dialect() {
            // The key begins with the window: one seek for each day, instead of a scan of all
            // accounts.
            Dialect::Sqlite => sql!(
                "WITH RECURSIVE days (window_start) AS (
                     SELECT $3 WHERE $3 <= $4
                     UNION ALL SELECT window_start + 86400000000 FROM days WHERE window_start + 86400000000 <= $4)
                 SELECT c.window_start, c.used FROM days d CROSS JOIN usage_counters c
                 WHERE c.window_start = d.window_start AND c.account_id = $1 AND c.metric = $2 AND c.used > 0"
            ),
            Dialect::Postgres => sql!(
                "SELECT window_start, used FROM usage_counters
                 WHERE account_id = $1 AND metric = $2 AND window_start BETWEEN $3 AND $4 AND used > 0
                 ORDER BY window_start"
            ),
        };
        self.list(sql, &[account.uuid().into(), metric.into(), from.into(), to.into()], |row| {
            Ok((row.instant(0)?, row.count(1)?))
        })
    }

    /// Adds 1 to the counter of the window.
    pub(super) fn add_usage(
        &mut self,
        account: AccountId,
        metric: &'static str,
        window_start: Timestamp,
    ) -> Result<(), StorageError> {
        let sql = sql!(
            "{} ON CONFLICT (account_id, metric, window_start) DO UPDATE SET used = usage_counters.used + excluded.used",
            USAGE_COUNTERS.insert_text()
        );
        let one = Value::Integer(1);
        self.execute(sql, &[account.uuid().into(), metric.into(), window_start.into(), one]).map(drop)
    }

    /// Subtracts 1 from the counter of the window.
    pub(super) fn remove_usage(
        &mut self,
        account: AccountId,
        metric: &'static str,
        window_start: Timestamp,
    ) -> Result<(), StorageError> {
        self.change(
            "usage counter",
            sql!(
                "UPDATE usage_counters SET used = used - 1
                 WHERE account_id = $1 AND metric = $2 AND window_start = $3"
            ),
            &[account.uuid().into(), metric.into(), window_start.into()],
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_of_a_day_converts_back_to_the_day() {
        for day in [domain::DAY_MIN, Date::constant(2026, 3, 29), domain::DAY_MAX] {
            assert_eq!(day_of_window(window_of_day(day)), day);
        }
        assert_eq!(window_of_day(Date::constant(2026, 3, 29)).to_string(), "2026-03-29T00:00:00Z");
    }
}
