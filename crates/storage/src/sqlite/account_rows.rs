//! Accounts' rows as the writer has read them: none is read again before somebody changes one.

use std::collections::HashMap;
use std::sync::Arc;

use domain::{Account, AccountId};

use super::roles::Roles;

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
    /// Whether the transaction has changed a row: what is read from now on may be undone.
    is_changed: bool,
}

impl AccountRows {
    /// A transaction has begun in which nobody else writes: what is known is as it was when the last one ended, or may not be.
    pub(super) fn begin(&mut self, is_known: bool) {
        self.is_changed = false;
        if !is_known {
            self.kept.clear();
        }
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
