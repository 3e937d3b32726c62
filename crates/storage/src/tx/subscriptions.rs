//! Subscriptions, which are columns of `accounts`, and their history.

use domain::error::StorageError;
use domain::ports::{ReadSubscriptions, Subscriptions};
use domain::{AccountId, Subscription, SubscriptionChange, SubscriptionChangeId};

use super::{END, SqlTx, limit};
use crate::tables::{self, SUBSCRIPTION_CHANGES, sql};

impl ReadSubscriptions for SqlTx<'_> {
    fn list_subscription_changes(
        &mut self,
        account: AccountId,
        after: Option<SubscriptionChangeId>,
        max: usize,
    ) -> Result<Vec<SubscriptionChange>, StorageError> {
        let sql = sql!(
            "SELECT {} FROM subscription_changes WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            SUBSCRIPTION_CHANGES.column_list()
        );
        let after = after.map_or(END, SubscriptionChangeId::uuid);
        self.list(sql, &[account.uuid().into(), after.into(), limit(max)], tables::subscription_change)
    }
}

impl Subscriptions for SqlTx<'_> {
    fn put_subscription(
        &mut self,
        account: AccountId,
        subscription: Option<&Subscription>,
        version: u32,
    ) -> Result<(), StorageError> {
        self.account = None;
        let sql = sql!(
            "UPDATE accounts SET version = $2, subscription_id = $3, plan = $4, subscribed_at = $5, plan_since = $6,
                 scheduled_id = $7, scheduled_plan = $8, scheduled_at = $9, scheduled_requested_by = $10,
                 scheduled_requested_at = $11, scheduled_reason = $12
             WHERE id = $1"
        );
        let mut params = vec![account.uuid().into(), version.into()];
        params.extend(tables::subscription_values(subscription));
        self.change("account", sql, &params)
    }

    fn append_subscription_change(
        &mut self,
        account: AccountId,
        change: &SubscriptionChange,
    ) -> Result<(), StorageError> {
        self.insert(&SUBSCRIPTION_CHANGES, &tables::subscription_change_values(account, change))
    }
}
