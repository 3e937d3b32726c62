//! Usage records.

use std::sync::LazyLock;

use domain::error::StorageError;
use domain::ports::{Page, ReadUsageRecords, UsagePosition, UsageRecords};
use domain::{AccountId, Timestamp, UsageFilter, UsageRecord, UsageRecordId};

use super::SqlTx;
use super::day_lists::DayList;
use crate::tables::{self, USAGE_RECORDS, sql};

pub(super) static USAGE_LIST: LazyLock<DayList<UsageRecord>> = LazyLock::new(|| {
    DayList::new(&USAGE_RECORDS, tables::usage_record, |record| (record.occurrence.day, record.id.uuid()))
});

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
        let (days, after) = ((filter.from, filter.to), after.map(|(day, id)| (day, id.uuid())));
        let page = self.list_by_day(&USAGE_LIST, account, days, after, max, |record| filter.admits(record))?;
        let position = |(day, id)| (day, UsageRecordId::from_uuid(id));
        Ok(Page { items: page.items, next: page.next.map(position) })
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
