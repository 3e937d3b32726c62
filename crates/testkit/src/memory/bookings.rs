//! Bookings, in memory.

use domain::error::StorageError;
use domain::ports::{Bookings, Page, ReadBookings, ReadStaff};
use domain::{AccountId, Booking, BookingFilter, BookingId, BookingPosition, Date};

use super::{Draft, bounded_page, check_new, missing};

impl Draft {
    fn check_staff_member(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let Some(staff_id) = booking.staff_id else { return Ok(()) };
        let known = self.find_staff_member(booking.account_id, staff_id)?;
        known.map(drop).ok_or_else(|| missing("staff member"))
    }
}

impl ReadBookings for Draft {
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError> {
        Ok(self.0.bookings.get(&id).filter(|booking| booking.account_id == account).cloned())
    }

    fn count_bookings_on(&mut self, account: AccountId, day: Date) -> Result<u32, StorageError> {
        Ok(self.0.bookings_on.get(&(account, day)).copied().unwrap_or(0))
    }

    fn count_bookings_between(
        &mut self,
        account: AccountId,
        from: Date,
        to: Date,
    ) -> Result<Vec<(Date, u32)>, StorageError> {
        if to < from {
            return Ok(Vec::new());
        }
        let days = self.0.bookings_on.range((account, from)..=(account, to));
        Ok(days.filter(|(_, count)| **count > 0).map(|((_, day), count)| (*day, *count)).collect())
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
        let state = self.change();
        state.bookings.insert(booking.id, booking.clone());
        *state.bookings_on.entry((booking.account_id, booking.day)).or_default() += u32::from(booking.is_counted());
        Ok(())
    }

    fn update_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        let known = self.find_booking(booking.account_id, booking.id)?.ok_or_else(|| missing("booking"))?;
        self.check_staff_member(booking)?;
        let state = self.change();
        for (booking, is_counted) in [(&known, false), (booking, true)] {
            let count = state.bookings_on.entry((booking.account_id, booking.day)).or_default();
            let one = u32::from(booking.is_counted());
            *count = if is_counted { *count + one } else { *count - one };
        }
        state.bookings.insert(
            booking.id,
            Booking { created_at: known.created_at, created_by: known.created_by, ..booking.clone() },
        );
        Ok(())
    }
}
