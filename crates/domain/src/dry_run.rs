//! A rehearsal: the same use cases on a snapshot, with nothing written.

use jiff::civil::Date;

use crate::error::StorageError;
use crate::ports::{
    Accounts, Bookings, Page, ReadAccounts, ReadBookings, ReadStaff, ReadSubscriptions, ReadTx, Staff, Subscriptions,
};
use crate::{
    Account, AccountId, Booking, BookingFilter, BookingId, BookingPosition, Metric, Override, PlanKey, StaffId,
    StaffMember, Subscription, SubscriptionChange, SubscriptionChangeId,
};

/// Lets a use case run on what can only be read: what it writes is accepted and forgotten.
///
/// It answers as it would on the store, for every use case that decides before it writes, as they all do.
pub struct DryRun<'tx>(pub &'tx mut dyn ReadTx);

impl ReadAccounts for DryRun<'_> {
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        self.0.find_account(id)
    }

    fn account_exists(&mut self, id: AccountId) -> Result<bool, StorageError> {
        self.0.account_exists(id)
    }

    fn list_plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError> {
        self.0.list_plans_in_use()
    }

    fn list_accounts_on(&mut self, plan: &PlanKey, max: usize) -> Result<Vec<AccountId>, StorageError> {
        self.0.list_accounts_on(plan, max)
    }
}

impl ReadStaff for DryRun<'_> {
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> Result<Option<StaffMember>, StorageError> {
        self.0.find_staff_member(account, id)
    }

    fn count_active_staff(&mut self, account: AccountId) -> Result<u32, StorageError> {
        self.0.count_active_staff(account)
    }

    fn list_staff(
        &mut self,
        account: AccountId,
        include_deleted: bool,
        after: Option<StaffId>,
        max: usize,
    ) -> Result<Vec<StaffMember>, StorageError> {
        self.0.list_staff(account, include_deleted, after, max)
    }
}

impl ReadBookings for DryRun<'_> {
    fn find_booking(&mut self, account: AccountId, id: BookingId) -> Result<Option<Booking>, StorageError> {
        self.0.find_booking(account, id)
    }

    fn count_bookings_on(&mut self, account: AccountId, day: Date) -> Result<u32, StorageError> {
        self.0.count_bookings_on(account, day)
    }

    fn count_bookings_between(
        &mut self,
        account: AccountId,
        from: Date,
        to: Date,
    ) -> Result<Vec<(Date, u32)>, StorageError> {
        self.0.count_bookings_between(account, from, to)
    }

    fn list_bookings(
        &mut self,
        account: AccountId,
        filter: &BookingFilter,
        after: Option<BookingPosition>,
        max: usize,
    ) -> Result<Page<Booking, BookingPosition>, StorageError> {
        self.0.list_bookings(account, filter, after, max)
    }
}

impl ReadSubscriptions for DryRun<'_> {
    fn list_subscription_changes(
        &mut self,
        account: AccountId,
        after: Option<SubscriptionChangeId>,
        max: usize,
    ) -> Result<Vec<SubscriptionChange>, StorageError> {
        self.0.list_subscription_changes(account, after, max)
    }
}

impl Accounts for DryRun<'_> {
    /// Found and not locked: a snapshot does not change.
    fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        self.0.find_account(id)
    }

    fn insert_account(&mut self, _: &Account) -> Result<(), StorageError> {
        Ok(())
    }

    fn update_account(&mut self, _: &Account) -> Result<(), StorageError> {
        Ok(())
    }

    fn put_override(&mut self, _: AccountId, _: &Override) -> Result<(), StorageError> {
        Ok(())
    }

    fn delete_override(&mut self, _: AccountId, _: Metric) -> Result<(), StorageError> {
        Ok(())
    }
}

impl Subscriptions for DryRun<'_> {
    fn put_subscription(&mut self, _: AccountId, _: Option<&Subscription>, _: u32) -> Result<(), StorageError> {
        Ok(())
    }

    fn append_subscription_change(&mut self, _: AccountId, _: &SubscriptionChange) -> Result<(), StorageError> {
        Ok(())
    }
}

impl Staff for DryRun<'_> {
    fn insert_staff_member(&mut self, _: &StaffMember) -> Result<(), StorageError> {
        Ok(())
    }

    fn update_staff_member(&mut self, _: &StaffMember) -> Result<(), StorageError> {
        Ok(())
    }
}

impl Bookings for DryRun<'_> {
    fn insert_booking(&mut self, _: &Booking) -> Result<(), StorageError> {
        Ok(())
    }

    fn update_booking(&mut self, _: &Booking) -> Result<(), StorageError> {
        Ok(())
    }
}
