//! Bookings, and their number on a day.

use domain::error::StorageError;
use domain::ports::{Bookings, Page, ReadBookings};
use domain::{AccountId, Booking, BookingFilter, BookingId, BookingPosition, Date, Uuid, window_of_day};

use super::{BOOKINGS_PER_DAY, Dialect, END, SqlTx, limit};
use crate::tables::{self, BOOKINGS, USAGE_COUNTERS, sql};

/// The first and the last day of any booking: the local days, in any time zone, of the first and
/// the last instant at which a booking can start.
const FIRST_DAY: Date = Date::constant(1969, 12, 31);
const LAST_DAY: Date = Date::constant(2200, 1, 1);
/// How many bookings are read for one page of a list, whether or not the filter admits them.
const READ_MAX: usize = 1_000;
/// The minimum size of each further read, if the first one did not fill the page.
const READ_AGAIN_MIN: usize = 200;
/// How many days are read for one page of a list in SQLite, where the index begins with the day.
const DAYS_MAX: usize = 366;

/// The part of a list still to be read: the bookings of the days from `first` to `last`, of `last`
/// only those with ids below `before`.
struct ListRange {
    first: Date,
    last: Date,
    before: Uuid,
}

/// Bookings in the order of the list, and the range after them, if it is not empty.
struct Chunk {
    bookings: Vec<Booking>,
    range: Option<ListRange>,
}

impl ListRange {
    /// The range after a position, or the whole list.
    fn of(filter: &BookingFilter, after: Option<BookingPosition>) -> Option<Self> {
        let (first, last) = (filter.from.unwrap_or(FIRST_DAY), filter.to.unwrap_or(LAST_DAY));
        let (last, before) = match after {
            Some(after) if after.day <= last => (after.day, after.id.uuid()),
            _ => (last, END),
        };
        (first <= last).then_some(Self { first, last, before })
    }

    /// The position at which the next page begins.
    fn position(&self) -> BookingPosition {
        BookingPosition { day: self.last, id: BookingId::from_uuid(self.before) }
    }

    /// The range before a day.
    fn before_day(&self, day: Date) -> Option<Self> {
        let last = day.yesterday().ok()?;
        (self.first <= last).then_some(Self { first: self.first, last, before: END })
    }

    /// The range after a booking.
    fn after(&self, booking: &Booking) -> Self {
        Self { first: self.first, last: booking.day, before: booking.id.uuid() }
    }
}

impl SqlTx<'_> {
    /// Up to `max` bookings of the range, unfiltered.
    fn read_bookings(&mut self, account: AccountId, range: &ListRange, max: usize) -> Result<Chunk, StorageError> {
        match self.connection.dialect() {
            Dialect::Postgres => self.read_bookings_of_account(account, range, max),
            Dialect::Sqlite => self.read_bookings_by_day(account, range, max),
        }
    }

    /// Uses PostgreSQL's index, which begins with the account.
    fn read_bookings_of_account(
        &mut self,
        account: AccountId,
        range: &ListRange,
        max: usize,
    ) -> Result<Chunk, StorageError> {
        let sql = sql!(
            "SELECT {} FROM bookings
             WHERE account_id = $1 AND day >= $2 AND (day, id) < ($3, $4) ORDER BY day DESC, id DESC LIMIT $5",
            BOOKINGS.column_list()
        );
        let params = [account.uuid().into(), range.first.into(), range.last.into(), range.before.into(), limit(max)];
        let bookings = self.list(sql, &params, tables::booking)?;
        let range = bookings.last().filter(|_| bookings.len() == max).map(|last| range.after(last));
        Ok(Chunk { bookings, range })
    }

    /// Uses SQLite's index, which begins with the day: reads day after day, at most [`DAYS_MAX`] of
    /// the days that have bookings.
    fn read_bookings_by_day(
        &mut self,
        account: AccountId,
        range: &ListRange,
        max: usize,
    ) -> Result<Chunk, StorageError> {
        let sql = sql!(
            "SELECT {} FROM bookings
             WHERE day = $1 AND account_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
            BOOKINGS.column_list()
        );
        let mut bookings = Vec::new();
        let ListRange { first, last, before } = *range;
        let mut range = Some(ListRange { first, last, before });
        for _ in 0..DAYS_MAX {
            let Some(current) = range.take() else { break };
            let Some(day) = self.latest_day_with_bookings(account, &current)? else { break };
            let before = if day == current.last { current.before } else { END };
            let wanted = max - bookings.len();
            let params = [day.into(), account.uuid().into(), before.into(), limit(wanted)];
            let read = self.list(sql, &params, tables::booking)?;
            let is_full = read.len() == wanted;
            bookings.extend(read);
            if is_full {
                range = bookings.last().map(|last| current.after(last));
                break;
            }
            range = current.before_day(day);
        }
        Ok(Chunk { bookings, range })
    }

    /// The latest day of the range on which the account may have bookings. One seek finds a day of
    /// the account, or skips days on which no account has bookings.
    fn latest_day_with_bookings(
        &mut self,
        account: AccountId,
        range: &ListRange,
    ) -> Result<Option<Date>, StorageError> {
        let sql = sql!(
            "SELECT day, account_id FROM bookings WHERE (day, account_id) <= ($1, $2)
             ORDER BY day DESC, account_id DESC LIMIT 1"
        );
        let found =
            self.find(sql, &[range.last.into(), account.uuid().into()], |row| Ok((row.day(0)?, row.uuid(1)?)))?;
        let day = match found {
            Some((day, found)) if day == range.last && found != account.uuid() => day.yesterday().ok(),
            Some((day, _)) => Some(day),
            None => None,
        };
        Ok(day.filter(|day| range.first <= *day))
    }

    fn count_booking(&mut self, booking: &Booking) -> Result<(), StorageError> {
        self.add_usage(booking.account_id, BOOKINGS_PER_DAY, window_of_day(booking.day), 1, true)
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
        let mut items: Vec<Booking> = Vec::new();
        let mut range = ListRange::of(filter, after);
        let mut read = 0;
        // One booking more than the page holds shows that there is another page.
        while let Some(current) = range.take() {
            if items.len() > max || read >= READ_MAX {
                range = Some(current);
                break;
            }
            // A filter that admits few bookings needs larger reads.
            let at_least = if read == 0 { 1 } else { READ_AGAIN_MIN };
            let wanted = (max.saturating_add(1) - items.len()).clamp(at_least, READ_MAX);
            let chunk = self.read_bookings(account, &current, wanted)?;
            let is_full = chunk.bookings.len() == wanted;
            read += wanted;
            items.extend(chunk.bookings.into_iter().filter(|booking| filter.admits(booking)));
            range = chunk.range;
            // In SQLite a chunk that is not full has reached the maximum of days.
            if !is_full {
                break;
            }
        }
        if items.len() > max {
            items.truncate(max);
            return Ok(Page { next: items.last().map(Booking::position).or(after), items });
        }
        Ok(Page { items, next: range.map(|range| range.position()) })
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
                    BOOKINGS.insert_text(),
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
