//! Usage records, listed by day.

use domain::error::StorageError;
use domain::ports::{Page, ReadUsageRecords, UsagePosition, UsageRecords};
use domain::{AccountId, Date, Timestamp, UsageFilter, UsageRecord, UsageRecordId};

use super::{Dialect, END, SqlTx, limit};
use crate::tables::{self, USAGE_RECORDS, sql};

/// The first and the last day of any usage record: the local days, in any time zone, of the first
/// and the last instant at which something can be used.
const FIRST_DAY: Date = Date::constant(1969, 12, 31);
const LAST_DAY: Date = Date::constant(2200, 1, 1);
/// How many usage records are read for one page of a list, whether or not the filter admits them.
const READ_MAX: usize = 1_000;
/// How many days are read for one page of a list in SQLite, where the index begins with the day.
const DAYS_MAX: usize = 366;

impl SqlTx<'_> {
    /// The latest day up to `last` on which the account may have usage records. One seek finds a
    /// day of the account, or skips days on which no account has any.
    fn latest_day_with_usage(&mut self, account: AccountId, last: Date) -> Result<Option<Date>, StorageError> {
        if self.connection.dialect() == Dialect::Postgres {
            let sql = sql!(
                "SELECT day FROM usage_records WHERE account_id = $1 AND day <= $2 ORDER BY day DESC, id DESC LIMIT 1"
            );
            return self.find(sql, &[account.uuid().into(), last.into()], |row| row.day(0));
        }
        let sql = sql!(
            "SELECT day, account_id FROM usage_records WHERE (day, account_id) <= ($1, $2)
             ORDER BY day DESC, account_id DESC LIMIT 1"
        );
        let found = self.find(sql, &[last.into(), account.uuid().into()], |row| Ok((row.day(0)?, row.uuid(1)?)))?;
        Ok(match found {
            Some((day, found)) if day == last && found != account.uuid() => day.yesterday().ok(),
            Some((day, _)) => Some(day),
            None => None,
        })
    }
}

impl ReadUsageRecords for SqlTx<'_> {
    fn find_usage_record(
        &mut self,
        account: AccountId,
        id: UsageRecordId,
    ) -> Result<Option<UsageRecord>, StorageError> {
        self.find(
            sql!("SELECT {} FROM usage_records WHERE account_id = $1 AND id = $2", USAGE_RECORDS.column_list()),
            &[account.uuid().into(), id.uuid().into()],
            tables::usage_record,
        )
    }

    fn list_usage_records(
        &mut self,
        account: AccountId,
        filter: &UsageFilter,
        after: Option<UsagePosition>,
        max: usize,
    ) -> Result<Page<UsageRecord, UsagePosition>, StorageError> {
        let first = filter.from.unwrap_or(FIRST_DAY);
        let last = filter.to.unwrap_or(LAST_DAY);
        // The position of the next record to read is before this one.
        let mut before = after.filter(|(day, _)| *day <= last).unwrap_or((last, UsageRecordId::from_uuid(END)));
        let (mut items, mut read): (Vec<UsageRecord>, usize) = (Vec::new(), 0);
        for _ in 0..DAYS_MAX {
            let Some(day) = self.latest_day_with_usage(account, before.0)?.filter(|day| *day >= first) else {
                return Ok(Page { items, next: None });
            };
            if day < before.0 {
                before = (day, UsageRecordId::from_uuid(END));
            }
            let wanted = READ_MAX - read;
            let sql = sql!(
                "SELECT {} FROM usage_records
                 WHERE day = $1 AND account_id = $2 AND id < $3 ORDER BY id DESC LIMIT $4",
                USAGE_RECORDS.column_list()
            );
            let params = [day.into(), account.uuid().into(), before.1.uuid().into(), limit(wanted.min(max + 1))];
            let found = self.list(sql, &params, tables::usage_record)?;
            read += found.len();
            let is_day_read = found.len() < wanted.min(max + 1);
            for record in found {
                if items.len() == max && filter.admits(&record) {
                    return Ok(Page { items, next: Some(before) });
                }
                before = (day, record.id);
                if filter.admits(&record) {
                    items.push(record);
                }
            }
            if is_day_read {
                match day.yesterday() {
                    Ok(previous) => before = (previous, UsageRecordId::from_uuid(END)),
                    Err(_) => return Ok(Page { items, next: None }),
                }
            }
            if read >= READ_MAX {
                break;
            }
        }
        Ok(Page { items, next: Some(before) })
    }
}

impl UsageRecords for SqlTx<'_> {
    fn insert_usage_record(&mut self, record: &UsageRecord) -> Result<(), StorageError> {
        self.insert(&USAGE_RECORDS, &tables::usage_record_values(record))
    }

    fn remove_usage_record(
        &mut self,
        account: AccountId,
        id: UsageRecordId,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let sql = sql!("UPDATE usage_records SET deleted_at = $3 WHERE account_id = $1 AND id = $2");
        self.change("usage record", sql, &[account.uuid().into(), id.uuid().into(), at.into()])
    }
}
