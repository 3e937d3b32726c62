//! Accounts: one row each, which also holds the audit's end, the counts of days and the newest bookings.

use std::sync::Arc;

use domain::error::StorageError;
use domain::ports::{Accounts, ReadAccounts};
use domain::{Account, AccountId, Limit, Metric, Override, PlanKey, UserId};
use rusqlite::{Row, params};

use super::{SqliteTx, States};
use crate::sqlite::account_rows::AccountRow;
use crate::sqlite::booking_list::{BookingList, RECENT_MAX};
use crate::sqlite::day_counts::DayCounts;
use crate::sqlite::roles::Roles;
use crate::sqlite::row;
use crate::sqlite::state::State;

/// An account's row, as it is by the end of the unit of work so far.
pub(super) struct Known {
    pub(super) row: Arc<AccountRow>,
    pub(super) state: State,
    /// Whether the state differs from what is in the database.
    is_changed: bool,
}

/// The columns that [`row::account`] reads.
macro_rules! account_columns {
    () => {
        "a.id, a.name, a.time_zone, a.created_at, a.deleted_at, a.subscription_id, a.plan, a.subscribed_at, \
         a.plan_since, a.has_more"
    };
}
pub(super) use account_columns;

impl SqliteTx<'_> {
    /// The account's row, kept from one look to the next.
    pub(super) fn know(&mut self, account: AccountId) -> Result<Option<&mut Known>, StorageError> {
        if self.known.as_ref().is_none_or(|known| known.row.account.id != account) {
            self.write_back()?;
            self.known = self.look_up(account)?;
        }
        Ok(self.known.as_mut())
    }

    /// The account's state, for whoever changes it: it is written back once, when the unit ends or turns to another
    /// account.
    pub(super) fn change_state(&mut self, account: AccountId) -> Result<&mut State, StorageError> {
        self.wrote = true;
        let missing = || StorageError::Backend(format!("there is no account {account}"));
        let known = self.know(account)?.ok_or_else(missing)?;
        known.is_changed = true;
        Ok(&mut known.state)
    }

    /// Writes back what was changed of the account's state that is known.
    pub(super) fn write_back(&mut self) -> Result<(), StorageError> {
        let Some(known) = self.known.take_if(|known| known.is_changed) else { return Ok(()) };
        match &mut self.states {
            States::Batch(batch) => batch.note(known.row.account.id, &known.state),
            States::Rows | States::Snapshot(_) => self.write_state(known.row.account.id, &known.state)?,
        }
        self.known = Some(Known { is_changed: false, ..known });
        Ok(())
    }

    /// Writes an account's state into its row.
    pub(in crate::sqlite) fn write_state(&mut self, id: AccountId, state: &State) -> Result<(), StorageError> {
        self.change(
            "account",
            "UPDATE accounts SET audit_head = ?2, day_counts = ?3, bookings = ?4, recent_bookings = ?5 WHERE id = ?1",
            params![
                row::id(id.uuid()),
                state.audit_head.map(row::id),
                state.day_counts.to_json(),
                state.bookings,
                state.recent.to_bytes(RECENT_MAX)
            ],
        )
    }

    /// Runs a statement that changes one account, of which nothing is known from now on.
    pub(super) fn change_account(
        &mut self,
        account: AccountId,
        sql: &str,
        params: impl rusqlite::Params,
    ) -> Result<(), StorageError> {
        self.forget_known(Some(account))?;
        self.change("account", sql, params)
    }

    /// Before a statement that changes an account's row besides, or any: what was to be written is, and nothing is known of
    /// it any more.
    pub(super) fn forget_known(&mut self, account: Option<AccountId>) -> Result<(), StorageError> {
        self.write_back()?;
        self.known = None;
        if let States::Batch(batch) = &mut self.states {
            batch.rows.forget(account);
        }
        Ok(())
    }

    fn look_up(&mut self, id: AccountId) -> Result<Option<Known>, StorageError> {
        let newer = match &mut self.states {
            States::Rows => None,
            States::Snapshot(snapshot) => snapshot.state(self.connection, id)?,
            States::Batch(batch) => batch.state(id)?,
        };
        let kept = if let States::Batch(batch) = &self.states { batch.rows.get(id) } else { None };
        let newer = match (kept, newer) {
            (Some(row), Some(state)) => return Ok(Some(Known { row, state, is_changed: false })),
            (_, newer) => newer,
        };
        let in_row = |found: &Row<'_>| {
            Ok(State {
                audit_head: row::optional_uuid(found, 11)?,
                day_counts: row::parse(found, 12, DayCounts::parse)?,
                bookings: row::column(found, 13)?,
                recent: BookingList::parse(row::blob(found, 14)?)?,
            })
        };
        let read = |found: &Row<'_>| {
            let (account, has_more) = row::account(found)?;
            let roles = row::optional_blob(found, 10)?.map(Roles::parse).transpose()?;
            Ok((AccountRow { account, roles }, has_more, newer.map_or_else(|| in_row(found), Ok)?))
        };
        let sql = concat!(
            "SELECT ",
            account_columns!(),
            ", a.roles, a.audit_head, a.day_counts, a.bookings, a.recent_bookings FROM accounts a WHERE a.id = ?1"
        );
        let Some((row, has_more, state)) = self.find(sql, [row::id(id.uuid())], read)? else { return Ok(None) };
        let row = Arc::new(AccountRow { account: self.complete((row.account, has_more))?, ..row });
        if let (States::Batch(batch), false) = (&mut self.states, has_more) {
            batch.rows.keep(&row);
        }
        Ok(Some(Known { row, state, is_changed: false }))
    }

    /// Adds to an account what other tables say of it, if they do.
    pub(super) fn complete(&self, (account, has_more): (Account, bool)) -> Result<Account, StorageError> {
        if !has_more {
            return Ok(account);
        }
        let scheduled = self.scheduled_change(account.id)?;
        let subscription = account.subscription.map(|it| domain::Subscription { scheduled, ..it });
        Ok(Account { subscription, overrides: self.overrides(account.id)?, ..account })
    }

    fn overrides(&self, account: AccountId) -> Result<Vec<Override>, StorageError> {
        self.list(
            "SELECT metric, at_most, reason, expires_at, created_by, created_at FROM overrides
             WHERE account_id = ?1 ORDER BY metric DESC",
            [row::id(account.uuid())],
            |found| {
                Ok(Override {
                    metric: row::parsed(found, 0, str::parse)?,
                    limit: row::column::<Option<u32>>(found, 1)?.map_or(Limit::Unlimited, Limit::AtMost),
                    reason: row::parsed(found, 2, domain::Notes::parse)?,
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
            account,
            "UPDATE accounts SET has_more = EXISTS (SELECT 1 FROM scheduled_changes WHERE account_id = ?1)
                 OR EXISTS (SELECT 1 FROM overrides WHERE account_id = ?1)
             WHERE id = ?1",
            [row::id(account.uuid())],
        )
    }
}

impl ReadAccounts for SqliteTx<'_> {
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        Ok(self.know(id)?.map(|known| known.row.account.clone()))
    }

    fn list_plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError> {
        self.plans_in_use()
    }

    fn list_accounts_on(&mut self, plan: &PlanKey, max: usize) -> Result<Vec<AccountId>, StorageError> {
        self.accounts_on(plan, max)
    }
}

impl Accounts for SqliteTx<'_> {
    /// The whole database is locked already: the transaction began with `BEGIN IMMEDIATE`.
    fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        self.find_account(id)
    }

    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError> {
        self.forget_known(Some(account.id))?;
        self.execute(
            "INSERT INTO accounts (id, name, time_zone, created_at, deleted_at, recent_bookings)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                row::id(account.id.uuid()),
                account.name.as_str(),
                account.zone.name(),
                account.created_at.as_microsecond(),
                account.deleted_at.map(domain::Timestamp::as_microsecond),
                BookingList::default().to_bytes(RECENT_MAX)
            ],
        )
        .map(drop)
    }

    fn update_account(&mut self, account: &Account) -> Result<(), StorageError> {
        self.change_account(
            account.id,
            "UPDATE accounts SET name = ?2, time_zone = ?3, deleted_at = ?4 WHERE id = ?1",
            params![
                row::id(account.id.uuid()),
                account.name.as_str(),
                account.zone.name(),
                account.deleted_at.map(domain::Timestamp::as_microsecond)
            ],
        )
    }

    fn put_override(&mut self, account: AccountId, given: &Override) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO overrides (account_id, metric, at_most, reason, expires_at, created_by, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
             ON CONFLICT (account_id, metric) DO UPDATE SET at_most = excluded.at_most, reason = excluded.reason,
                 expires_at = excluded.expires_at, created_by = excluded.created_by, created_at = excluded.created_at",
            params![
                row::id(account.uuid()),
                given.metric.as_str(),
                given.limit.max(),
                given.reason.as_str(),
                given.expires_at.map(domain::Timestamp::as_microsecond),
                row::id(given.created_by.uuid()),
                given.created_at.as_microsecond()
            ],
        )?;
        self.note_whether_more(account)
    }

    fn delete_override(&mut self, account: AccountId, metric: Metric) -> Result<(), StorageError> {
        let sql = "DELETE FROM overrides WHERE account_id = ?1 AND metric = ?2";
        self.execute(sql, params![row::id(account.uuid()), metric.as_str()])?;
        self.note_whether_more(account)
    }
}
