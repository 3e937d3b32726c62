//! Subscriptions and their history, in memory.

use domain::error::StorageError;
use domain::ports::{ReadSubscriptions, Subscriptions};
use domain::{AccountId, Subscription, SubscriptionChange, SubscriptionChangeId};

use super::{Draft, check_new, page};

impl ReadSubscriptions for Draft {
    fn list_subscription_changes(
        &mut self,
        account: AccountId,
        after: Option<SubscriptionChangeId>,
        max: usize,
    ) -> Result<Vec<SubscriptionChange>, StorageError> {
        let of_account = self.0.subscription_changes.iter().filter(|((its, _), _)| *its == account);
        Ok(page(of_account.map(|(_, change)| change.clone()), |change| change.id, after.as_ref(), max))
    }
}

impl Subscriptions for Draft {
    fn put_subscription(
        &mut self,
        account: AccountId,
        subscription: Option<&Subscription>,
        version: u32,
    ) -> Result<(), StorageError> {
        self.check_account(account)?;
        let known = self.account_mut(account)?;
        (known.subscription, known.version) = (subscription.cloned(), version);
        Ok(())
    }

    fn append_subscription_change(
        &mut self,
        account: AccountId,
        change: &SubscriptionChange,
    ) -> Result<(), StorageError> {
        self.check_account(account)?;
        check_new(&self.0.subscription_changes, &(account, change.id))?;
        self.change().subscription_changes.insert((account, change.id), change.clone());
        Ok(())
    }
}
