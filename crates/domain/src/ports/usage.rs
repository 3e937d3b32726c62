//! The ports of usage: its counters, and the records that were counted.

use jiff::Timestamp;
use jiff::civil::Date;
use uuid::Uuid;

use super::Page;
use crate::error::StorageResult;
use crate::{AccountId, Charge, Metric, UsageFilter, UsageRecord, UsageRecordId};

/// Reads usage counters. There is one for each metric and window in which something was counted.
pub trait ReadUsage {
    /// The counter of `metric` in the window with this label; 0 if nothing was counted.
    fn used(&mut self, account: AccountId, metric: &Metric, window_start: Timestamp) -> StorageResult<u64>;

    /// The counters of several metrics and windows, in their order. A store may read them all at
    /// once.
    fn used_of(&mut self, account: AccountId, counters: &[(Metric, Timestamp)]) -> StorageResult<Vec<u64>> {
        counters.iter().map(|(metric, window_start)| self.used(account, metric, *window_start)).collect()
    }

    /// The counters of the windows with these labels, which are in ascending order. Those of 0 are
    /// left out.
    fn used_in(
        &mut self,
        account: AccountId,
        metric: &Metric,
        windows: &[Timestamp],
    ) -> StorageResult<Vec<(Timestamp, u64)>>;
}

/// A position in the list of an account's usage records: by day, latest first, and within a day by
/// id, newest first.
pub type UsagePosition = (Date, UsageRecordId);

/// Reads usage records.
pub trait ReadUsageRecords {
    /// A usage record of the account. Those given back are found, too.
    fn find_usage_record(&mut self, account: AccountId, id: UsageRecordId) -> StorageResult<Option<UsageRecord>>;

    /// Up to `max` usage records of the account that pass the filter after `after`, by descending
    /// [`UsagePosition`]. Those given back are left out. The work for a page is bounded.
    fn list_usage_records(
        &mut self,
        account: AccountId,
        filter: &UsageFilter,
        after: Option<UsagePosition>,
        max: usize,
    ) -> StorageResult<Page<UsageRecord, UsagePosition>>;
}

/// Reads what is counted, of all accounts. It reads all counters, so no request needs it.
pub trait ReadMetricsInUse {
    /// The distinct [keys of counters](crate::MetricDef::counter) that are not 0, in ascending
    /// order.
    fn list_metrics_in_use(&mut self) -> StorageResult<Vec<Metric>>;
}

/// Adds to usage counters and subtracts from them.
pub trait Charges: ReadUsage {
    /// Adds the charges, each of another metric, to their counters. If `has_records`, also
    /// remembers them as those of `source`, the UUID of a stored booking or usage record, so that
    /// they can be refunded and compared.
    fn charge(&mut self, account: AccountId, source: Uuid, charges: &[Charge], has_records: bool) -> StorageResult<()>;

    /// Subtracts the charges of `source` from their counters, and forgets them.
    fn refund(&mut self, account: AccountId, source: Uuid) -> StorageResult<()>;
}

/// Reads and writes usage records. Their counters change by [`Charges`].
pub trait UsageRecords: ReadUsageRecords {
    /// Inserts a usage record.
    fn insert_usage_record(&mut self, record: &UsageRecord) -> StorageResult<()>;

    /// Records when a usage record was given back.
    fn remove_usage_record(&mut self, account: AccountId, id: UsageRecordId, at: Timestamp) -> StorageResult<()>;
}
