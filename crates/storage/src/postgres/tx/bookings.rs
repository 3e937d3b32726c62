//! Bookings, and how many an account has on a day.

use domain::error::StorageError;
use domain::ports::{Bookings, ReadBookings};
use domain::{AccountId, Booking, BookingFilter, BookingId, Date, Name, Notes, StaffId};
use postgres::Row;

use super::PgTx;
use crate::postgres::row::{self, Day, Instant};

/// The columns that [`booking`] reads.
macro_rules! booking_columns {
    () => {
        "id, day, starts_at, customer_name, staff_id, notes, created_at, deleted_at"
    };
}

fn booking(account_id: AccountId, found: &Row) -> Result<Booking, StorageError> {
    Ok(Booking {
        id: BookingId::from_uuid(row::uuid(found, 0)?),
        account_id,
        day: row::day(found, 1)?,
        starts_at: row::instant(found, 2)?,
        customer_name: row::optional(found, 3, Name::parse)?,
        staff_id: row::optional_uuid(found, 4)?.map(StaffId::from_uuid),
        notes: row::optional(found, 5, Notes::parse)?,
        created_at: row::instant(found, 6)?,
        deleted_at: row::optional_instant(found, 7)?,
    })
}

impl ReadBookings for PgTx<'_> {
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError> {
        self.find(
            concat!("SELECT ", booking_columns!(), " FROM bookings WHERE id = $1 AND account_id = $2"),
            &[&id.uuid(), &account.uuid()],
            |found| booking(account, found),
        )
    }

    fn count_bookings_on(&mut self, account: AccountId, day: Date) -> Result<u32, StorageError> {
        let count = self.find(
            "SELECT bookings FROM booking_counters WHERE account_id = $1 AND day = $2",
            &[&account.uuid(), &Day(day)],
            |found| row::count(found, 0),
        )?;
        Ok(count.unwrap_or(0))
    }

    fn list_bookings(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingId>,
        max: usize,
    ) -> Result<Vec<Booking>, StorageError> {
        let end = match after {
            None => i64::MAX,
            Some(after) => {
                let sql = "SELECT position FROM bookings WHERE id = $1 AND account_id = $2";
                let position = self.find(sql, &[&after.uuid(), &account.uuid()], |found| row::column(found, 0))?;
                position.unwrap_or(0)
            }
        };
        let staff_id = filter.staff_id.map(StaffId::uuid);
        let read = |found: &Row| booking(account, found);
        if filter.from.is_none() && filter.to.is_none() {
            let sql = concat!(
                "SELECT ",
                booking_columns!(),
                " FROM bookings WHERE account_id = $1 AND position < $2 AND ($3::uuid IS NULL OR staff_id = $3)
                      AND ($4 OR deleted_at IS NULL) ORDER BY position DESC LIMIT $5"
            );
            let params: super::Params<'_> =
                &[&account.uuid(), &end, &staff_id, &filter.include_deleted, &row::limit(max)];
            return self.list(sql, params, read);
        }
        // Two ways to go: by the days, or from the newest on. Which is shorter depends on the days and on the account, and
        // PostgreSQL knows how many bookings there are of both.
        let sql = concat!(
            "SELECT ",
            booking_columns!(),
            " FROM bookings WHERE account_id = $1 AND position < $2 AND ($3::uuid IS NULL OR staff_id = $3)
                  AND ($4 OR deleted_at IS NULL) AND day BETWEEN $6 AND $7 ORDER BY position DESC LIMIT $5"
        );
        let (from, to) = (Day(filter.from.unwrap_or(domain::DAY_MIN)), Day(filter.to.unwrap_or(domain::DAY_MAX)));
        self.list(sql, &[&account.uuid(), &end, &staff_id, &filter.include_deleted, &row::limit(max), &from, &to], read)
    }
}

impl Bookings for PgTx<'_> {
    fn insert_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let known = self.change_known(booking.account_id)?;
        let position = known.bookings;
        known.bookings += 1;
        self.insert_with_next(booking, position)
    }

    fn update_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let missing = || StorageError::Backend(format!("there is no booking {}", booking.id));
        let known = self.find_booking(booking.account_id, booking.id)?.ok_or_else(missing)?;
        self.change(
            "booking",
            "UPDATE bookings SET day = $2, starts_at = $3, customer_name = $4, staff_id = $5, notes = $6, deleted_at = $7,
                 is_counted = $8
             WHERE id = $1",
            &[
                &booking.id.uuid(),
                &Day(booking.day),
                &Instant(booking.starts_at),
                &booking.customer_name.as_ref().map(Name::as_str),
                &booking.staff_id.map(StaffId::uuid),
                &booking.notes.as_ref().map(Notes::as_str),
                &booking.deleted_at.map(Instant),
                &booking.is_counted(),
            ],
        )?;
        if (known.day, known.is_counted()) == (booking.day, booking.is_counted()) {
            return Ok(());
        }
        if known.is_counted() {
            let sql = "UPDATE booking_counters SET bookings = bookings - 1 WHERE account_id = $1 AND day = $2";
            self.change("counter", sql, &[&known.account_id.uuid(), &Day(known.day)])?;
        }
        if booking.is_counted() { self.count_booking(booking.account_id, booking.day) } else { Ok(()) }
    }
}
