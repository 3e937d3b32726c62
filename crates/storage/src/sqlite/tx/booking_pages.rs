//! The list of an account's bookings, in the order in which they were made: the newest in the account's row, the others
//! in pages of a fixed number, so that a booking's position tells its page.

use std::ops::ControlFlow;

use domain::error::StorageError;
use domain::{AccountId, Booking, BookingFilter, BookingId};
use rusqlite::params;

use super::SqliteTx;
use crate::sqlite::booking_list::{BookingList, Listed};
use crate::sqlite::row;

/// How many bookings an account's row lists. More would make the rows, and so the tree that every booking looks into,
/// larger.
const RECENT_MAX: usize = 8;
/// How many bookings a page lists: as many as fit into a row without an overflow page, staff members and all.
pub(in crate::sqlite) const PAGE: i64 = 24;

impl SqliteTx<'_> {
    /// Puts a new booking at the end of its account's list.
    pub(super) fn append_to_list(&mut self, account: AccountId, booking: Listed) -> Result<(), StorageError> {
        let known = self.change_known(account)?;
        let full = if known.recent.0.len() < RECENT_MAX { None } else { Some(std::mem::take(&mut known.recent)) };
        known.recent.0.push(booking);
        let end = known.bookings;
        known.bookings += 1;
        full.map_or(Ok(()), |full| self.append_to_pages(account, end, &full))
    }

    /// Moves bookings to the pages, of which the last is at the position before `end`.
    fn append_to_pages(&mut self, account: AccountId, end: i64, full: &BookingList) -> Result<(), StorageError> {
        let begin = end - row::limit(full.0.len());
        let in_first = usize::try_from(PAGE - begin % PAGE).unwrap_or(0).min(full.0.len());
        let (first, second) = full.0.split_at(in_first);
        for (number, part) in [(begin / PAGE, first), (begin / PAGE + 1, second)] {
            let part = BookingList(part.to_vec());
            let Some((first_day, last_day)) = part.days() else { continue };
            self.execute(
                "INSERT INTO booking_pages (account_id, number, first_day, last_day, bookings) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (account_id, number) DO UPDATE SET first_day = min(first_day, excluded.first_day),
                     last_day = max(last_day, excluded.last_day),
                     bookings = CAST(bookings || excluded.bookings AS BLOB)",
                params![row::id(account.uuid()), number, first_day, last_day, part.to_bytes()],
            )?;
        }
        Ok(())
    }

    /// Brings the list up to date with a booking that was changed.
    pub(super) fn change_in_list(&mut self, booking: &Booking) -> Result<(), StorageError> {
        if self.change_known(booking.account_id)?.recent.replace(booking.into()) {
            return Ok(());
        }
        let account = booking.account_id;
        let broken = || StorageError::Corrupt(format!("the list of {account} does not have {}", booking.id));
        let number = self.position(account, booking.id)?.ok_or_else(broken)? / PAGE;
        let page = self.find(
            "SELECT bookings FROM booking_pages WHERE account_id = ?1 AND number = ?2",
            params![row::id(account.uuid()), number],
            |found| BookingList::parse(row::blob(found, 0)?),
        )?;
        let mut page = page.ok_or_else(broken)?;
        if !page.replace(booking.into()) {
            return Err(broken());
        }
        let (first_day, last_day) = page.days().ok_or_else(broken)?;
        self.change(
            "page",
            "UPDATE booking_pages SET first_day = ?3, last_day = ?4, bookings = ?5 WHERE account_id = ?1 AND number = ?2",
            params![row::id(account.uuid()), number, first_day, last_day, page.to_bytes()],
        )
    }

    /// Up to `max` ids that the filter admits, the newest first, from the one after `after` on; none, if that is not the
    /// account's.
    ///
    /// A page that has none of the days that are asked for is passed over by the days that it begins with.
    pub(super) fn list_ids(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingId>,
        max: usize,
    ) -> Result<Vec<BookingId>, StorageError> {
        let Some(known) = self.know(account)? else { return Ok(Vec::new()) };
        let (recent, count) = (known.recent.clone(), known.bookings);
        let end = match after {
            None => count,
            Some(after) => self.position(account, after)?.unwrap_or(0),
        };
        let mut found = Vec::new();
        let begin = count - row::limit(recent.0.len());
        take_from(&recent, begin, end, filter, max, &mut found);
        if found.len() < max {
            self.list_pages(account, filter, begin.min(end), max, &mut found)?;
        }
        Ok(found)
    }

    fn list_pages(
        &self,
        account: AccountId,
        filter: &BookingFilter,
        end: i64,
        max: usize,
        found: &mut Vec<BookingId>,
    ) -> Result<(), StorageError> {
        let (to, from) = (filter.to.map_or(i64::MAX, row::day_number), filter.from.map_or(i64::MIN, row::day_number));
        self.walk(
            "SELECT number, bookings FROM booking_pages
             WHERE account_id = ?1 AND number <= ?2 AND first_day <= ?3 AND last_day >= ?4 ORDER BY number DESC",
            params![row::id(account.uuid()), (end - 1).div_euclid(PAGE), to, from],
            |page| {
                let (number, list): (i64, _) = (row::column(page, 0)?, BookingList::parse(row::blob(page, 1)?)?);
                take_from(&list, number * PAGE, end, filter, max, found);
                Ok(if found.len() == max { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
            },
        )
    }

    /// Where in its account's list a booking is.
    fn position(&self, account: AccountId, id: BookingId) -> Result<Option<i64>, StorageError> {
        self.find(
            "SELECT position FROM bookings WHERE id = ?1 AND account_id = ?2",
            [row::id(id.uuid()), row::id(account.uuid())],
            |found| row::column(found, 0),
        )
    }
}

/// Takes from a list that begins at this position what the filter admits and is before `end`, the newest first.
fn take_from(list: &BookingList, begin: i64, end: i64, filter: &BookingFilter, max: usize, found: &mut Vec<BookingId>) {
    let count = usize::try_from(end - begin).unwrap_or(0).min(list.0.len());
    let newest_first = list.0.iter().take(count).rev().filter(|booking| booking.is_admitted(filter));
    found.extend(newest_first.map(|booking| booking.id).take(max - found.len()));
}
