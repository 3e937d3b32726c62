//! Retention: deletes the old rows of all accounts.

use std::sync::LazyLock;

use domain::error::StorageError;
use domain::ports::Retention;
use domain::{AccountId, Booking, Date, Retained, UsageRecord, Uuid};

use super::{Dialect, SqlTx, limit};
use crate::tables::{self, BOOKINGS, Sql, SqlRow, Table, USAGE_RECORDS, sql};

/// How many accounts are searched for old rows in one step, in PostgreSQL.
const ACCOUNTS_MAX: usize = 500;

/// How the old rows of a table are found and deleted.
struct OldRows<T> {
    /// For SQLite, whose index begins with the day: the oldest rows of all accounts.
    of_all: Sql,
    /// For PostgreSQL, whose index begins with the account: the first account in a range that has old
    /// rows.
    account: Sql,
    /// The oldest rows of an account.
    of_account: Sql,
    read: fn(&dyn SqlRow) -> Result<T, StorageError>,
}

static OLD_BOOKINGS: LazyLock<OldRows<Booking>> = LazyLock::new(|| OldRows::new(&BOOKINGS, tables::booking));

static OLD_USAGE_RECORDS: LazyLock<OldRows<UsageRecord>> =
    LazyLock::new(|| OldRows::new(&USAGE_RECORDS, tables::usage_record));

impl<T> OldRows<T> {
    fn new(table: &Table, read: fn(&dyn SqlRow) -> Result<T, StorageError>) -> Self {
        let (columns, table) = (table.column_list(), table.name);
        Self {
            of_all: Sql::new(&format!(
                "SELECT {columns} FROM {table} WHERE day < $1 ORDER BY day, account_id, id LIMIT $2"
            )),
            account: Sql::new(&format!(
                "SELECT a.id FROM accounts a WHERE a.id > $1 AND a.id <= $2
                     AND EXISTS (SELECT 1 FROM {table} r WHERE r.account_id = a.id AND r.day < $3)
                 ORDER BY a.id LIMIT 1"
            )),
            of_account: Sql::new(&format!(
                "SELECT {columns} FROM {table} WHERE account_id = $1 AND day < $2 ORDER BY day, id LIMIT $3"
            )),
            read,
        }
    }
}

impl SqlTx<'_> {
    fn delete_old<T>(
        &mut self,
        rows: &'static OldRows<T>,
        before: Date,
        after: Option<AccountId>,
        max: usize,
        discard: fn(&mut Self, &T) -> Result<(), StorageError>,
    ) -> Result<Option<AccountId>, StorageError> {
        match self.connection.dialect() {
            Dialect::Sqlite => {
                let old = self.list(&rows.of_all, &[before.into(), limit(max)], rows.read)?;
                old.iter().try_for_each(|row| discard(self, row))?;
                // The next step finds the rows that are the oldest then.
                Ok((old.len() == max).then_some(AccountId::from_uuid(Uuid::nil())))
            }
            Dialect::Postgres => self.delete_old_of_next_account(rows, before, after, max, discard),
        }
    }

    /// Deletes old rows of the first account after `after` that has some. It is locked, so that no
    /// other unit changes a row that is deleted.
    fn delete_old_of_next_account<T>(
        &mut self,
        rows: &'static OldRows<T>,
        before: Date,
        after: Option<AccountId>,
        max: usize,
        discard: fn(&mut Self, &T) -> Result<(), StorageError>,
    ) -> Result<Option<AccountId>, StorageError> {
        let from = after.map_or(Uuid::nil(), AccountId::uuid);
        let last = self.find(
            sql!("SELECT id FROM accounts WHERE id > $1 ORDER BY id LIMIT 1 OFFSET $2"),
            &[from.into(), limit(ACCOUNTS_MAX - 1)],
            |row| row.uuid(0),
        )?;
        let range = [from.into(), last.unwrap_or(Uuid::max()).into(), before.into()];
        let Some(account) = self.find(&rows.account, &range, |row| row.uuid(0))? else {
            return Ok(last.map(AccountId::from_uuid));
        };
        self.load_account(AccountId::from_uuid(account))?;
        let old = self.list(&rows.of_account, &[account.into(), before.into(), limit(max)], rows.read)?;
        old.iter().try_for_each(|row| discard(self, row))?;
        // An account with more rows than one step deletes is the next one again.
        let is_done = old.len() < max;
        Ok(Some(AccountId::from_uuid(if is_done { account } else { from })))
    }
}

impl Retention for SqlTx<'_> {
    fn delete_before(
        &mut self,
        retained: Retained,
        before: Date,
        after: Option<AccountId>,
        max: usize,
    ) -> Result<Option<AccountId>, StorageError> {
        match retained {
            Retained::Bookings => self.delete_old(&OLD_BOOKINGS, before, after, max, Self::discard_booking),
            Retained::UsageRecords => {
                self.delete_old(&OLD_USAGE_RECORDS, before, after, max, Self::discard_usage_record)
            }
        }
    }
}
