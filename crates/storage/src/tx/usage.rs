//! Usage counters: how much of a metric is used in a window. They are exact at every commit.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use domain::error::StorageError;
use domain::ports::{Charges, ReadMetricsInUse, ReadUsage};
use domain::{AccountId, Charge, METRICS_OF_METER_MAX, Metric, Timestamp, Uuid};

use super::{Dialect, SqlTx};
use crate::tables::{CHARGES, Sql, USAGE_COUNTERS, Value, sql};

/// Before every label of a window. (PostgreSQL's timestamps begin later than [`Timestamp::MIN`].)
const FIRST_WINDOW: Timestamp = Timestamp::constant(-2_208_988_800, 0);

/// Statements for 1 to [`METRICS_OF_METER_MAX`] rows, each formatted once.
type SqlByRows = [OnceLock<Sql>; METRICS_OF_METER_MAX + 1];

/// Reads this number of counters: `$1` is the account, and two parameters are each counter's metric
/// and window. A row has the number of the counter, from 0.
fn read_counters(counters: usize) -> &'static Sql {
    static SQL: SqlByRows = [const { OnceLock::new() }; METRICS_OF_METER_MAX + 1];
    SQL[counters].get_or_init(|| {
        let read = (0..counters).map(|number| {
            let (metric, window) = (2 * number + 2, 2 * number + 3);
            format!(
                "SELECT CAST({number} AS BIGINT), used FROM usage_counters
                 WHERE account_id = $1 AND metric = ${metric} AND window_start = ${window}"
            )
        });
        Sql::new(&read.collect::<Vec<_>>().join(" UNION ALL "))
    })
}

/// Inserts this number of charges.
fn insert_charges(charges: usize) -> &'static Sql {
    static SQL: SqlByRows = [const { OnceLock::new() }; METRICS_OF_METER_MAX + 1];
    SQL[charges].get_or_init(|| Sql::new(&CHARGES.insert_text(charges)))
}

/// Adds to this number of counters, of different windows or metrics. A counter stays recorded while
/// everything that is added has a row.
fn add_to_counters(counters: usize) -> &'static Sql {
    static SQL: SqlByRows = [const { OnceLock::new() }; METRICS_OF_METER_MAX + 1];
    SQL[counters].get_or_init(|| {
        Sql::new(&format!(
            "{} ON CONFLICT (account_id, metric, window_start) DO UPDATE
             SET used = usage_counters.used + excluded.used,
                 is_recorded = usage_counters.is_recorded AND excluded.is_recorded",
            USAGE_COUNTERS.insert_text(counters)
        ))
    })
}

impl SqlTx<'_> {
    /// Adds to the counter of the window what has a row.
    pub(super) fn add_usage(
        &mut self,
        account: AccountId,
        metric: &str,
        window_start: Timestamp,
        quantity: u64,
    ) -> Result<(), StorageError> {
        let counter = [account.uuid().into(), metric.into(), window_start.into(), quantity.into(), true.into()];
        self.execute(add_to_counters(1), &counter).map(drop)
    }

    /// Subtracts from the counter of the window.
    pub(super) fn remove_usage(
        &mut self,
        account: AccountId,
        metric: &str,
        window_start: Timestamp,
        quantity: u64,
    ) -> Result<(), StorageError> {
        self.change(
            "usage counter",
            sql!(
                "UPDATE usage_counters SET used = used - $4
                 WHERE account_id = $1 AND metric = $2 AND window_start = $3"
            ),
            &[account.uuid().into(), metric.into(), window_start.into(), quantity.into()],
        )
    }

    /// Deletes the charges of a source, and returns them. Their counters stay.
    pub(super) fn take_charges(&mut self, account: AccountId, source: Uuid) -> Result<Vec<Charge>, StorageError> {
        let key = [account.uuid().into(), source.into()];
        let sql = sql!("SELECT metric, window_start, quantity FROM charges WHERE account_id = $1 AND source_id = $2");
        let charges = self.list(sql, &key, |row| {
            let metric = crate::tables::parsed(row.text(0)?, str::parse)?;
            Ok(Charge { metric, window_start: row.instant(1)?, quantity: row.quantity(2)? })
        })?;
        // Most bookings have none.
        if charges.is_empty() {
            return Ok(charges);
        }
        let sql = sql!("DELETE FROM charges WHERE account_id = $1 AND source_id = $2");
        match self.execute(sql, &key)? {
            deleted if deleted == charges.len() as u64 => Ok(charges),
            _ => Err(StorageError::Backend("a charge does not exist".to_owned())),
        }
    }
}

impl ReadUsage for SqlTx<'_> {
    fn used(&mut self, account: AccountId, metric: &Metric, window_start: Timestamp) -> Result<u64, StorageError> {
        let used = self.used_of(account, &[(metric.clone(), window_start)])?;
        Ok(used.first().copied().unwrap_or(0))
    }

    fn used_of(&mut self, account: AccountId, counters: &[(Metric, Timestamp)]) -> Result<Vec<u64>, StorageError> {
        let mut all = vec![0; counters.len()];
        let parts = counters.chunks(METRICS_OF_METER_MAX).zip(all.chunks_mut(METRICS_OF_METER_MAX));
        for (counters, all) in parts {
            let params = counters.iter().flat_map(|(metric, window)| [metric.as_str().into(), (*window).into()]);
            let params: Vec<Value<'_>> = std::iter::once(account.uuid().into()).chain(params).collect();
            let found =
                self.list(read_counters(counters.len()), &params, |row| Ok((row.count(0)?, row.quantity(1)?)))?;
            for (number, used) in found {
                all[number as usize] = used;
            }
        }
        Ok(all)
    }

    fn used_in(
        &mut self,
        account: AccountId,
        metric: &Metric,
        windows: &[Timestamp],
    ) -> Result<Vec<(Timestamp, u64)>, StorageError> {
        let (Some(first), Some(last)) = (windows.first(), windows.last()) else { return Ok(Vec::new()) };
        let counters = match self.connection.dialect() {
            // The key begins with the window: one seek for each.
            Dialect::Sqlite => {
                let used = windows.iter().map(|window| Ok((*window, self.used(account, metric, *window)?)));
                used.collect::<Result<Vec<_>, StorageError>>()?
            }
            Dialect::Postgres => self.list(
                sql!(
                    "SELECT window_start, used FROM usage_counters
                     WHERE account_id = $1 AND metric = $2 AND window_start BETWEEN $3 AND $4
                     ORDER BY window_start"
                ),
                &[account.uuid().into(), metric.as_str().into(), (*first).into(), (*last).into()],
                |row| Ok((row.instant(0)?, row.quantity(1)?)),
            )?,
        };
        let is_wanted = |(window, used): &(Timestamp, u64)| *used > 0 && windows.binary_search(window).is_ok();
        Ok(counters.into_iter().filter(is_wanted).collect())
    }
}

impl ReadMetricsInUse for SqlTx<'_> {
    fn list_metrics_in_use(&mut self) -> Result<Vec<Metric>, StorageError> {
        // All windows: a range of SQLite's key.
        let sql = sql!("SELECT DISTINCT metric FROM usage_counters WHERE window_start >= $1 AND used > 0");
        let metrics = self.list(sql, &[FIRST_WINDOW.into()], |row| crate::tables::parsed(row.text(0)?, str::parse))?;
        // PostgreSQL would sort by the rules of the database's language.
        Ok(BTreeSet::from_iter(metrics).into_iter().collect())
    }
}

impl Charges for SqlTx<'_> {
    fn charge(
        &mut self,
        account: AccountId,
        source: Uuid,
        charges: &[Charge],
        has_records: bool,
    ) -> Result<(), StorageError> {
        // Two statements for all metrics of a meter: each is a round trip to PostgreSQL.
        for charges in charges.chunks(METRICS_OF_METER_MAX) {
            if has_records {
                let rows = charges.iter().flat_map(|Charge { metric, window_start, quantity }| {
                    let (metric, window) = (metric.as_str().into(), (*window_start).into());
                    [account.uuid().into(), source.into(), metric, window, (*quantity).into()]
                });
                self.execute(insert_charges(charges.len()), &rows.collect::<Vec<_>>())?;
            }
            let counters = charges.iter().flat_map(|Charge { metric, window_start, quantity }| {
                let (metric, window) = (metric.as_str().into(), (*window_start).into());
                [account.uuid().into(), metric, window, (*quantity).into(), has_records.into()]
            });
            self.execute(add_to_counters(charges.len()), &counters.collect::<Vec<_>>())?;
        }
        Ok(())
    }

    fn refund(&mut self, account: AccountId, source: Uuid) -> Result<(), StorageError> {
        for Charge { metric, window_start, quantity } in self.take_charges(account, source)? {
            self.remove_usage(account, metric.as_str(), window_start, quantity)?;
        }
        Ok(())
    }
}
