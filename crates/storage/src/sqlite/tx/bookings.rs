//! Bookings: clustered by id, found through their account's row and the index of its bookings.

use domain::error::StorageError;
use domain::ports::{Bookings, ReadBookings};
use domain::{AccountId, Booking, BookingFilter, BookingId, Date, Name, Notes, Timestamp};
use rusqlite::params;

use super::SqliteTx;
use crate::sqlite::booking_list::Listed;
use crate::sqlite::row;

impl ReadBookings for SqliteTx<'_> {
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError> {
        self.find(
            "SELECT id, day, starts_at, customer_name, staff_id, notes, created_at, deleted_at
             FROM bookings WHERE id = ?1 AND account_id = ?2",
            [row::id(id.uuid()), row::id(account.uuid())],
            |found| row::booking(account, found),
        )
    }

    fn count_bookings_on(&mut self, account: AccountId, day: Date) -> Result<u32, StorageError> {
        let day = row::day_number(day);
        match self.know(account)?.and_then(|known| known.state.day_counts.get(day)) {
            Some(count) => Ok(count),
            None => self.count_in_table(account, day),
        }
    }

    fn list_bookings(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingId>,
        max: usize,
    ) -> Result<Vec<Booking>, StorageError> {
        let missing = |id| StorageError::Corrupt(format!("the list of {account} has {id}, which there is none of"));
        let ids = self.list_ids(account, filter, after, max)?;
        ids.into_iter().map(|id| self.find_booking(account, id)?.ok_or_else(|| missing(id))).collect()
    }
}

impl Bookings for SqliteTx<'_> {
    fn insert_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let position = self.change_state(booking.account_id)?.bookings;
        self.execute(
            "INSERT INTO bookings (id, account_id, day, starts_at, customer_name, staff_id, notes, created_at, deleted_at,
                 is_counted, position)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
            params![
                row::id(booking.id.uuid()),
                row::id(booking.account_id.uuid()),
                row::day_number(booking.day),
                booking.starts_at.as_microsecond(),
                booking.customer_name.as_ref().map(Name::as_str),
                booking.staff_id.map(|id| row::id(id.uuid())),
                booking.notes.as_ref().map(Notes::as_str),
                booking.created_at.as_microsecond(),
                booking.deleted_at.map(Timestamp::as_microsecond),
                booking.is_counted(),
                position
            ],
        )?;
        self.append_to_list(booking.account_id, booking.into())?;
        self.count_booking(booking)
    }

    fn update_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let missing = || StorageError::Backend(format!("there is no booking {}", booking.id));
        let known = self.find_booking(booking.account_id, booking.id)?.ok_or_else(missing)?;
        self.change(
            "booking",
            "UPDATE bookings SET day = ?2, starts_at = ?3, customer_name = ?4, staff_id = ?5, notes = ?6, deleted_at = ?7,
                 is_counted = ?8
             WHERE id = ?1",
            params![
                row::id(booking.id.uuid()),
                row::day_number(booking.day),
                booking.starts_at.as_microsecond(),
                booking.customer_name.as_ref().map(Name::as_str),
                booking.staff_id.map(|id| row::id(id.uuid())),
                booking.notes.as_ref().map(Notes::as_str),
                booking.deleted_at.map(Timestamp::as_microsecond),
                booking.is_counted()
            ],
        )?;
        if Listed::from(&known) != Listed::from(booking) {
            self.change_in_list(booking)?;
        }
        if (known.day, known.is_counted()) != (booking.day, booking.is_counted()) {
            self.discount_booking(&known)?;
            self.count_booking(booking)?;
        }
        Ok(())
    }
}
