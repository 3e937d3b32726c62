//! Holds: a quantity of a meter that is kept free until it is confirmed, released or expires.

use jiff::Timestamp;

use super::admission::{Demand, Place, admit};
use super::allocations::new_allocation;
use super::lookup::{existing_account, lock};
use super::usage::insert_usage;
use crate::error::{FindError, HoldError, StorageResult};
use crate::ports::{Accounts, Allocations, Charges, Holds, ReadAccounts, ReadHolds, ReadUsage, UsageRecords};
use crate::{
    AccountId, Allocation, AllocationKey, Attribution, HOLDS_MAX, Hold, HoldConfirmation, HoldId, HoldState,
    HoldStatus, Kind, Meter, MetricDef, NewHold, PlanCatalog, SignedDuration, UsageRecord, UsageRecordId,
};

/// Holds a quantity of a meter, if the account's limits permit it.
///
/// # Errors
/// [`HoldError`].
pub fn create_hold(
    tx: &mut (impl Accounts + ReadUsage + Holds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    new: &NewHold,
    id: HoldId,
    by: &Attribution,
    now: Timestamp,
) -> Result<Hold, HoldError> {
    let account = lock(tx, account_id)?.ok_or(HoldError::NotFound)?;
    if tx.count_live_holds(account_id, now)? >= HOLDS_MAX {
        return Err(HoldError::TooMany);
    }
    let occurrence = account.occurrence(new.at.unwrap_or(now));
    let demand = Demand { meter: &new.meter, occurrence, quantity: new.quantity };
    admit(tx, catalog, &account, &[demand], None, now)?;
    let hold = Hold {
        id,
        account_id,
        meter: new.meter.clone(),
        quantity: new.quantity,
        occurrence,
        expires_at: now + new.expires_in,
        reference: new.reference.clone(),
        state: HoldState::Held,
        created_at: now,
        closed_at: None,
        version: 1,
        created_by: by.clone(),
    };
    tx.insert_hold(&hold)?;
    Ok(hold)
}

/// A hold of the account, in any state.
///
/// # Errors
/// [`FindError`].
pub fn find_hold(
    tx: &mut (impl ReadAccounts + ReadHolds + ?Sized),
    account: AccountId,
    id: HoldId,
) -> Result<Hold, FindError> {
    existing_account(tx, account)?.ok_or(FindError::NotFound)?;
    tx.find_hold(account, id)?.ok_or(FindError::NotFound)
}

/// A hold that was confirmed, and what it became.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Confirmed {
    /// The hold.
    pub hold: Hold,
    /// The usage record, for a meter of counters that keeps records. It has the UUID of the hold.
    pub usage_id: Option<UsageRecordId>,
    /// The allocation, for a meter of gauges.
    pub allocation_key: Option<AllocationKey>,
}

/// Turns a live hold into usage or an allocation. Up to the quantity that is held is admitted
/// without a check, also if the limit is smaller by now. What is not used is released.
///
/// # Errors
/// [`HoldError`].
pub fn confirm_hold(
    tx: &mut (impl Accounts + Charges + UsageRecords + Allocations + Holds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    id: HoldId,
    confirmation: &HoldConfirmation,
    by: &Attribution,
    now: Timestamp,
) -> Result<Confirmed, HoldError> {
    let account = lock(tx, account_id)?.ok_or(HoldError::NotFound)?;
    let hold = tx.find_hold(account_id, id)?.ok_or(HoldError::NotFound)?;
    check_held(&hold, now)?;
    if [Meter::STAFF, Meter::BOOKINGS].contains(&hold.meter) {
        return Err(HoldError::ConfirmedByCreation(hold.meter));
    }
    let metric = catalog.metrics_of(&hold.meter).next();
    let metric = metric.ok_or_else(|| HoldError::UnknownMeter(hold.meter.clone()))?;
    if metric.kind != Kind::Gauge && confirmation.key.is_some() {
        return Err(HoldError::KeyOfUsage);
    }
    let quantity = confirmation.quantity.unwrap_or(hold.quantity);
    if quantity > hold.quantity {
        let demand = Demand { meter: &hold.meter, occurrence: hold.occurrence, quantity };
        admit(tx, catalog, &account, &[demand], Some(&Place::of_hold(&hold, hold.quantity)), now)?;
    }
    let (usage_id, allocation_key) = match metric.kind {
        Kind::Gauge => (None, Some(allocate(tx, &hold, confirmation.key.as_ref(), quantity, by, now)?)),
        Kind::Counter(_) => (record_usage(tx, catalog, metric, &hold, quantity, by, now)?, None),
    };
    let hold = end(tx, hold, HoldState::Confirmed, now)?;
    Ok(Confirmed { hold, usage_id, allocation_key })
}

/// Releases a hold. One that was released, or expired, stays as it is. Also returns whether it
/// changed.
///
/// # Errors
/// [`HoldError`].
pub fn release_hold(
    tx: &mut (impl Accounts + Holds + ?Sized),
    account: AccountId,
    id: HoldId,
    now: Timestamp,
) -> Result<(Hold, bool), HoldError> {
    lock(tx, account)?.ok_or(HoldError::NotFound)?;
    let hold = tx.find_hold(account, id)?.ok_or(HoldError::NotFound)?;
    match hold.status(now) {
        HoldStatus::Held => Ok((end(tx, hold, HoldState::Released, now)?, true)),
        HoldStatus::Released | HoldStatus::Expired => Ok((hold, false)),
        HoldStatus::Confirmed => Err(HoldError::NotHeld(HoldStatus::Confirmed)),
    }
}

/// Makes a live hold expire at `now + expires_in`, which may be earlier than before.
///
/// # Errors
/// [`HoldError`].
pub fn extend_hold(
    tx: &mut (impl Accounts + Holds + ?Sized),
    account: AccountId,
    id: HoldId,
    expires_in: SignedDuration,
    now: Timestamp,
) -> Result<Hold, HoldError> {
    lock(tx, account)?.ok_or(HoldError::NotFound)?;
    let hold = tx.find_hold(account, id)?.ok_or(HoldError::NotFound)?;
    check_held(&hold, now)?;
    let hold = Hold { expires_at: now + expires_in, version: hold.version + 1, ..hold };
    tx.update_hold(&hold)?;
    Ok(hold)
}

/// The live hold of this meter.
pub(super) fn live_hold(
    tx: &mut (impl ReadHolds + ?Sized),
    account: AccountId,
    meter: &Meter,
    id: HoldId,
    now: Timestamp,
) -> StorageResult<Option<Hold>> {
    Ok(tx.find_hold(account, id)?.filter(|hold| hold.meter == *meter && hold.is_live(now)))
}

/// Uses the place of one of what is held. The rest stays held; without a rest the hold is
/// confirmed.
pub(super) fn use_place(tx: &mut (impl Holds + ?Sized), hold: Hold, now: Timestamp) -> StorageResult<()> {
    if hold.quantity == 1 {
        return end(tx, hold, HoldState::Confirmed, now).map(drop);
    }
    tx.update_hold(&Hold { quantity: hold.quantity - 1, version: hold.version + 1, ..hold })
}

fn check_held(hold: &Hold, now: Timestamp) -> Result<(), HoldError> {
    if hold.is_live(now) { Ok(()) } else { Err(HoldError::NotHeld(hold.status(now))) }
}

/// Ends a hold.
fn end(tx: &mut (impl Holds + ?Sized), hold: Hold, state: HoldState, now: Timestamp) -> StorageResult<Hold> {
    let hold = Hold { state, closed_at: Some(now), version: hold.version + 1, ..hold };
    tx.update_hold(&hold)?;
    Ok(hold)
}

/// Adds to the allocation with this key, or makes one.
fn allocate(
    tx: &mut (impl Allocations + ?Sized),
    hold: &Hold,
    key: Option<&AllocationKey>,
    quantity: u64,
    by: &Attribution,
    now: Timestamp,
) -> StorageResult<AllocationKey> {
    let own_key = || AllocationKey::parse(&hold.id.to_string()).expect("an id is visible ASCII");
    let key = key.cloned().unwrap_or_else(own_key);
    let allocation = match tx.find_allocation(hold.account_id, &hold.meter, &key)? {
        Some(known) => Allocation { quantity: known.quantity.saturating_add(quantity), ..known },
        None => new_allocation(hold.account_id, &hold.meter, &key, quantity, by, now),
    };
    tx.put_allocation(&allocation)?;
    Ok(key)
}

/// Records usage in the windows of the hold, and counts it.
fn record_usage(
    tx: &mut (impl Charges + UsageRecords + ?Sized),
    catalog: &PlanCatalog,
    metric: &MetricDef,
    hold: &Hold,
    quantity: u64,
    by: &Attribution,
    now: Timestamp,
) -> StorageResult<Option<UsageRecordId>> {
    let usage = UsageRecord {
        // A hold becomes at most one record, so the two may share a UUID.
        id: UsageRecordId::from_uuid(hold.id.uuid()),
        account_id: hold.account_id,
        meter: hold.meter.clone(),
        quantity,
        occurrence: hold.occurrence,
        created_at: now,
        deleted_at: None,
        created_by: by.clone(),
    };
    insert_usage(tx, catalog, &usage, metric.has_records)?;
    Ok(metric.has_records.then_some(usage.id))
}
