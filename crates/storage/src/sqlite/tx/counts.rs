//! How many bookings an account has on a day: in its own row for a few days to come, in a table for the others.

use domain::error::StorageError;
use domain::{AccountId, Booking};
use rusqlite::params;

use super::SqliteTx;
use crate::sqlite::row;

impl SqliteTx<'_> {
    /// The count of a day that the account's row does not have.
    pub(super) fn count_in_table(&self, account: AccountId, day: i64) -> Result<u32, StorageError> {
        self.count(
            "SELECT bookings FROM booking_counters WHERE day = ?1 AND account_id = ?2",
            params![day, row::id(account.uuid())],
        )
    }

    /// Counts a booking on its day, if it counts.
    pub(super) fn count_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        if !booking.is_counted() {
            return Ok(());
        }
        let (account, day) = (booking.account_id, row::day_number(booking.day));
        // Nowhere on earth is it earlier than this.
        let past = row::utc_day_number(booking.created_at) - 1;
        let counts = &mut self.change_state(account)?.day_counts;
        if counts.increment(day) {
            return Ok(());
        }
        let retired = if day < past { Vec::new() } else { counts.retire(past) };
        let stays = day >= past && counts.has_room();
        for (day, count) in retired {
            self.insert_counter(account, day, count)?;
        }
        if stays { self.move_to_row(account, day) } else { self.increment_in_table(account, day) }
    }

    /// Counts a booking on its day no longer, if it counted.
    pub(super) fn discount_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let (account, day) = (booking.account_id, row::day_number(booking.day));
        if !booking.is_counted() || self.change_state(account)?.day_counts.decrement(day) {
            return Ok(());
        }
        let params = params![day, row::id(account.uuid())];
        // The last one takes the row along: a day is counted here or in the account's row, never in both.
        let sql = "DELETE FROM booking_counters WHERE day = ?1 AND account_id = ?2 AND bookings = 1";
        if self.execute(sql, params)? > 0 {
            return Ok(());
        }
        let sql = "UPDATE booking_counters SET bookings = bookings - 1 WHERE day = ?1 AND account_id = ?2";
        self.change("counter", sql, params)
    }

    /// Counts one more booking on a day that the account's row has room for.
    fn move_to_row(&mut self, account: AccountId, day: i64) -> Result<(), StorageError> {
        let count = self.count_in_table(account, day)?;
        if count > 0 {
            let params = params![day, row::id(account.uuid())];
            self.execute("DELETE FROM booking_counters WHERE day = ?1 AND account_id = ?2", params)?;
        }
        self.change_state(account)?.day_counts.insert(day, count.saturating_add(1));
        Ok(())
    }

    fn increment_in_table(&mut self, account: AccountId, day: i64) -> Result<(), StorageError> {
        let incremented = self.execute(
            "UPDATE booking_counters SET bookings = bookings + 1 WHERE day = ?1 AND account_id = ?2",
            params![day, row::id(account.uuid())],
        )?;
        if incremented == 0 { self.insert_counter(account, day, 1) } else { Ok(()) }
    }

    fn insert_counter(&mut self, account: AccountId, day: i64, count: u32) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO booking_counters (day, account_id, bookings) VALUES (?1, ?2, ?3)",
            params![day, row::id(account.uuid()), count],
        )
        .map(drop)
    }
}
