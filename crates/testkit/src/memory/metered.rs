//! Usage counters, usage records, allocations, holds and features, in memory.

use std::collections::BTreeSet;

use domain::error::StorageError;
use domain::ports::{
    Allocations, Charges, FeatureOverrides, Holds, Page, ReadAllocations, ReadFeatureOverrides, ReadHolds,
    ReadMetricsInUse, ReadUsage, ReadUsageRecords, UsagePosition, UsageRecords,
};
use domain::{
    AccountId, Allocation, AllocationKey, Charge, Feature, FeatureOverride, Hold, HoldId, Meter, Metric, Timestamp,
    UsageFilter, UsageRecord, UsageRecordId, Uuid,
};

use super::{Draft, bounded_page, check_new, gauge, missing, page};

impl ReadUsage for Draft {
    fn used(&mut self, account: AccountId, metric: &Metric, window_start: Timestamp) -> Result<u64, StorageError> {
        Ok(self.0.counters.get(&(account, metric.clone(), window_start)).map_or(0, |counter| counter.used))
    }

    fn used_in(
        &mut self,
        account: AccountId,
        metric: &Metric,
        windows: &[Timestamp],
    ) -> Result<Vec<(Timestamp, u64)>, StorageError> {
        let mut used = Vec::new();
        for window in windows {
            used.push((*window, self.used(account, metric, *window)?));
        }
        used.retain(|(_, used)| *used > 0);
        Ok(used)
    }
}

impl ReadMetricsInUse for Draft {
    fn list_metrics_in_use(&mut self) -> Result<Vec<Metric>, StorageError> {
        let counters = self.0.counters.iter().filter(|(_, counter)| counter.used > 0);
        Ok(counters.map(|((_, metric, _), _)| metric.clone()).collect::<BTreeSet<_>>().into_iter().collect())
    }
}

impl Charges for Draft {
    fn charge(
        &mut self,
        account: AccountId,
        source: Uuid,
        charges: &[Charge],
        has_records: bool,
    ) -> Result<(), StorageError> {
        let known = self.0.charges.get(&(account, source)).cloned().unwrap_or_default();
        if has_records && charges.iter().any(|charge| known.iter().any(|known| known.metric == charge.metric)) {
            return Err(StorageError::Backend("the source is charged already".to_owned()));
        }
        for charge in charges {
            self.add((account, charge.metric.clone(), charge.window_start), charge.quantity, has_records);
        }
        if has_records {
            self.change().charges.entry((account, source)).or_default().extend_from_slice(charges);
        }
        Ok(())
    }

    fn refund(&mut self, account: AccountId, source: Uuid) -> Result<(), StorageError> {
        let charges = self.change().charges.remove(&(account, source)).unwrap_or_default();
        for Charge { metric, window_start, quantity } in charges {
            self.subtract(&(account, metric, window_start), quantity)?;
        }
        Ok(())
    }
}

impl ReadUsageRecords for Draft {
    fn find_usage_record(
        &mut self,
        account: AccountId,
        id: UsageRecordId,
    ) -> Result<Option<UsageRecord>, StorageError> {
        Ok(self.0.usage_records.get(&id).filter(|record| record.account_id == account).cloned())
    }

    fn list_usage_records(
        &mut self,
        account: AccountId,
        filter: &UsageFilter,
        after: Option<UsagePosition>,
        max: usize,
    ) -> Result<Page<UsageRecord, UsagePosition>, StorageError> {
        let records = self.0.usage_records.values().filter(|it| it.account_id == account && filter.admits(it));
        Ok(bounded_page(records.cloned(), |record| (record.occurrence.day, record.id), after, max))
    }
}

impl UsageRecords for Draft {
    fn insert_usage_record(&mut self, record: &UsageRecord) -> Result<(), StorageError> {
        self.check_account(record.account_id)?;
        check_new(&self.0.usage_records, &record.id)?;
        self.change().usage_records.insert(record.id, record.clone());
        Ok(())
    }

    fn remove_usage_record(
        &mut self,
        account: AccountId,
        id: UsageRecordId,
        at: Timestamp,
    ) -> Result<(), StorageError> {
        let record = self.change().usage_records.get_mut(&id).filter(|record| record.account_id == account);
        record.ok_or_else(|| missing("usage record"))?.deleted_at = Some(at);
        Ok(())
    }
}

impl ReadAllocations for Draft {
    fn find_allocation(
        &mut self,
        account: AccountId,
        meter: &Meter,
        key: &AllocationKey,
    ) -> Result<Option<Allocation>, StorageError> {
        Ok(self.0.allocations.get(&(account, meter.clone(), key.clone())).cloned())
    }

    fn list_allocations(
        &mut self,
        account: AccountId,
        meter: &Meter,
        after: Option<&AllocationKey>,
        max: usize,
    ) -> Result<Vec<Allocation>, StorageError> {
        let of_meter = self.0.allocations.values().filter(|it| it.account_id == account && it.meter == *meter);
        Ok(of_meter.filter(|it| after.is_none_or(|after| *after < it.key)).take(max).cloned().collect())
    }
}

impl Allocations for Draft {
    fn put_allocation(&mut self, allocation: &Allocation) -> Result<(), StorageError> {
        let Allocation { account_id, meter, key, quantity, .. } = allocation;
        self.check_account(*account_id)?;
        let known = self.find_allocation(*account_id, meter, key)?;
        self.add(gauge(*account_id, meter), *quantity, true);
        let kept = match known {
            Some(known) => {
                self.subtract(&gauge(*account_id, meter), known.quantity)?;
                Allocation { quantity: *quantity, ..known }
            }
            None => allocation.clone(),
        };
        self.change().allocations.insert((*account_id, meter.clone(), key.clone()), kept);
        Ok(())
    }

    fn delete_allocation(
        &mut self,
        account: AccountId,
        meter: &Meter,
        key: &AllocationKey,
    ) -> Result<(), StorageError> {
        let Some(known) = self.change().allocations.remove(&(account, meter.clone(), key.clone())) else {
            return Ok(());
        };
        self.subtract(&gauge(account, meter), known.quantity)
    }
}

impl ReadHolds for Draft {
    fn find_hold(&mut self, account: AccountId, id: HoldId) -> Result<Option<Hold>, StorageError> {
        Ok(self.0.holds.get(&id).filter(|hold| hold.account_id == account).cloned())
    }

    fn list_live_holds(
        &mut self,
        account: AccountId,
        meter: Option<&Meter>,
        now: Timestamp,
    ) -> Result<Vec<Hold>, StorageError> {
        let of_account = self.0.holds.values().filter(|it| it.account_id == account);
        let of_meter = of_account.filter(|it| meter.is_none_or(|meter| it.meter == *meter));
        let mut live: Vec<Hold> = of_meter.filter(|hold| hold.is_live(now)).cloned().collect();
        live.sort_by_key(|hold| (hold.expires_at, hold.id));
        Ok(live)
    }

    fn count_live_holds(&mut self, account: AccountId, now: Timestamp) -> Result<u64, StorageError> {
        let live = self.0.holds.values().filter(|hold| hold.account_id == account && hold.is_live(now));
        Ok(live.count() as u64)
    }

    fn list_holds(&mut self, account: AccountId, after: Option<HoldId>, max: usize) -> Result<Vec<Hold>, StorageError> {
        let holds = self.0.holds.values().filter(|hold| hold.account_id == account).cloned();
        Ok(page(holds, |hold| hold.id, after.as_ref(), max))
    }
}

impl Holds for Draft {
    fn insert_hold(&mut self, hold: &Hold) -> Result<(), StorageError> {
        self.check_account(hold.account_id)?;
        check_new(&self.0.holds, &hold.id)?;
        self.change().holds.insert(hold.id, hold.clone());
        Ok(())
    }

    fn update_hold(&mut self, hold: &Hold) -> Result<(), StorageError> {
        let known = self.find_hold(hold.account_id, hold.id)?.ok_or_else(|| missing("hold"))?;
        let Hold { quantity, expires_at, state, closed_at, version, .. } = hold.clone();
        self.change().holds.insert(hold.id, Hold { quantity, expires_at, state, closed_at, version, ..known });
        Ok(())
    }

    fn delete_expired_holds(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        let mut expired: Vec<(Timestamp, HoldId)> =
            self.0.holds.values().map(|hold| (hold.expires_at, hold.id)).filter(|(at, _)| *at <= until).collect();
        expired.sort_unstable();
        expired.truncate(max);
        for (_, id) in &expired {
            self.change().holds.remove(id);
        }
        Ok(expired.len())
    }
}

impl ReadFeatureOverrides for Draft {
    fn list_feature_overrides(&mut self, account: AccountId) -> Result<Vec<FeatureOverride>, StorageError> {
        let all = self.0.feature_overrides.iter().filter(|((of, _), _)| *of == account);
        Ok(all.map(|(_, given)| given.clone()).collect())
    }
}

impl FeatureOverrides for Draft {
    fn put_feature_override(&mut self, account: AccountId, given: &FeatureOverride) -> Result<(), StorageError> {
        self.check_account(account)?;
        self.change().feature_overrides.insert((account, given.feature.clone()), given.clone());
        Ok(())
    }

    fn delete_feature_override(&mut self, account: AccountId, feature: &Feature) -> Result<(), StorageError> {
        self.change().feature_overrides.remove(&(account, feature.clone()));
        Ok(())
    }
}
