//! A dry run: a use case on a snapshot, whose writes are discarded.

use crate::error::StorageResult;
use crate::ports::{
    Accounts, Allocations, Bookings, Charges, FeatureOverrides, Holds, Members, Snapshot, Staff, Subscriptions,
    UsageRecords,
};
use crate::{
    Account, AccountId, Allocation, AllocationKey, Booking, Charge, Feature, FeatureOverride, Grant, GrantId, Hold,
    Meter, Metric, Override, Role, StaffMember, Subscription, SubscriptionChange, Timestamp, UsageRecord,
    UsageRecordId, UserId, Uuid,
};

/// A snapshot that also accepts writes, and discards them. A [`ReadTx`](crate::ports::ReadTx)
/// coerces to it.
///
/// A use case returns what it would return on the store, because every use case decides before it
/// writes.
pub type DryRun<'tx> = dyn Snapshot + 'tx;

impl Accounts for DryRun<'_> {
    /// Needs no lock: a snapshot does not change.
    fn lock_account(&mut self, id: AccountId) -> StorageResult<Option<Account>> {
        self.find_account(id)
    }

    fn insert_account(&mut self, _: &Account) -> StorageResult<()> {
        Ok(())
    }

    fn update_account(&mut self, _: &Account) -> StorageResult<()> {
        Ok(())
    }

    fn put_override(&mut self, _: AccountId, _: &Override) -> StorageResult<()> {
        Ok(())
    }

    fn delete_override(&mut self, _: AccountId, _: &Metric) -> StorageResult<()> {
        Ok(())
    }

    fn insert_grant(&mut self, _: AccountId, _: &Grant) -> StorageResult<()> {
        Ok(())
    }

    fn delete_grant(&mut self, _: AccountId, _: GrantId) -> StorageResult<()> {
        Ok(())
    }
}

impl Members for DryRun<'_> {
    fn put_member(&mut self, _: AccountId, _: UserId, _: Role, _: Timestamp) -> StorageResult<()> {
        Ok(())
    }

    fn put_pending_owner(&mut self, _: AccountId, _: UserId, _: Timestamp) -> StorageResult<()> {
        Ok(())
    }

    fn delete_member(&mut self, _: AccountId, _: UserId) -> StorageResult<()> {
        Ok(())
    }
}

impl Subscriptions for DryRun<'_> {
    fn put_subscription(&mut self, _: AccountId, _: Option<&Subscription>, _: u32) -> StorageResult<()> {
        Ok(())
    }

    fn append_subscription_change(&mut self, _: AccountId, _: &SubscriptionChange) -> StorageResult<()> {
        Ok(())
    }
}

impl Staff for DryRun<'_> {
    fn insert_staff_member(&mut self, _: &StaffMember) -> StorageResult<()> {
        Ok(())
    }

    fn update_staff_member(&mut self, _: &StaffMember) -> StorageResult<()> {
        Ok(())
    }
}

impl Bookings for DryRun<'_> {
    fn insert_booking(&mut self, _: &Booking) -> StorageResult<()> {
        Ok(())
    }

    fn update_booking(&mut self, _: &Booking) -> StorageResult<()> {
        Ok(())
    }
}

impl FeatureOverrides for DryRun<'_> {
    fn put_feature_override(&mut self, _: AccountId, _: &FeatureOverride) -> StorageResult<()> {
        Ok(())
    }

    fn delete_feature_override(&mut self, _: AccountId, _: &Feature) -> StorageResult<()> {
        Ok(())
    }
}

impl Charges for DryRun<'_> {
    fn charge(&mut self, _: AccountId, _: Uuid, _: &[Charge], _: bool) -> StorageResult<()> {
        Ok(())
    }

    fn refund(&mut self, _: AccountId, _: Uuid) -> StorageResult<()> {
        Ok(())
    }
}

impl UsageRecords for DryRun<'_> {
    fn insert_usage_record(&mut self, _: &UsageRecord) -> StorageResult<()> {
        Ok(())
    }

    fn remove_usage_record(&mut self, _: AccountId, _: UsageRecordId, _: Timestamp) -> StorageResult<()> {
        Ok(())
    }
}

impl Allocations for DryRun<'_> {
    fn put_allocation(&mut self, _: &Allocation) -> StorageResult<()> {
        Ok(())
    }

    fn delete_allocation(&mut self, _: AccountId, _: &Meter, _: &AllocationKey) -> StorageResult<()> {
        Ok(())
    }
}

impl Holds for DryRun<'_> {
    fn insert_hold(&mut self, _: &Hold) -> StorageResult<()> {
        Ok(())
    }

    fn update_hold(&mut self, _: &Hold) -> StorageResult<()> {
        Ok(())
    }

    fn delete_expired_holds(&mut self, _: Timestamp, _: usize) -> StorageResult<usize> {
        Ok(0)
    }
}
