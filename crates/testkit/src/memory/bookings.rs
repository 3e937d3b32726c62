//! Bookings, in memory.

use domain::error::StorageError;
use domain::ports::{Bookings, Page, ReadBookings, ReadStaff};
use domain::{AccountId, Booking, BookingFilter, BookingId, BookingPosition, Metric, window_of_day};

use super::{CounterKey, Draft, bounded_page, check_new, missing};

impl Draft {
    fn check_staff_member(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let Some(staff_id) = booking.staff_id else { return Ok(()) };
        let known = self.find_staff_member(booking.account_id, staff_id)?;
        known.map(drop).ok_or_else(|| missing("staff member"))
    }
}

/// The counter of the booking's day.
fn counter(booking: &Booking) -> CounterKey {
    (booking.account_id, Metric::BOOKINGS_PER_DAY, window_of_day(booking.day))
}

impl ReadBookings for Draft {
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError> {
        Ok(self.0.bookings.get(&id).filter(|booking| booking.account_id == account).cloned())
    }

    fn list_bookings(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingPosition>,
        max: usize,
    ) -> Result<Page<Booking, BookingPosition>, StorageError> {
        let admitted = self.0.bookings.values().filter(|it| it.account_id == account && filter.admits(it)).cloned();
        Ok(bounded_page(admitted, Booking::position, after, max))
    }
}

impl Bookings for Draft {
    fn insert_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        self.check_account(booking.account_id)?;
        check_new(&self.0.bookings, &booking.id)?;
        self.check_staff_member(booking)?;
        self.change().bookings.insert(booking.id, booking.clone());
        self.add(counter(booking), u64::from(booking.is_counted()), true);
        Ok(())
    }

    fn update_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let known = self.find_booking(booking.account_id, booking.id)?.ok_or_else(|| missing("booking"))?;
        self.check_staff_member(booking)?;
        self.add(counter(booking), u64::from(booking.is_counted()), true);
        self.subtract(&counter(&known), u64::from(known.is_counted()))?;
        self.change().bookings.insert(
            booking.id,
            Booking { created_at: known.created_at, created_by: known.created_by, ..booking.clone() },
        );
        Ok(())
    }
}
