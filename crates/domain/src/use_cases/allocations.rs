//! Allocations: what exists of a meter of gauges, each under a key of the caller's.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::admission::{Demand, Place, admit};
use super::lookup::{existing_account, lock};
use crate::error::{AllocationError, FindError};
use crate::ports::{Accounts, Allocations, ReadAccounts, ReadAllocations, ReadHolds, ReadUsage};
use crate::{ALLOCATIONS_MAX, AccountId, Allocation, AllocationKey, Attribution, Meter, PlanCatalog};

/// What putting an allocation did.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AllocationPut {
    /// The allocation is new.
    Created(Allocation),
    /// Its quantity changed.
    Changed(Allocation),
    /// It had the quantity already.
    Unchanged(Allocation),
}

impl AllocationPut {
    /// The allocation as it is now.
    #[must_use]
    pub fn into_allocation(self) -> Allocation {
        match self {
            Self::Created(allocation) | Self::Changed(allocation) | Self::Unchanged(allocation) => allocation,
        }
    }
}

/// Allocates `quantity` under a key, or changes the quantity of the allocation with this key. The
/// account's limits have to permit what is added.
///
/// # Errors
/// [`AllocationError`].
pub fn put_allocation(
    tx: &mut (impl Accounts + Allocations + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    (meter, key): (&Meter, &AllocationKey),
    quantity: u64,
    by: &Attribution,
    now: Timestamp,
) -> Result<AllocationPut, AllocationError> {
    let account = lock(tx, account_id)?.ok_or(AllocationError::NotFound)?;
    let known = tx.find_allocation(account_id, meter, key)?;
    let added = quantity.saturating_sub(known.as_ref().map_or(0, |known| known.quantity));
    if added > 0 {
        let occurrence = account.occurrence(now);
        admit(tx, catalog, &account, &[Demand { meter, occurrence, quantity: added }], None, now)?;
    }
    let put = match known {
        Some(known) if known.quantity == quantity => return Ok(AllocationPut::Unchanged(known)),
        Some(known) => AllocationPut::Changed(Allocation { quantity, ..known }),
        None => AllocationPut::Created(new_allocation(account_id, meter, key, quantity, by, now)),
    };
    tx.put_allocation(&put.clone().into_allocation())?;
    Ok(put)
}

/// Removes an allocation. Returns whether it existed.
///
/// # Errors
/// [`FindError::NotFound`] if the account does not exist.
pub fn remove_allocation(
    tx: &mut (impl Accounts + Allocations + ?Sized),
    account: AccountId,
    meter: &Meter,
    key: &AllocationKey,
) -> Result<bool, FindError> {
    lock(tx, account)?.ok_or(FindError::NotFound)?;
    let exists = tx.find_allocation(account, meter, key)?.is_some();
    if exists {
        tx.delete_allocation(account, meter, key)?;
    }
    Ok(exists)
}

/// An allocation of the account.
///
/// # Errors
/// [`FindError`].
pub fn find_allocation(
    tx: &mut (impl ReadAccounts + ReadAllocations + ?Sized),
    account: AccountId,
    meter: &Meter,
    key: &AllocationKey,
) -> Result<Allocation, FindError> {
    existing_account(tx, account)?.ok_or(FindError::NotFound)?;
    tx.find_allocation(account, meter, key)?.ok_or(FindError::NotFound)
}

/// What replacing the allocations of a meter did. The keys are in ascending order.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AllocationsReplaced {
    /// The keys that are new.
    pub added: Vec<AllocationKey>,
    /// The keys that were removed.
    pub removed: Vec<AllocationKey>,
    /// The keys that existed and were asked for.
    pub unchanged: Vec<AllocationKey>,
}

impl AllocationsReplaced {
    /// Whether anything was added or removed.
    #[must_use]
    pub fn has_changed(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty()
    }
}

/// Makes the allocations of a meter exactly those with these keys. A new one has quantity 1, an
/// existing one keeps its quantity. The account's limits have to permit what is added beyond what
/// is removed.
///
/// # Errors
/// [`AllocationError`]. Nothing is changed then.
pub fn replace_allocations(
    tx: &mut (impl Accounts + Allocations + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    meter: &Meter,
    keys: &BTreeSet<AllocationKey>,
    by: &Attribution,
    now: Timestamp,
) -> Result<AllocationsReplaced, AllocationError> {
    let account = lock(tx, account_id)?.ok_or(AllocationError::NotFound)?;
    // One more than there can be without too many to remove.
    let max = keys.len().saturating_add(ALLOCATIONS_MAX).saturating_add(1);
    let known = tx.list_allocations(account_id, meter, None, max)?;
    let known: BTreeMap<AllocationKey, u64> = known.into_iter().map(|it| (it.key, it.quantity)).collect();
    let (unchanged, removed): (Vec<_>, Vec<_>) = known.keys().cloned().partition(|key| keys.contains(key));
    let added: Vec<_> = keys.iter().filter(|key| !known.contains_key(key)).cloned().collect();
    if removed.len() > ALLOCATIONS_MAX {
        return Err(AllocationError::TooManyRemoved);
    }
    if !added.is_empty() {
        let occurrence = account.occurrence(now);
        let freed = removed.iter().filter_map(|key| known.get(key)).fold(0, |sum: u64, it| sum.saturating_add(*it));
        let demand = Demand { meter, occurrence, quantity: added.len() as u64 };
        let place = Place { occurrence, quantity: freed, hold: None };
        admit(tx, catalog, &account, &[demand], Some(&place), now)?;
    }
    for key in &removed {
        tx.delete_allocation(account_id, meter, key)?;
    }
    for key in &added {
        tx.put_allocation(&new_allocation(account_id, meter, key, 1, by, now))?;
    }
    Ok(AllocationsReplaced { added, removed, unchanged })
}

/// A new allocation.
pub(super) fn new_allocation(
    account_id: AccountId,
    meter: &Meter,
    key: &AllocationKey,
    quantity: u64,
    by: &Attribution,
    now: Timestamp,
) -> Allocation {
    let (meter, key, created_by) = (meter.clone(), key.clone(), by.clone());
    Allocation { account_id, meter, key, quantity, created_at: now, created_by }
}
