//! The list of an account's bookings, in the order in which they were made: the newest in the account's row, the others
//! in pages of a fixed number, so that a booking's position tells its page.

use std::ops::{ControlFlow, RangeInclusive};

use domain::error::StorageError;
use domain::{AccountId, Booking, BookingFilter, BookingId};
use rusqlite::{Row, params};

use super::{SqliteTx, States};
use crate::sqlite::booking_list::{BookingList, Listed, RECENT_MAX, Summary};
use crate::sqlite::row;

/// How many bookings a page lists: as many as fit into a row without an overflow page, staff members and all.
const PAGE_MAX: usize = 24;
/// [`PAGE_MAX`], for positions.
#[expect(clippy::cast_possible_wrap, reason = "it is small")]
pub(in crate::sqlite) const PAGE: i64 = PAGE_MAX as i64;
/// How many pages, or smaller groups, a group has.
const GROUP: i64 = 64;
/// How many levels of groups there are. A group of the last has 6 million bookings.
const LEVELS: u32 = 3;

/// A page, and where it is.
struct Page {
    rowid: i64,
    list: BookingList,
}

/// The pages of a group of this level.
struct Group {
    level: u32,
    pages: RangeInclusive<i64>,
}

impl SqliteTx<'_> {
    /// Puts a new booking at the end of its account's list.
    pub(super) fn append_to_list(&mut self, account: AccountId, booking: Listed) -> Result<(), StorageError> {
        let max = if matches!(self.states, States::Batch(_)) { PAGE_MAX } else { RECENT_MAX };
        let state = self.change_state(account)?;
        let full = if state.recent.0.len() < max { None } else { Some(std::mem::take(&mut state.recent)) };
        state.recent.0.push(booking);
        let end = state.bookings;
        state.bookings += 1;
        full.map_or(Ok(()), |full| self.append_to_pages(account, end, &full))
    }

    /// Moves bookings, as many as a page lists at most, to the pages; the last is at the position before `end`.
    pub(in crate::sqlite) fn append_to_pages(
        &mut self,
        account: AccountId,
        end: i64,
        full: &BookingList,
    ) -> Result<(), StorageError> {
        let begin = end - row::limit(full.0.len());
        let in_first = usize::try_from(PAGE - begin % PAGE).unwrap_or(0).min(full.0.len());
        let (first, second) = full.0.split_at(in_first);
        for (number, part) in [(begin / PAGE, first), (begin / PAGE + 1, second)] {
            self.put_in_page(account, number, &BookingList(part.to_vec()))?;
        }
        Ok(())
    }

    /// Puts bookings at the end of a page, which is there from its first on.
    pub(in crate::sqlite) fn put_in_page(
        &mut self,
        account: AccountId,
        number: i64,
        bookings: &BookingList,
    ) -> Result<(), StorageError> {
        let Some(mut page) = self.page(account, number)? else {
            return self.begin_page(account, number, bookings);
        };
        page.list.0.extend(&bookings.0);
        self.write_page(&page)
    }

    fn begin_page(&mut self, account: AccountId, number: i64, bookings: &BookingList) -> Result<(), StorageError> {
        let Some(Summary { first_day, last_day, marks }) = bookings.summary() else { return Ok(()) };
        self.complete_groups(account, number)?;
        self.execute(
            "INSERT INTO booking_pages (account_id, number, first_day, last_day, marks, bookings)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![row::id(account.uuid()), number, first_day, last_day, marks, bookings.to_bytes(PAGE_MAX)],
        )
        .map(drop)
    }

    fn page(&self, account: AccountId, number: i64) -> Result<Option<Page>, StorageError> {
        self.find(
            "SELECT rowid, bookings FROM booking_pages WHERE account_id = ?1 AND number = ?2",
            params![row::id(account.uuid()), number],
            |found| Ok(Page { rowid: row::column(found, 0)?, list: BookingList::parse(row::blob(found, 1)?)? }),
        )
    }

    fn write_page(&mut self, Page { rowid, list }: &Page) -> Result<(), StorageError> {
        let Some(Summary { first_day, last_day, marks }) = list.summary() else { return Ok(()) };
        self.change(
            "page",
            "UPDATE booking_pages SET first_day = ?2, last_day = ?3, marks = ?4, bookings = ?5 WHERE rowid = ?1",
            params![rowid, first_day, last_day, marks, list.to_bytes(PAGE_MAX)],
        )
    }

    /// Sums up the groups that are complete when this page begins.
    fn complete_groups(&mut self, account: AccountId, page: i64) -> Result<(), StorageError> {
        for level in (1..=LEVELS).take_while(|level| page > 0 && page % GROUP.pow(*level) == 0) {
            let number = page / GROUP.pow(level) - 1;
            let Some(Summary { first_day, last_day, marks }) = self.sum_up(account, level, number)? else { break };
            self.execute(
                "INSERT INTO booking_page_groups (account_id, level, number, first_day, last_day, marks)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (account_id, level, number) DO NOTHING",
                params![row::id(account.uuid()), level, number, first_day, last_day, marks],
            )?;
        }
        Ok(())
    }

    /// Brings the groups of a page up to date, if they are complete, with what it has now.
    fn renew_groups(&mut self, account: AccountId, page: i64) -> Result<(), StorageError> {
        for level in 1..=LEVELS {
            let number = page / GROUP.pow(level);
            let Some(Summary { first_day, last_day, marks }) = self.sum_up(account, level, number)? else { break };
            let renewed = self.execute(
                "UPDATE booking_page_groups SET first_day = ?4, last_day = ?5, marks = ?6
                 WHERE account_id = ?1 AND level = ?2 AND number = ?3 AND (first_day, last_day, marks) <> (?4, ?5, ?6)",
                params![row::id(account.uuid()), level, number, first_day, last_day, marks],
            )?;
            if renewed == 0 {
                break;
            }
        }
        Ok(())
    }

    /// What the pages of a group have, by themselves or by the smaller groups that they are in.
    fn sum_up(&self, account: AccountId, level: u32, number: i64) -> Result<Option<Summary>, StorageError> {
        let (account, first, last) = (row::id(account.uuid()), number * GROUP, number * GROUP + GROUP - 1);
        let read = |found: &Row<'_>| Summary::read(found, 0);
        let summaries = if level == 1 {
            let sql = "SELECT first_day, last_day, marks FROM booking_pages
                 WHERE account_id = ?1 AND number BETWEEN ?2 AND ?3";
            self.list(sql, params![account, first, last], read)?
        } else {
            let sql = "SELECT first_day, last_day, marks FROM booking_page_groups
                 WHERE account_id = ?1 AND number BETWEEN ?2 AND ?3 AND level = ?4";
            self.list(sql, params![account, first, last, level - 1], read)?
        };
        Ok(summaries.into_iter().flatten().reduce(Summary::and))
    }

    /// Brings the list up to date with a booking that was changed.
    pub(super) fn change_in_list(&mut self, booking: &Booking) -> Result<(), StorageError> {
        if self.change_state(booking.account_id)?.recent.replace(booking.into()) {
            return Ok(());
        }
        let account = booking.account_id;
        let broken = || StorageError::Corrupt(format!("the list of {account} does not have {}", booking.id));
        let number = self.position(account, booking.id)?.ok_or_else(broken)? / PAGE;
        let mut page = self.page(account, number)?.ok_or_else(broken)?;
        if !page.list.replace(booking.into()) {
            return Err(broken());
        }
        self.write_page(&page)?;
        self.renew_groups(account, number)
    }

    /// Up to `max` ids that the filter admits, the newest first, from the one after `after` on; none, if that is not the
    /// account's.
    ///
    /// Pages that have nothing of what is asked for are passed over, many at a time by what their groups have.
    pub(super) fn list_ids(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingId>,
        max: usize,
    ) -> Result<Vec<BookingId>, StorageError> {
        let Some(known) = self.know(account)? else { return Ok(Vec::new()) };
        let (recent, count) = (known.state.recent.clone(), known.state.bookings);
        let end = match after {
            None => count,
            Some(after) => self.position(account, after)?.unwrap_or(0),
        };
        let mut found = Vec::new();
        let begin = count - row::limit(recent.0.len());
        take_from(&recent, begin, end, filter, max, &mut found);
        if found.len() < max {
            self.list_pages(account, filter, (begin, begin.min(end)), max, &mut found)?;
        }
        Ok(found)
    }

    fn list_pages(
        &self,
        account: AccountId,
        filter: &BookingFilter,
        (in_pages, end): (i64, i64),
        max: usize,
        found: &mut Vec<BookingId>,
    ) -> Result<(), StorageError> {
        let (end_of_pages, last) = ((in_pages - 1).div_euclid(PAGE), (end - 1).div_euclid(PAGE));
        // What is on the stack is still to be looked into, the newest last: the largest groups that are complete, smaller ones
        // after them, and the pages after those.
        let mut groups = Vec::new();
        let mut first = 0;
        for level in (0..=LEVELS).rev() {
            let size = GROUP.pow(level);
            let next = if level == 0 { end_of_pages + 1 } else { end_of_pages / size * size };
            groups.push(Group { level: level + 1, pages: first..=(next - 1).min(last) });
            first = next;
        }
        while let Some(group) = groups.pop() {
            if group.level > 1 {
                groups.extend(self.groups_within(account, filter, &group)?);
                continue;
            }
            self.take_from_pages(account, filter, &group.pages, end, max, found)?;
            if found.len() == max {
                break;
            }
        }
        Ok(())
    }

    /// The groups of the next smaller level that may have what is asked for, the newest last.
    fn groups_within(
        &self,
        account: AccountId,
        filter: &BookingFilter,
        Group { level, pages }: &Group,
    ) -> Result<Vec<Group>, StorageError> {
        let (level, wanted) = (level - 1, Summary::wanted(filter));
        let size = GROUP.pow(level);
        self.list(
            "SELECT number FROM booking_page_groups
             WHERE account_id = ?1 AND level = ?2 AND number BETWEEN ?3 AND ?4
                 AND first_day <= ?5 AND last_day >= ?6 AND marks & ?7 = ?7
             ORDER BY number",
            params![
                row::id(account.uuid()),
                level,
                pages.start() / size,
                pages.end() / size,
                wanted.last_day,
                wanted.first_day,
                wanted.marks
            ],
            |group| {
                let first = row::column::<i64>(group, 0)? * size;
                Ok(Group { level, pages: first.max(*pages.start())..=(first + size - 1).min(*pages.end()) })
            },
        )
    }

    fn take_from_pages(
        &self,
        account: AccountId,
        filter: &BookingFilter,
        pages: &RangeInclusive<i64>,
        end: i64,
        max: usize,
        found: &mut Vec<BookingId>,
    ) -> Result<(), StorageError> {
        let wanted = Summary::wanted(filter);
        self.walk(
            "SELECT number, bookings FROM booking_pages
             WHERE account_id = ?1 AND number BETWEEN ?2 AND ?3 AND first_day <= ?4 AND last_day >= ?5 AND marks & ?6 = ?6
             ORDER BY number DESC",
            params![
                row::id(account.uuid()),
                pages.start(),
                pages.end(),
                wanted.last_day,
                wanted.first_day,
                wanted.marks
            ],
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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::ports::{Accounts, Bookings, Staff};
    use domain::{Booking, BookingFilter, BookingId, Date};
    use jiff::ToSpan;
    use rusqlite::Connection;
    use testkit::fixtures::{CountingIds, NOW, account, booking, staff_member};

    use super::{GROUP, PAGE, SqliteTx};
    use crate::sqlite::{schema, verify::verify};

    const DAY: Date = Date::constant(2026, 3, 29);

    #[test]
    fn what_is_asked_for_is_found_in_every_group_whatever_was_changed() {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::migrate(&mut connection, Path::new("test.db")).unwrap();
        let ids = CountingIds::default();
        let id = ids.account();
        let mut tx = SqliteTx::new(&connection);
        tx.insert_account(&account(id)).unwrap();
        let day = |days: i64| DAY.saturating_add(days.days());
        let staff = [(); 3].map(|()| ids.staff());
        for member in staff {
            tx.insert_staff_member(&staff_member(id, member)).unwrap();
        }
        // More than one group of the second level would take 100,000; two of the first and a part of a third are enough.
        let mut bookings: Vec<Booking> = (0..PAGE * GROUP * 5 / 2)
            .map(|number| {
                let day = day(number / 20 + number * 7 % 5);
                // The first of them leaves early, the second is there always, the third seldom.
                let staff_id = match number {
                    0..500 => Some(staff[0]),
                    _ if number % 1000 == 0 => Some(staff[2]),
                    _ => Some(staff[1]).filter(|_| number % 2 == 0),
                };
                let deleted_at = Some(NOW).filter(|_| (600..2400).contains(&number));
                Booking { day, staff_id, deleted_at, ..booking(id, ids.booking(), day) }
            })
            .collect();
        for booking in &bookings {
            tx.insert_booking(booking).unwrap();
        }
        let mut change = |index: usize, change: &dyn Fn(&mut Booking)| {
            change(&mut bookings[index]);
            tx.update_booking(&bookings[index]).unwrap();
        };
        for (index, days) in [(5, 150), (3000, 7), (1700, -40)] {
            change(index, &|booking| booking.day = day(days));
        }
        change(1500, &|booking| booking.deleted_at = None);
        change(2000, &|booking| (booking.staff_id, booking.deleted_at) = (Some(staff[0]), None));
        (2400..2500).for_each(|index| change(index, &|booking| booking.deleted_at = Some(NOW)));
        (0..24).for_each(|index| change(index, &|booking| booking.staff_id = None));
        let days = [(0, 6), (7, 7), (60, 66), (150, 150), (-40, -40), (-30, -1), (184, 300), (400, 500)];
        let days = days.into_iter().map(|(from, to)| (Some(day(from)), Some(day(to)))).chain([(None, None)]);
        for (from, to) in days {
            for after in [None, Some(bookings.len() - 1), Some(2900), Some(1600), Some(6), Some(0)] {
                for staff_id in [None, Some(staff[0]), Some(staff[1]), Some(staff[2])] {
                    for include_deleted in [false, true] {
                        let filter = BookingFilter { from, to, staff_id, include_deleted };
                        let older = &bookings[..after.unwrap_or(bookings.len())];
                        let expected = older.iter().rev().filter(|booking| filter.admits(booking)).take(100);
                        let expected: Vec<BookingId> = expected.map(|booking| booking.id).collect();
                        let after = after.map(|index| bookings[index].id);
                        assert_eq!(tx.list_ids(id, &filter, after, 100), Ok(expected), "{filter:?}, after {after:?}");
                    }
                }
            }
        }
        tx.finish().unwrap();
        drop(tx);
        assert_eq!(verify(&mut connection), Ok(Vec::new()));
    }
}
