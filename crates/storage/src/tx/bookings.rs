//! Bookings, and their number on a day.

use std::sync::LazyLock;

use domain::error::StorageError;
use domain::ports::{Bookings, Page, ReadBookings};
use domain::{AccountId, Booking, BookingFilter, BookingId, BookingPosition, window_of_day};

use super::day_lists::DayList;
use super::{BOOKINGS_PER_DAY, Dialect, SqlTx};
use crate::tables::{self, BOOKINGS, USAGE_COUNTERS, sql};

pub(super) static BOOKING_LIST: LazyLock<DayList<Booking>> =
    LazyLock::new(|| DayList::new(&BOOKINGS, tables::booking, |booking| (booking.day, booking.id.uuid())));

impl SqlTx<'_> {
    fn count_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        self.add_usage(booking.account_id, BOOKINGS_PER_DAY, window_of_day(booking.day), 1)
    }
}

impl ReadBookings for SqlTx<'_> {
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError> {
        self.find(
            sql!("SELECT {} FROM bookings WHERE account_id = $1 AND id = $2", BOOKINGS.column_list()),
            &[account.uuid().into(), id.uuid().into()],
            tables::booking,
        )
    }

    fn list_bookings(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingPosition>,
        max: usize,
    ) -> Result<Page<Booking, BookingPosition>, StorageError> {
        let (days, after) = ((filter.from, filter.to), after.map(|after| (after.day, after.id.uuid())));
        let page = self.list_by_day(&BOOKING_LIST, account, days, after, max, |booking| filter.admits(booking))?;
        let position = |(day, id)| BookingPosition { day, id: BookingId::from_uuid(id) };
        Ok(Page { items: page.items, next: page.next.map(position) })
    }
}

impl Bookings for SqlTx<'_> {
    fn insert_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let mut values = tables::booking_values(booking).to_vec();
        if !booking.is_counted() {
            return self.insert(&BOOKINGS, &values);
        }
        match self.connection.dialect() {
            Dialect::Sqlite => {
                self.insert(&BOOKINGS, &values)?;
                self.count_booking(booking)
            }
            // Both statements in one round trip.
            Dialect::Postgres => {
                let sql = sql!(
                    "WITH booking AS ({})
                     INSERT INTO usage_counters ({}) VALUES ($1, '{BOOKINGS_PER_DAY}', $16, 1, true)
                     ON CONFLICT (account_id, metric, window_start) DO UPDATE SET used = usage_counters.used + 1",
                    BOOKINGS.insert_text(1),
                    USAGE_COUNTERS.column_list()
                );
                values.push(window_of_day(booking.day).into());
                self.execute(sql, &values).map(drop)
            }
        }
    }

    fn update_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let missing = || StorageError::Backend(format!("booking {} does not exist", booking.id));
        let previous = self.find_booking(booking.account_id, booking.id)?.ok_or_else(missing)?;
        let values = BOOKINGS.changing(tables::booking_values(booking));
        self.change("booking", BOOKINGS.update(), &values)?;
        if (previous.day, previous.is_counted()) == (booking.day, booking.is_counted()) {
            return Ok(());
        }
        if previous.is_counted() {
            self.remove_usage(previous.account_id, BOOKINGS_PER_DAY, window_of_day(previous.day), 1)?;
        }
        if booking.is_counted() { self.count_booking(booking) } else { Ok(()) }
    }
}
