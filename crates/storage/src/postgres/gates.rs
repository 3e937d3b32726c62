//! Gates: of the units of one account, one at a time is let into the database, and the others wait here.
//!
//! The account's row in the database is what keeps units apart, those of other processes too. But a unit that waits for it
//! there keeps a connection, and a few dozen for one busy account would keep them all. So within a process at most one unit
//! asks for an account's row, and the others are set aside until it has ended (docs/adr/0016-postgresql.md).

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::AccountId;

use super::workers::Job;

/// The accounts that a unit has, each with the units that wait for it.
#[derive(Default)]
pub(crate) struct Gates(Mutex<HashMap<AccountId, VecDeque<Job>>>);

impl Gates {
    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, VecDeque<Job>>> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Passes the account's gate and shuts it, if it is open.
    pub(crate) fn pass(&self, account: AccountId) -> bool {
        let mut gates = self.lock();
        if gates.contains_key(&account) {
            return false;
        }
        gates.insert(account, VecDeque::new());
        true
    }

    /// Sets a unit aside until the account's gate opens; hands it back if it has opened already.
    pub(crate) fn wait(&self, account: AccountId, job: Job) -> Option<Job> {
        match self.lock().get_mut(&account) {
            Some(waiting) => {
                waiting.push_back(job);
                None
            }
            None => Some(job),
        }
    }

    /// Ends a unit's turn. The gate stays shut for the one that has waited longest, which is handed back; else it opens.
    pub(crate) fn leave(&self, account: AccountId) -> Option<Job> {
        let mut gates = self.lock();
        let next = gates.get_mut(&account).and_then(VecDeque::pop_front);
        if next.is_none() {
            gates.remove(&account);
        }
        next.map(|job| Job { held: Some(account), ..job })
    }
}
