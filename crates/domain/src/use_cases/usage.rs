//! Records usage of a meter of counters, and removes usage records.

use jiff::Timestamp;

use super::admission::{Demand, admit};
use super::lookup::lock;
use crate::error::{FindError, StorageResult, UsageError};
use crate::ports::{Accounts, Charges, ReadHolds, ReadUsageRecords, UsageRecords};
use crate::{AccountId, Attribution, NewUsageRecord, PlanCatalog, UsageRecord, UsageRecordId, charges};

/// Usage that was recorded.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RecordedUsage {
    /// The usage.
    pub usage: UsageRecord,
    /// Whether it has a record. Otherwise only its counters are stored: it cannot be found, listed
    /// or removed.
    pub has_record: bool,
}

/// Records usage, all of it or nothing: if every metric of the meters admits all of `new` together.
/// Each is charged to every metric of its meter, in the windows of its instant, or of `now`.
///
/// # Errors
/// [`UsageError`].
pub fn record_usage(
    tx: &mut (impl Accounts + Charges + UsageRecords + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    new: &[(UsageRecordId, NewUsageRecord)],
    by: &Attribution,
    now: Timestamp,
) -> Result<Vec<RecordedUsage>, UsageError> {
    let account = lock(tx, account_id)?.ok_or(UsageError::NotFound)?;
    let demands = new.iter().map(|(_, new)| {
        let NewUsageRecord { meter, quantity, at } = new;
        Demand { meter, occurrence: account.occurrence(at.unwrap_or(now)), quantity: *quantity }
    });
    let demands: Vec<Demand<'_>> = demands.collect();
    admit(tx, catalog, &account, &demands, None, now)?;
    let mut recorded = Vec::with_capacity(new.len());
    for ((id, new), demand) in new.iter().zip(&demands) {
        let metric = catalog.metrics_of(&new.meter).next().ok_or(UsageError::NotFound)?;
        let usage = UsageRecord {
            id: *id,
            account_id,
            meter: new.meter.clone(),
            quantity: new.quantity,
            occurrence: demand.occurrence,
            created_at: now,
            deleted_at: None,
            created_by: by.clone(),
        };
        insert_usage(tx, catalog, &usage, metric.has_records)?;
        recorded.push(RecordedUsage { usage, has_record: metric.has_records });
    }
    Ok(recorded)
}

/// Stores usage that is admitted: its record, if its meter keeps records, and its counters.
pub(super) fn insert_usage(
    tx: &mut (impl Charges + UsageRecords + ?Sized),
    catalog: &PlanCatalog,
    usage: &UsageRecord,
    has_record: bool,
) -> StorageResult<()> {
    if has_record {
        tx.insert_usage_record(usage)?;
    }
    let charges = charges(catalog, &usage.meter, &usage.occurrence, usage.quantity);
    tx.charge(usage.account_id, usage.id.uuid(), &charges, has_record)
}

/// A usage record of the account, unless it was removed.
///
/// # Errors
/// [`FindError`].
pub fn find_usage_record(
    tx: &mut (impl ReadUsageRecords + ?Sized),
    account: AccountId,
    id: UsageRecordId,
) -> Result<UsageRecord, FindError> {
    let record = tx.find_usage_record(account, id)?.filter(|record| record.deleted_at.is_none());
    record.ok_or(FindError::NotFound)
}

/// Removes a usage record, and gives its quantity back in the windows in which it was charged.
/// Returns whether it existed: it is given back once.
///
/// # Errors
/// [`FindError`].
pub fn remove_usage_record(
    tx: &mut (impl Accounts + Charges + UsageRecords + ?Sized),
    account: AccountId,
    id: UsageRecordId,
    now: Timestamp,
) -> Result<bool, FindError> {
    lock(tx, account)?.ok_or(FindError::NotFound)?;
    let record = tx.find_usage_record(account, id)?.ok_or(FindError::NotFound)?;
    if record.deleted_at.is_some() {
        return Ok(false);
    }
    tx.remove_usage_record(account, id, now)?;
    tx.refund(account, id.uuid())?;
    Ok(true)
}
