//! A dry run: a use case on a snapshot, whose writes are discarded.

use crate::error::StorageResult;
use crate::ports::{Accounts, Bookings, Snapshot, Staff, Subscriptions};
use crate::{Account, AccountId, Booking, Metric, Override, StaffMember, Subscription, SubscriptionChange};

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

    fn delete_override(&mut self, _: AccountId, _: Metric) -> StorageResult<()> {
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
