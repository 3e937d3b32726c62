//! An in-memory store: for tests of the use cases, and as the model that real stores are compared
//! with.

mod access;
mod bookings;
mod erasure;
mod idempotency;
mod metered;
mod subscriptions;

use std::collections::{BTreeMap, BTreeSet};
use std::future::ready;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::error::StorageError;
use domain::ports::{Accounts, Discrepancy, Page, ReadAccounts, ReadStaff, ReadTx, Staff, Store, WriteTx};
use domain::{
    Account, AccountId, Allocation, AllocationKey, ApiKey, ApiKeyId, AuditEntry, Booking, BookingId, Charge, Erasure,
    ExternalId, Feature, FeatureOverride, Grant, GrantId, Hold, HoldId, IdempotencyKey, IdempotencyRecord, Meter,
    Metric, Override, PlanKey, RefreshToken, Role, Session, SessionId, StaffId, StaffMember, SubscriptionChange,
    SubscriptionChangeId, Timestamp, UNBOUNDED, UsageRecord, UsageRecordId, User, UserId, Uuid, window_of_day,
};

/// An in-memory store. It has every guarantee of [`Store`] except durability.
#[derive(Debug, Default)]
pub struct MemoryStore {
    /// Locked by the unit that writes. It is separate from `state`, so that reads do not wait for a
    /// unit.
    turn: Mutex<()>,
    /// The committed state. It is never changed: a unit works on a copy, which replaces it.
    state: Mutex<Arc<MemoryState>>,
}

/// Counters are stored beside the rows, as in a real store, so that [`Store::verify`] can compare
/// them.
#[derive(Clone, Debug, Default)]
struct MemoryState {
    accounts: BTreeMap<AccountId, Account>,
    staff: BTreeMap<StaffId, StaffMember>,
    bookings: BTreeMap<BookingId, Booking>,
    subscription_changes: BTreeMap<(AccountId, SubscriptionChangeId), SubscriptionChange>,
    external_ids: BTreeMap<ExternalId, AccountId>,
    counters: BTreeMap<CounterKey, Counter>,
    charges: BTreeMap<(AccountId, Uuid), Vec<Charge>>,
    usage_records: BTreeMap<UsageRecordId, UsageRecord>,
    allocations: BTreeMap<(AccountId, Meter, AllocationKey), Allocation>,
    holds: BTreeMap<HoldId, Hold>,
    feature_overrides: BTreeMap<(AccountId, Feature), FeatureOverride>,
    users: BTreeMap<UserId, User>,
    sessions: BTreeMap<SessionId, Session>,
    refresh_tokens: BTreeMap<[u8; 32], RefreshToken>,
    api_keys: BTreeMap<ApiKeyId, ApiKey>,
    members: BTreeMap<(AccountId, UserId), Membership>,
    audit: Vec<AuditEntry>,
    idempotency: BTreeMap<IdempotencyKey, IdempotencyRecord>,
    erasures: Vec<Erasure>,
}

/// The account, the metric, and the label of the window.
type CounterKey = (AccountId, Metric, Timestamp);

/// A usage counter.
#[derive(Clone, Copy, Debug)]
struct Counter {
    used: u64,
    /// Whether all of what it counts has rows.
    is_recorded: bool,
}

/// A user's membership in an account.
#[derive(Clone, Copy, Debug)]
struct Membership {
    role: Role,
    is_pending: bool,
    created_at: Timestamp,
}

/// The state of one unit of work: the committed state, copied on the first change.
struct Draft(Arc<MemoryState>);

impl MemoryStore {
    fn draft(&self) -> Draft {
        Draft(Arc::clone(&lock(&self.state)))
    }
}

/// Poison is ignored: panics are caught inside a unit, and the guarded state is only replaced as a
/// whole.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Turns a panic of `work` into an error.
fn caught<T, E: From<StorageError>>(work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
    // Unwind safe: a panic drops the incomplete draft.
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|_| Err(StorageError::Backend("the unit of work panicked".to_owned()).into()))
}

impl Store for MemoryStore {
    fn write<T, E>(
        &self,
        mut work: impl FnMut(&mut dyn WriteTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        // Outside of the future: a unit runs whether or not the future is awaited.
        let _turn = lock(&self.turn);
        let mut draft = self.draft();
        let result = caught(|| work(&mut draft));
        if result.is_ok() {
            *lock(&self.state) = draft.0;
        }
        ready(result)
    }

    fn read<T, E>(
        &self,
        work: impl FnOnce(&mut dyn ReadTx) -> Result<T, E> + Send + 'static,
    ) -> impl Future<Output = Result<T, E>> + Send
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let mut snapshot = self.draft();
        ready(caught(|| work(&mut snapshot)))
    }

    fn verify(&self) -> impl Future<Output = Result<Vec<Discrepancy>, StorageError>> + Send {
        ready(Ok(self.draft().0.discrepancies()))
    }
}

impl MemoryState {
    fn discrepancies(&self) -> Vec<Discrepancy> {
        let rows = self.counted_rows();
        let uncounted = rows.keys().filter(|key| !self.counters.contains_key(key));
        let keys = self.counters.keys().chain(uncounted);
        let compare = |key: &CounterKey| {
            let Counter { used, is_recorded } =
                self.counters.get(key).copied().unwrap_or(Counter { used: 0, is_recorded: true });
            let rows = rows.get(key).copied().unwrap_or(0);
            let (account_id, metric, window_start) = key.clone();
            let found = Discrepancy::Counter { account_id, metric, window_start, counter: used, rows };
            (is_recorded && used != rows).then_some(found)
        };
        keys.filter_map(compare).collect()
    }

    /// What each counter should be, by the rows.
    fn counted_rows(&self) -> BTreeMap<CounterKey, u64> {
        let staff = self.staff.values().filter(|member| member.deleted_at.is_none());
        let staff = staff.map(|member| ((member.account_id, Metric::STAFF, UNBOUNDED), 1));
        let bookings = self.bookings.values().filter(|booking| booking.is_counted());
        let bookings = bookings.map(|it| ((it.account_id, Metric::BOOKINGS_PER_DAY, window_of_day(it.day)), 1));
        let charges =
            self.charges.iter().flat_map(|((account, _), charges)| charges.iter().map(move |it| (account, it)));
        let charges = charges.map(|(account, it)| ((*account, it.metric.clone(), it.window_start), it.quantity));
        let allocations = self.allocations.values().map(|it| (gauge(it.account_id, &it.meter), it.quantity));
        let mut sums = BTreeMap::new();
        for (key, quantity) in staff.chain(bookings).chain(charges).chain(allocations) {
            *sums.entry(key).or_default() += quantity;
        }
        sums
    }
}

/// The counter of the gauges of a meter.
fn gauge(account: AccountId, meter: &Meter) -> CounterKey {
    (account, meter.as_str().parse().expect("a meter's key is also a metric's"), UNBOUNDED)
}

impl Draft {
    fn change(&mut self) -> &mut MemoryState {
        Arc::make_mut(&mut self.0)
    }

    fn check_account(&self, id: AccountId) -> Result<(), StorageError> {
        if self.0.accounts.contains_key(&id) {
            Ok(())
        } else {
            Err(StorageError::Backend(format!("there is no account {id}")))
        }
    }

    fn add(&mut self, key: CounterKey, quantity: u64, has_records: bool) {
        let counter = self.change().counters.entry(key).or_insert(Counter { used: 0, is_recorded: true });
        *counter = Counter { used: counter.used + quantity, is_recorded: counter.is_recorded && has_records };
    }

    fn subtract(&mut self, key: &CounterKey, quantity: u64) -> Result<(), StorageError> {
        let counter = self.change().counters.get_mut(key).ok_or_else(|| missing("usage counter"))?;
        counter.used = counter.used.checked_sub(quantity).ok_or_else(|| missing("usage"))?;
        Ok(())
    }

    fn account_mut(&mut self, id: AccountId) -> Result<&mut Account, StorageError> {
        self.change().accounts.get_mut(&id).ok_or_else(|| missing("account"))
    }
}

/// Up to `max` values after `after`, by descending key.
fn page<T, K: Ord>(rows: impl Iterator<Item = T>, key: impl Fn(&T) -> K, after: Option<&K>, max: usize) -> Vec<T> {
    let mut rows: Vec<T> = rows.filter(|row| after.is_none_or(|after| key(row) < *after)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(key(row)));
    rows.truncate(max);
    rows
}

/// The same as a [`Page`].
fn bounded_page<T, K: Copy + Ord>(
    rows: impl Iterator<Item = T>,
    key: impl Fn(&T) -> K,
    after: Option<K>,
    max: usize,
) -> Page<T, K> {
    let mut items = page(rows, &key, after.as_ref(), max.saturating_add(1));
    let has_more = items.len() > max;
    items.truncate(max);
    let next = if has_more { items.last().map(key).or(after) } else { None };
    Page { items, next }
}

fn missing(what: &str) -> StorageError {
    StorageError::Backend(format!("there is no such {what}"))
}

fn check_new<K: Ord, V>(rows: &BTreeMap<K, V>, id: &K) -> Result<(), StorageError> {
    if rows.contains_key(id) { Err(StorageError::Backend("the id is taken".to_owned())) } else { Ok(()) }
}

/// The plan of an account, and its scheduled plan.
fn plans_of(account: &Account) -> impl Iterator<Item = &PlanKey> {
    account.subscription.iter().flat_map(|it| {
        let scheduled = it.scheduled.as_ref().and_then(|change| change.to.as_ref());
        std::iter::once(&it.plan).chain(scheduled)
    })
}

impl ReadAccounts for Draft {
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        Ok(self.0.accounts.get(&id).cloned())
    }

    fn find_account_by_external_id(&mut self, external_id: &ExternalId) -> Result<Option<AccountId>, StorageError> {
        Ok(self.0.external_ids.get(external_id).copied())
    }

    fn account_exists(&mut self, id: AccountId) -> Result<bool, StorageError> {
        Ok(self.0.accounts.get(&id).is_some_and(|account| account.deleted_at.is_none()))
    }

    fn list_plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError> {
        let plans: BTreeSet<&PlanKey> = self.0.accounts.values().flat_map(plans_of).collect();
        Ok(plans.into_iter().cloned().collect())
    }

    fn list_accounts_on(&mut self, plan: &PlanKey, max: usize) -> Result<Vec<AccountId>, StorageError> {
        let on_it = self.0.accounts.values().filter(|account| plans_of(account).any(|its| its == plan));
        Ok(on_it.map(|account| account.id).take(max).collect())
    }
}

impl ReadStaff for Draft {
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> Result<Option<StaffMember>, StorageError> {
        Ok(self.0.staff.get(&id).filter(|member| member.account_id == account).cloned())
    }

    fn list_staff(
        &mut self,
        account: AccountId,
        include_deleted: bool,
        after: Option<StaffId>,
        max: usize,
    ) -> Result<Vec<StaffMember>, StorageError> {
        let wanted = |it: &&StaffMember| it.account_id == account && (include_deleted || it.deleted_at.is_none());
        let members = self.0.staff.values().filter(wanted).cloned();
        Ok(page(members, |member| member.id, after.as_ref(), max))
    }
}

impl Accounts for Draft {
    fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        // Units run one after the other, so every account is locked already.
        self.find_account(id)
    }

    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError> {
        check_new(&self.0.accounts, &account.id)?;
        if let Some(external_id) = &account.external_id {
            check_new(&self.0.external_ids, external_id)?;
            self.change().external_ids.insert(external_id.clone(), account.id);
        }
        let opened = Account { subscription: None, overrides: Vec::new(), grants: Vec::new(), ..account.clone() };
        self.change().accounts.insert(account.id, opened);
        Ok(())
    }

    fn update_account(&mut self, account: &Account) -> Result<(), StorageError> {
        let known = self.account_mut(account.id)?;
        let Account { subscription, overrides, grants, created_at, external_id, .. } = known.clone();
        *known = Account { subscription, overrides, grants, created_at, external_id, ..account.clone() };
        Ok(())
    }

    fn put_override(&mut self, account: AccountId, given: &Override) -> Result<(), StorageError> {
        self.delete_override(account, &given.metric)?;
        let overrides = &mut self.account_mut(account)?.overrides;
        overrides.push(given.clone());
        overrides.sort_unstable_by(|a, b| b.metric.cmp(&a.metric));
        Ok(())
    }

    fn delete_override(&mut self, account: AccountId, metric: &Metric) -> Result<(), StorageError> {
        self.account_mut(account)?.overrides.retain(|given| given.metric != *metric);
        Ok(())
    }

    fn insert_grant(&mut self, account: AccountId, grant: &Grant) -> Result<(), StorageError> {
        if self.0.accounts.values().any(|account| account.grants.iter().any(|known| known.id == grant.id)) {
            return Err(StorageError::Backend("the id is taken".to_owned()));
        }
        let grants = &mut self.account_mut(account)?.grants;
        grants.push(grant.clone());
        grants.sort_unstable_by_key(|grant| std::cmp::Reverse(grant.id));
        Ok(())
    }

    fn delete_grant(&mut self, account: AccountId, id: GrantId) -> Result<(), StorageError> {
        self.account_mut(account)?.grants.retain(|grant| grant.id != id);
        Ok(())
    }
}

impl Staff for Draft {
    fn insert_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        self.check_account(member.account_id)?;
        check_new(&self.0.staff, &member.id)?;
        self.change().staff.insert(member.id, member.clone());
        let is_active = member.deleted_at.is_none();
        self.add((member.account_id, Metric::STAFF, UNBOUNDED), u64::from(is_active), true);
        Ok(())
    }

    fn update_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        let known = self.find_staff_member(member.account_id, member.id)?;
        let known = known.ok_or_else(|| missing("staff member"))?;
        let active = (member.account_id, Metric::STAFF, UNBOUNDED);
        self.add(active.clone(), u64::from(member.deleted_at.is_none()), true);
        self.subtract(&active, u64::from(known.deleted_at.is_none()))?;
        self.change().staff.insert(
            member.id,
            StaffMember { created_at: known.created_at, created_by: known.created_by, ..member.clone() },
        );
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use domain::ports::{Allocations, Bookings, Charges};

    use super::*;
    use crate::fixtures::{CountingIds, NOW, account, allocation, booking, day, metric_key, staff_member};

    #[test]
    fn a_counter_that_differs_from_its_rows_is_reported() {
        let ids = CountingIds::default();
        let (account, day) = (account(ids.account()), day("2026-03-29"));
        let mut draft = Draft(Arc::default());
        draft.insert_account(&account).unwrap();
        draft.insert_staff_member(&staff_member(account.id, ids.staff())).unwrap();
        draft.insert_booking(&booking(account.id, ids.booking(), day)).unwrap();
        draft.put_allocation(&allocation(account.id, "disks", "a", 5)).unwrap();
        for (metric, quantity, has_records) in [("sms", 3, true), ("calls", 4, false)] {
            let charge = Charge { metric: metric_key(metric), window_start: NOW, quantity };
            draft.charge(account.id, ids.usage_record().uuid(), &[charge], has_records).unwrap();
        }
        assert_eq!(draft.0.discrepancies(), []);
        draft.change().counters.remove(&(account.id, Metric::STAFF, UNBOUNDED));
        draft.change().bookings.clear();
        draft.change().allocations.clear();
        for metric in ["sms", "calls"].map(metric_key) {
            draft.change().counters.get_mut(&(account.id, metric, NOW)).unwrap().used = 9;
        }
        let found = |metric, window_start, counter, rows| Discrepancy::Counter {
            account_id: account.id,
            metric,
            window_start,
            counter,
            rows,
        };
        let expected = [
            found(Metric::BOOKINGS_PER_DAY, window_of_day(day), 1, 0),
            found(metric_key("disks"), UNBOUNDED, 5, 0),
            found(metric_key("sms"), NOW, 9, 3),
            found(Metric::STAFF, UNBOUNDED, 0, 1),
        ];
        assert_eq!(draft.0.discrepancies(), expected);
    }
}
