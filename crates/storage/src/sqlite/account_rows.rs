//! Accounts' rows as the writer has read them: none is read again before somebody changes one.

use std::collections::HashMap;
use std::sync::Arc;

use domain::error::StorageError;
use domain::{Account, AccountId};
use rusqlite::Connection;

use super::roles::Roles;
use crate::error::storage_error;

/// How many rows are kept: some 50 MB of them. When there would be more, it begins anew.
const KEPT_MAX: usize = if cfg!(test) { 8 } else { 1 << 17 };

/// What an account's row has besides the account's state.
#[derive(Debug)]
pub(super) struct AccountRow {
    pub(super) account: Account,
    /// What its members may, if the row says.
    pub(super) roles: Option<Roles>,
}

/// The rows that are known, as they are when no transaction is under way.
#[derive(Debug, Default)]
pub(super) struct AccountRows {
    kept: HashMap<AccountId, Arc<AccountRow>>,
    /// What SQLite's `data_version` was: it differs once another connection has committed.
    version: i64,
    /// Whether the transaction has changed a row: what is read from now on may be undone.
    is_changed: bool,
}

impl AccountRows {
    /// A transaction has begun in which nobody else writes.
    pub(super) fn begin(&mut self, connection: &Connection) -> Result<(), StorageError> {
        self.is_changed = false;
        let mut statement = connection.prepare_cached("PRAGMA data_version").map_err(storage_error)?;
        let version = statement.query_row([], |row| row.get(0)).map_err(storage_error)?;
        if version != self.version {
            self.kept.clear();
            self.version = version;
        }
        Ok(())
    }

    /// The account's row, if it is known.
    pub(super) fn get(&self, id: AccountId) -> Option<Arc<AccountRow>> {
        self.kept.get(&id).cloned()
    }

    /// Keeps a row that was read in the transaction, and of which no other table says more.
    pub(super) fn keep(&mut self, row: &Arc<AccountRow>) {
        if self.is_changed {
            return;
        }
        if self.kept.len() == KEPT_MAX {
            self.kept.clear();
        }
        self.kept.insert(row.account.id, Arc::clone(row));
    }

    /// Forgets a row, or all of them, before the transaction changes it.
    pub(super) fn forget(&mut self, account: Option<AccountId>) {
        self.is_changed = true;
        match account {
            Some(id) => drop(self.kept.remove(&id)),
            None => self.kept.clear(),
        }
    }
}
