//! Subscriptions: in their account's row, but for what is scheduled, and their history.

use domain::error::StorageError;
use domain::ports::{ReadSubscriptions, Subscriptions};
use domain::{AccountId, Notes, ScheduledChange, Subscription, SubscriptionChange, SubscriptionChangeId, UserId, Wish};
use rusqlite::{Row, params};

use super::{END, SqliteTx};
use crate::sqlite::row;

/// Who wished for something, when and why: three columns from `first` on.
fn wish(found: &Row<'_>, first: usize) -> Result<Wish, StorageError> {
    Ok(Wish {
        by: UserId::from_uuid(row::uuid(found, first)?),
        at: row::instant(found, first + 1)?,
        reason: row::optional(found, first + 2, Notes::parse)?,
    })
}

impl SqliteTx<'_> {
    pub(super) fn scheduled_change(&self, account: AccountId) -> Result<Option<ScheduledChange>, StorageError> {
        self.find(
            "SELECT id, plan, at, wished_by, wished_at, reason FROM scheduled_changes WHERE account_id = ?1",
            [row::id(account.uuid())],
            |found| {
                Ok(ScheduledChange {
                    id: SubscriptionChangeId::from_uuid(row::uuid(found, 0)?),
                    to: row::optional(found, 1, str::parse)?,
                    at: row::instant(found, 2)?,
                    wish: wish(found, 3)?,
                })
            },
        )
    }

    fn put_scheduled_change(&mut self, account: AccountId, change: &ScheduledChange) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO scheduled_changes (account_id, id, plan, at, wished_by, wished_at, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            params![
                row::id(account.uuid()),
                row::id(change.id.uuid()),
                change.to.as_ref().map(domain::PlanKey::as_str),
                change.at.as_microsecond(),
                row::id(change.wish.by.uuid()),
                change.wish.at.as_microsecond(),
                change.wish.reason.as_ref().map(Notes::as_str)
            ],
        )
        .map(drop)
    }
}

impl ReadSubscriptions for SqliteTx<'_> {
    fn list_subscription_changes(
        &mut self,
        account: AccountId,
        after: Option<SubscriptionChangeId>,
        max: usize,
    ) -> Result<Vec<SubscriptionChange>, StorageError> {
        self.list(
            "SELECT id, from_plan, to_plan, at, wished_by, wished_at, reason FROM subscription_changes
             WHERE account_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3",
            params![row::id(account.uuid()), after.map_or(END, |id| row::id(id.uuid())), row::limit(max)],
            |found| {
                Ok(SubscriptionChange {
                    id: SubscriptionChangeId::from_uuid(row::uuid(found, 0)?),
                    from: row::optional(found, 1, str::parse)?,
                    to: row::optional(found, 2, str::parse)?,
                    at: row::instant(found, 3)?,
                    wish: wish(found, 4)?,
                })
            },
        )
    }
}

impl Subscriptions for SqliteTx<'_> {
    fn put_subscription(
        &mut self,
        account: AccountId,
        subscription: Option<&Subscription>,
    ) -> Result<(), StorageError> {
        self.change_account(
            account,
            "UPDATE accounts SET subscription_id = ?2, plan = ?3, subscribed_at = ?4, plan_since = ?5 WHERE id = ?1",
            params![
                row::id(account.uuid()),
                subscription.map(|it| row::id(it.id.uuid())),
                subscription.map(|it| it.plan.as_str()),
                subscription.map(|it| it.created_at.as_microsecond()),
                subscription.map(|it| it.plan_since.as_microsecond())
            ],
        )?;
        let sql = "DELETE FROM scheduled_changes WHERE account_id = ?1";
        let had_change = self.execute(sql, [row::id(account.uuid())])? > 0;
        let scheduled = subscription.and_then(|it| it.scheduled.as_ref());
        if let Some(change) = scheduled {
            self.put_scheduled_change(account, change)?;
        }
        if had_change || scheduled.is_some() { self.note_whether_more(account) } else { Ok(()) }
    }

    fn append_subscription_change(
        &mut self,
        account: AccountId,
        change: &SubscriptionChange,
    ) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO subscription_changes (account_id, id, from_plan, to_plan, at, wished_by, wished_at, reason)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            params![
                row::id(account.uuid()),
                row::id(change.id.uuid()),
                change.from.as_ref().map(domain::PlanKey::as_str),
                change.to.as_ref().map(domain::PlanKey::as_str),
                change.at.as_microsecond(),
                row::id(change.wish.by.uuid()),
                change.wish.at.as_microsecond(),
                change.wish.reason.as_ref().map(Notes::as_str)
            ],
        )
        .map(drop)
    }
}
