//! Accounts, each in one row with its subscription, and overrides and grants of their limits.

use domain::error::StorageError;
use domain::ports::{Accounts, ReadAccounts};
use domain::{Account, AccountId, ExternalId, Grant, GrantId, Metric, Override, PlanKey};

use super::{Dialect, SqlTx};
use crate::tables::{self, ACCOUNTS, EXTERNAL_IDS, GRANTS, OVERRIDES, sql};

impl SqlTx<'_> {
    /// The account without its overrides, cached for the unit of work. In PostgreSQL a unit that
    /// may write locks the row by a statement of its own: a statement that also read other tables
    /// would read them as they were before it had the lock (docs/adr/0016-postgresql.md).
    pub(super) fn load_account(&mut self, id: AccountId) -> Result<Option<&Account>, StorageError> {
        if self.account.as_ref().is_none_or(|account| account.id != id) {
            self.account = None;
            let must_lock = self.connection.enter_account(id)?;
            let sql = match self.connection.dialect() {
                Dialect::Postgres if must_lock => {
                    sql!("SELECT {} FROM accounts WHERE id = $1 FOR UPDATE", ACCOUNTS.column_list())
                }
                _ => sql!("SELECT {} FROM accounts WHERE id = $1", ACCOUNTS.column_list()),
            };
            self.account = self.find(sql, &[id.uuid().into()], tables::account)?;
        }
        Ok(self.account.as_ref())
    }

    /// The account with its overrides and grants. Few accounts have any, or hold anything: one
    /// statement tells which are there to read.
    pub(super) fn with_overrides(&mut self, account: Account) -> Result<Account, StorageError> {
        let id = [account.id.uuid().into()];
        let sql = sql!(
            "SELECT EXISTS (SELECT 1 FROM overrides WHERE account_id = $1),
                    EXISTS (SELECT 1 FROM grants WHERE account_id = $1),
                    EXISTS (SELECT 1 FROM holds WHERE account_id = $1 AND state = 'held')"
        );
        let found = self.find(sql, &id, |row| Ok((row.bool(0)?, row.bool(1)?, row.bool(2)?)))?;
        let (has_overrides, has_grants, has_holds) = found.unwrap_or_default();
        self.without_holds = Some(account.id).filter(|_| !has_holds);
        let (mut overrides, mut grants) = (Vec::new(), Vec::new());
        if has_overrides {
            let sql =
                sql!("SELECT {} FROM overrides WHERE account_id = $1 ORDER BY metric DESC", OVERRIDES.column_list());
            overrides = self.list(sql, &id, tables::given_override)?;
        }
        if has_grants {
            let sql = sql!("SELECT {} FROM grants WHERE account_id = $1 ORDER BY id DESC", GRANTS.column_list());
            grants = self.list(sql, &id, tables::grant)?;
        }
        Ok(Account { overrides, grants, ..account })
    }
}

impl ReadAccounts for SqlTx<'_> {
    fn find_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        let Some(account) = self.load_account(id)?.cloned() else { return Ok(None) };
        self.with_overrides(account).map(Some)
    }

    fn find_account_by_external_id(&mut self, external_id: &ExternalId) -> Result<Option<AccountId>, StorageError> {
        self.find(
            sql!("SELECT account_id FROM external_ids WHERE external_id = $1"),
            &[external_id.as_str().into()],
            |row| row.uuid(0).map(AccountId::from_uuid),
        )
    }

    fn account_exists(&mut self, id: AccountId) -> Result<bool, StorageError> {
        Ok(self.load_account(id)?.is_some_and(|account| account.deleted_at.is_none()))
    }

    fn list_plans_in_use(&mut self) -> Result<Vec<PlanKey>, StorageError> {
        self.plans_in_use()
    }

    fn list_accounts_on(&mut self, plan: &PlanKey, max: usize) -> Result<Vec<AccountId>, StorageError> {
        self.accounts_on(plan, max)
    }
}

impl Accounts for SqlTx<'_> {
    /// Nothing is left to lock. In SQLite `BEGIN IMMEDIATE` has locked the database; in PostgreSQL
    /// the first read of the account locks its row.
    fn lock_account(&mut self, id: AccountId) -> Result<Option<Account>, StorageError> {
        self.find_account(id)
    }

    fn insert_account(&mut self, account: &Account) -> Result<(), StorageError> {
        self.account = None;
        let without_subscription = Account { subscription: None, ..account.clone() };
        self.insert(&ACCOUNTS, &tables::account_values(&without_subscription))?;
        let Some(external_id) = &account.external_id else { return Ok(()) };
        self.insert(&EXTERNAL_IDS, &[external_id.as_str().into(), account.id.uuid().into()])
    }

    fn update_account(&mut self, account: &Account) -> Result<(), StorageError> {
        self.account = None;
        let values = ACCOUNTS.changing(tables::account_values(account));
        self.change("account", ACCOUNTS.update(), &values)
    }

    fn put_override(&mut self, account: AccountId, given: &Override) -> Result<(), StorageError> {
        self.upsert(&OVERRIDES, &tables::override_values(account, given))
    }

    fn delete_override(&mut self, account: AccountId, metric: &Metric) -> Result<(), StorageError> {
        let sql = sql!("DELETE FROM overrides WHERE account_id = $1 AND metric = $2");
        self.execute(sql, &[account.uuid().into(), metric.as_str().into()]).map(drop)
    }

    fn insert_grant(&mut self, account: AccountId, grant: &Grant) -> Result<(), StorageError> {
        self.insert(&GRANTS, &tables::grant_values(account, grant))
    }

    fn delete_grant(&mut self, account: AccountId, id: GrantId) -> Result<(), StorageError> {
        let sql = sql!("DELETE FROM grants WHERE account_id = $1 AND id = $2");
        self.execute(sql, &[account.uuid().into(), id.uuid().into()]).map(drop)
    }
}
