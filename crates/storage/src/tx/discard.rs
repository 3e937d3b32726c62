//! Deletes bookings and usage records whose counters stay: for erasure and retention.
//!
//! A counter of which not all rows exist is marked, by `is_recorded`, as one that is compared with
//! nothing.

use domain::error::StorageError;
use domain::{AccountId, Booking, Charge, Timestamp, UsageRecord, Uuid, window_of_day};

use super::{BOOKINGS_PER_DAY, SqlTx};
use crate::tables::sql;

impl SqlTx<'_> {
    /// Deletes a booking and its charges.
    pub(super) fn discard_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let (account, id) = (booking.account_id, booking.id.uuid());
        if booking.is_counted() {
            self.mark_unrecorded(account, BOOKINGS_PER_DAY, window_of_day(booking.day))?;
        }
        self.discard_charges(account, id)?;
        let sql = sql!("DELETE FROM bookings WHERE account_id = $1 AND id = $2");
        self.execute(sql, &[account.uuid().into(), id.into()]).map(drop)
    }

    /// Deletes a usage record and its charges.
    pub(super) fn discard_usage_record(&mut self, record: &UsageRecord) -> Result<(), StorageError> {
        let (account, id) = (record.account_id, record.id.uuid());
        self.discard_charges(account, id)?;
        let sql = sql!("DELETE FROM usage_records WHERE account_id = $1 AND id = $2");
        self.execute(sql, &[account.uuid().into(), id.into()]).map(drop)
    }

    fn discard_charges(&mut self, account: AccountId, source: Uuid) -> Result<(), StorageError> {
        for Charge { metric, window_start, .. } in self.take_charges(account, source)? {
            self.mark_unrecorded(account, metric.as_str(), window_start)?;
        }
        Ok(())
    }

    /// Marks a counter, of which not all rows exist any longer.
    fn mark_unrecorded(
        &mut self,
        account: AccountId,
        metric: &str,
        window_start: Timestamp,
    ) -> Result<(), StorageError> {
        let sql = sql!(
            "UPDATE usage_counters SET is_recorded = $4
             WHERE account_id = $1 AND metric = $2 AND window_start = $3 AND is_recorded"
        );
        self.execute(sql, &[account.uuid().into(), metric.into(), window_start.into(), false.into()]).map(drop)
    }
}
