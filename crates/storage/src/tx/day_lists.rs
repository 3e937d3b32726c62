//! Lists of an account's rows by day, latest first, and within a day by id, highest first.

use domain::error::StorageError;
use domain::ports::Page;
use domain::{AccountId, Date, Uuid};

use super::{Dialect, END, SqlTx, limit};
use crate::tables::{Sql, SqlRow, Table};

/// The first and the last day of any row: the local days, in any time zone, of the first and the
/// last instant that a request can name.
const FIRST_DAY: Date = Date::constant(1969, 12, 31);
const LAST_DAY: Date = Date::constant(2200, 1, 1);
/// How many rows are read for one page, whether or not the filter admits them.
const READ_MAX: usize = 1_000;
/// The minimum size of each further read, if the first one did not fill the page.
const READ_AGAIN_MIN: usize = 200;
/// How many days are read for one page in SQLite, where the index begins with the day.
const DAYS_MAX: usize = 366;

/// A row's day and id.
type Position = (Date, Uuid);

/// How the rows of a table with an account, a day and an id are listed.
pub(super) struct DayList<T> {
    /// For PostgreSQL, whose index begins with the account: the rows of a range of days.
    of_account: Sql,
    /// For SQLite, whose index begins with the day: the rows of a day.
    of_day: Sql,
    /// For SQLite: the latest day, up to one, on which the account, or another, has rows.
    latest_day: Sql,
    /// The number of rows of an account, for PostgreSQL, and on a day, for SQLite.
    count_of_account: Sql,
    count_of_day: Sql,
    read: fn(&dyn SqlRow) -> Result<T, StorageError>,
    position: fn(&T) -> Position,
}

impl<T> DayList<T> {
    /// The list of a table's rows, each read by `read` and listed at its `position`.
    pub(super) fn new(
        table: &Table,
        read: fn(&dyn SqlRow) -> Result<T, StorageError>,
        position: fn(&T) -> Position,
    ) -> Self {
        let (columns, table) = (table.column_list(), table.name);
        Self {
            of_account: Sql::new(&format!(
                "SELECT {columns} FROM {table}
                 WHERE account_id = $1 AND day >= $2 AND (day, id) < ($3, $4) ORDER BY day DESC, id DESC LIMIT $5"
            )),
            of_day: Sql::new(&format!(
                "SELECT {columns} FROM {table}
                 WHERE day = $1 AND account_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4"
            )),
            latest_day: Sql::new(&format!(
                "SELECT day, account_id FROM {table} WHERE (day, account_id) <= ($1, $2)
                 ORDER BY day DESC, account_id DESC LIMIT 1"
            )),
            count_of_account: Sql::new(&format!("SELECT count(*) FROM {table} WHERE account_id = $1")),
            count_of_day: Sql::new(&format!("SELECT count(*) FROM {table} WHERE day = $1 AND account_id = $2")),
            read,
            position,
        }
    }
}

/// The part of a list still to be read: the rows of the days from `first` to `last`, of `last` only
/// those with ids below `before`.
#[derive(Clone, Copy)]
struct ListRange {
    first: Date,
    last: Date,
    before: Uuid,
}

/// Rows in the order of the list, and the range after them, if it is not empty.
struct Chunk<T> {
    rows: Vec<T>,
    range: Option<ListRange>,
}

impl ListRange {
    /// The range after a position, or the whole list.
    fn new(from: Option<Date>, to: Option<Date>, after: Option<Position>) -> Option<Self> {
        let (first, last) = (from.unwrap_or(FIRST_DAY), to.unwrap_or(LAST_DAY));
        let (last, before) = match after {
            Some((day, id)) if day <= last => (day, id),
            _ => (last, END),
        };
        (first <= last).then_some(Self { first, last, before })
    }

    /// The range before a day.
    fn before_day(self, day: Date) -> Option<Self> {
        let last = day.yesterday().ok()?;
        (self.first <= last).then_some(Self { last, before: END, ..self })
    }

    /// The range after a row.
    const fn after(self, (last, before): Position) -> Self {
        Self { last, before, ..self }
    }
}

impl SqlTx<'_> {
    /// Up to `max` rows after a position, of the days `from` to `to`, that `admits` accepts. A page
    /// may be short, because the work for it is bounded.
    pub(super) fn list_by_day<T>(
        &mut self,
        list: &'static DayList<T>,
        account: AccountId,
        (from, to): (Option<Date>, Option<Date>),
        after: Option<Position>,
        max: usize,
        admits: impl Fn(&T) -> bool,
    ) -> Result<Page<T, Position>, StorageError> {
        let mut items: Vec<T> = Vec::new();
        let mut range = ListRange::new(from, to, after);
        let mut read = 0;
        // One row more than the page holds shows that there is another page.
        while let Some(current) = range.take() {
            if items.len() > max || read >= READ_MAX {
                range = Some(current);
                break;
            }
            // A filter that admits few rows needs larger reads.
            let at_least = if read == 0 { 1 } else { READ_AGAIN_MIN };
            let wanted = (max.saturating_add(1) - items.len()).clamp(at_least, READ_MAX);
            let chunk = match self.connection.dialect() {
                Dialect::Postgres => self.read_range(list, account, current, wanted)?,
                Dialect::Sqlite => self.read_days(list, account, current, wanted)?,
            };
            let is_full = chunk.rows.len() == wanted;
            read += wanted;
            items.extend(chunk.rows.into_iter().filter(|row| admits(row)));
            range = chunk.range;
            // In SQLite a chunk that is not full has reached the maximum of days.
            if !is_full {
                break;
            }
        }
        if items.len() > max {
            items.truncate(max);
            return Ok(Page { next: items.last().map(list.position).or(after), items });
        }
        Ok(Page { items, next: range.map(|range| (range.last, range.before)) })
    }

    /// The number of the account's rows. The work grows with them and, in SQLite, with the days on
    /// which any account has rows.
    pub(super) fn count_by_day<T>(
        &mut self,
        list: &'static DayList<T>,
        account: AccountId,
    ) -> Result<u64, StorageError> {
        if self.connection.dialect() == Dialect::Postgres {
            return Ok(self.count(&list.count_of_account, &[account.uuid().into()])?.into());
        }
        let mut total = 0;
        let mut range = ListRange::new(None, None, None);
        while let Some(current) = range.take() {
            let Some(day) = self.latest_day(list, account, current)? else { break };
            total += u64::from(self.count(&list.count_of_day, &[day.into(), account.uuid().into()])?);
            range = current.before_day(day);
        }
        Ok(total)
    }

    /// Up to `max` rows of the range.
    fn read_range<T>(
        &mut self,
        list: &'static DayList<T>,
        account: AccountId,
        range: ListRange,
        max: usize,
    ) -> Result<Chunk<T>, StorageError> {
        let params = [account.uuid().into(), range.first.into(), range.last.into(), range.before.into(), limit(max)];
        let rows = self.list(&list.of_account, &params, list.read)?;
        let range = rows.last().filter(|_| rows.len() == max).map(|last| range.after((list.position)(last)));
        Ok(Chunk { rows, range })
    }

    /// The same, day after day, at most [`DAYS_MAX`] of the days that have rows.
    fn read_days<T>(
        &mut self,
        list: &'static DayList<T>,
        account: AccountId,
        range: ListRange,
        max: usize,
    ) -> Result<Chunk<T>, StorageError> {
        let mut rows = Vec::new();
        let mut range = Some(range);
        for _ in 0..DAYS_MAX {
            let Some(current) = range.take() else { break };
            let Some(day) = self.latest_day(list, account, current)? else { break };
            let before = if day == current.last { current.before } else { END };
            let wanted = max - rows.len();
            let params = [day.into(), account.uuid().into(), before.into(), limit(wanted)];
            let read = self.list(&list.of_day, &params, list.read)?;
            let is_full = read.len() == wanted;
            rows.extend(read);
            if is_full {
                range = rows.last().map(|last| current.after((list.position)(last)));
                break;
            }
            range = current.before_day(day);
        }
        Ok(Chunk { rows, range })
    }

    /// The latest day of the range on which the account may have rows. One seek finds a day of the
    /// account, or skips days on which no account has rows.
    fn latest_day<T>(
        &mut self,
        list: &'static DayList<T>,
        account: AccountId,
        range: ListRange,
    ) -> Result<Option<Date>, StorageError> {
        let params = [range.last.into(), account.uuid().into()];
        let found = self.find(&list.latest_day, &params, |row| Ok((row.day(0)?, row.uuid(1)?)))?;
        let day = match found {
            Some((day, found)) if day == range.last && found != account.uuid() => day.yesterday().ok(),
            Some((day, _)) => Some(day),
            None => None,
        };
        Ok(day.filter(|day| range.first <= *day))
    }
}
