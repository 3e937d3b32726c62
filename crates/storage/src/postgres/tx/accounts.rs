//! Accounts: one row each, which is locked by whoever acts on them.

use domain::error::StorageError;
use domain::ports::{Accounts, ReadAccounts};
use domain::{Account, AccountId, Limit, Metric, Name, Notes, Override, PlanKey, Subscription, SubscriptionId, UserId};
use domain::{Uuid, Zone};
use postgres::Row;

use super::PgTx;
use crate::postgres::row::{self, Instant};
use crate::postgres::session::Params;

/// An account's row, as it is by the end of the unit of work so far.
pub(super) struct Known {
    pub(super) account: Account,
    /// The newest entry of its audit.
    pub(super) audit_head: Option<Uuid>,
    /// How many bookings it ever made.
    pub(super) bookings: i64,
    pub(super) active_staff: i64,
    /// Whether any of these differ from what is in the database.
    pub(super) is_changed: bool,
}

/// The columns that [`account`] reads.
macro_rules! account_columns {
    () => {
        "a.id, a.name, a.time_zone, a.created_at, a.deleted_at, a.subscription_id, a.plan, a.subscribed_at, \
         a.plan_since, a.has_more"
    };
}
pub(super) use account_columns;

/// The account, and whether other tables say more of it.
pub(super) fn account(found: &Row) -> Result<(Account, bool), StorageError> {
    let subscription = match row::optional_uuid(found, 5)? {
        Some(id) => Some(Subscription {
            id: SubscriptionId::from_uuid(id),
            plan: row::parsed(found, 6, str::parse)?,
            created_at: row::instant(found, 7)?,
            plan_since: row::instant(found, 8)?,
            scheduled: None,
        }),
        None => None,
    };
    let account = Account {
        id: AccountId::from_uuid(row::uuid(found, 0)?),
        name: row::parsed(found, 1, Name::parse)?,
        zone: row::parsed(found, 2, Zone::parse)?,
        created_at: row::instant(found, 3)?,
        deleted_at: row::optional_instant(found, 4)?,
        subscription,
        overrides: Vec::new(),
    };
    Ok((account, row::column(found, 9)?))
}

macro_rules! known_account {
    ($end:literal) => {
        concat!(
            "SELECT ",
            account_columns!(),
            ", a.audit_head, a.bookings, a.active_staff FROM accounts a WHERE a.id = $1",
            $end
        )
    };
}

impl PgTx<'_> {
    /// The account's row, kept from one look to the next. A unit that may write locks it, by a statement that does nothing
    /// else: one that looks further would look at what was there before it had the lock (docs/adr/0016-postgresql.md).
    pub(super) fn know(&mut self, account: AccountId) -> Result<Option<&mut Known>, StorageError> {
        if self.known.as_ref().is_none_or(|known| known.account.id != account) {
            self.write_pending()?;
            self.known = self.look_up(account)?;
        }
        Ok(self.known.as_mut())
    }

    /// As [`PgTx::know`], for whoever changes what the row holds besides the account: it is written with the next
    /// statement, at the end of the unit if there is none.
    pub(super) fn change_known(&mut self, account: AccountId) -> Result<&mut Known, StorageError> {
        let missing = || StorageError::Backend(format!("there is no account {account}"));
        let known = self.know(account)?.ok_or_else(missing)?;
        known.is_changed = true;
        Ok(known)
    }

    /// Runs a statement that changes one account, of which nothing is known from now on.
    pub(super) fn change_account(&mut self, sql: &'static str, params: Params<'_>) -> Result<(), StorageError> {
        let changed = self.change("account", sql, params);
        self.known = None;
        changed
    }

    fn look_up(&mut self, id: AccountId) -> Result<Option<Known>, StorageError> {
        self.pass_gate(id)?;
        let sql = if self.holding.is_some() { known_account!(" FOR UPDATE") } else { known_account!("") };
        let read = |found: &Row| {
            let (account, has_more) = account(found)?;
            let known = Known {
                account,
                audit_head: row::optional_uuid(found, 10)?,
                bookings: row::column(found, 11)?,
                active_staff: row::column(found, 12)?,
                is_changed: false,
            };
            Ok((known, has_more))
        };
        let Some((known, has_more)) = self.find(sql, &[&id.uuid()], read)? else { return Ok(None) };
        Ok(Some(Known { account: self.complete((known.account, has_more))?, ..known }))
    }

    /// Passes the gate of the first account that the unit acts on. One that acts on another too waits for it in the
    /// database, where those are found who wait for each other.
    fn pass_gate(&mut self, account: AccountId) -> Result<(), StorageError> {
        let Some(holding) = self.holding.as_mut().filter(|holding| holding.held.is_none()) else { return Ok(()) };
        if holding.shut_out_of.is_none() && holding.gates.pass(account) {
            holding.held = Some(account);
            return Ok(());
        }
        holding.shut_out_of.get_or_insert(account);
        Err(StorageError::Unavailable(format!("another unit has {account}")))
    }

    /// Adds to an account what other tables say of it, if they do.
    pub(super) fn complete(&mut self, (account, has_more): (Account, bool)) -> Result<Account, StorageError> {
        if !has_more {
            return Ok(account);
        }
        let scheduled = self.scheduled_change(account.id)?;
        let subscription = account.subscription.map(|it| Subscription { scheduled, ..it });
        Ok(Account { subscription, overrides: self.overrides(account.id)?, ..account })
    }

    fn overrides(&mut self, account: AccountId) -> Result<Vec<Override>, StorageError> {
        self.list(
            "SELECT metric, at_most, reason, expires_at, created_by, created_at FROM overrides
             WHERE account_id = $1 ORDER BY metric DESC",
            &[&account.uuid()],
            |found| {
                let at_most = row::column::<Option<i64>>(found, 1)?;
                let at_most =
                    at_most.map(|max| u32::try_from(max).map_err(|_| row::corrupt("limit", max))).transpose()?;
                Ok(Override {
                    metric: row::parsed(found, 0, str::parse)?,
                    limit: at_most.map_or(Limit::Unlimited, Limit::AtMost),
                    reason: row::parsed(found, 2, Notes::parse)?,
                    expires_at: row::optional_instant(found, 3)?,
                    created_by: UserId::from_uuid(row::uuid(found, 4)?),
                    created_at: row::instant(found, 5)?,
                })
            },
        )
    }

    /// Notes whether other tables say more of the account, after one of them was changed.
    pub(super) fn note_whether_more(&mut self, account: AccountId) -> Result<(), StorageError> {
        self.change_account(
            "UPDATE accounts SET has_more = EXISTS (SELECT 1 FROM scheduled_changes WHERE account_id = $1)
                 OR EXISTS (SELECT 1 FROM overrides WHERE account_id = $1)
             WHERE id = $1",
            &[&account.uuid()],
        )
    }
}

impl ReadAccounts for PgTx<'_> {
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        Ok(self.know(id)?.map(|known| known.account.clone()))
    }

    fn list_plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError> {
        self.plans_in_use()
    }

    fn list_accounts_on(&mut self, plan: &PlanKey, max: usize) -> Result<Vec<AccountId>, StorageError> {
        self.accounts_on(plan, max)
    }
}

impl Accounts for PgTx<'_> {
    /// The row is locked since the unit first looked at it.
    fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        self.find_account(id)
    }

    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO accounts (id, name, time_zone, created_at, deleted_at) VALUES ($1, $2, $3, $4, $5)",
            &[
                &account.id.uuid(),
                &account.name.as_str(),
                &account.zone.name(),
                &Instant(account.created_at),
                &account.deleted_at.map(Instant),
            ],
        )
        .map(drop)
    }

    fn update_account(&mut self, account: &Account) -> Result<(), StorageError> {
        self.change_account(
            "UPDATE accounts SET name = $2, time_zone = $3, deleted_at = $4 WHERE id = $1",
            &[&account.id.uuid(), &account.name.as_str(), &account.zone.name(), &account.deleted_at.map(Instant)],
        )
    }

    fn put_override(&mut self, account: AccountId, given: &Override) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO overrides (account_id, metric, at_most, reason, expires_at, created_by, created_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (account_id, metric) DO UPDATE SET at_most = excluded.at_most, reason = excluded.reason,
                 expires_at = excluded.expires_at, created_by = excluded.created_by, created_at = excluded.created_at",
            &[
                &account.uuid(),
                &given.metric.as_str(),
                &given.limit.max().map(i64::from),
                &given.reason.as_str(),
                &given.expires_at.map(Instant),
                &given.created_by.uuid(),
                &Instant(given.created_at),
            ],
        )?;
        self.note_whether_more(account)
    }

    fn delete_override(&mut self, account: AccountId, metric: Metric) -> Result<(), StorageError> {
        let sql = "DELETE FROM overrides WHERE account_id = $1 AND metric = $2";
        self.execute(sql, &[&account.uuid(), &metric.as_str()])?;
        self.note_whether_more(account)
    }
}
