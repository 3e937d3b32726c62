//! The account lock queue: the accounts that workers of this process hold, and the units that wait.
//!
//! The lock on the account's row excludes other units, also those of other processes. But a unit
//! that waits for a row lock occupies a connection, and a few dozen units of one busy account would
//! occupy all of them. So within a process one worker at a time holds an account. Other units of
//! that account wait here, and run together in the account's turn (docs/adr/0016-postgresql.md).

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::AccountId;

/// The accounts that workers hold, each with the units that wait for it.
pub(crate) struct AccountLockQueue<J>(Mutex<HashMap<AccountId, VecDeque<J>>>);

impl<J> Default for AccountLockQueue<J> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<J> AccountLockQueue<J> {
    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, VecDeque<J>>> {
        // No code that can panic runs under this lock.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Acquires an account, unless another worker holds it. The caller holds it until it releases
    /// it.
    pub(crate) fn acquire(&self, account: AccountId) -> bool {
        let mut accounts = self.lock();
        if accounts.contains_key(&account) {
            return false;
        }
        accounts.insert(account, VecDeque::new());
        true
    }

    /// Queues a unit for an account that another worker holds. Returns the unit if the account has
    /// been released meanwhile.
    pub(crate) fn wait(&self, account: AccountId, job: J) -> Option<J> {
        match self.lock().get_mut(&account) {
            Some(waiting) => {
                waiting.push_back(job);
                None
            }
            None => Some(job),
        }
    }

    /// Removes the unit that has waited longest for an account that the caller holds.
    pub(crate) fn dequeue(&self, account: AccountId) -> Option<J> {
        self.lock().get_mut(&account)?.pop_front()
    }

    /// Removes all units that wait for an account that the caller holds.
    pub(crate) fn dequeue_all(&self, account: AccountId) -> VecDeque<J> {
        self.lock().get_mut(&account).map(std::mem::take).unwrap_or_default()
    }

    /// How many units wait for an account.
    pub(crate) fn count_waiting(&self) -> usize {
        self.lock().values().map(VecDeque::len).sum()
    }

    /// Releases an account if no unit waits for it, and returns whether it did. Otherwise the
    /// caller still holds it.
    pub(crate) fn release(&self, account: AccountId) -> bool {
        let mut accounts = self.lock();
        let is_free = accounts.get(&account).is_none_or(VecDeque::is_empty);
        if is_free {
            accounts.remove(&account);
        }
        is_free
    }
}

#[cfg(test)]
mod tests {
    use testkit::fixtures::CountingIds;

    use super::*;

    #[test]
    fn units_wait_for_an_account_that_another_worker_holds() {
        let (queue, ids) = (AccountLockQueue::default(), CountingIds::default());
        let (account, other) = (ids.account(), ids.account());
        assert!(queue.acquire(account) && !queue.acquire(account) && queue.acquire(other));
        assert!((1..=4).all(|job| queue.wait(account, job).is_none()));
        assert_eq!((queue.dequeue(account), queue.dequeue(other)), (Some(1), None));
        assert!(!queue.release(account), "three units wait");
        assert_eq!(queue.count_waiting(), 3);
        assert!(!queue.acquire(account));
        assert_eq!(queue.dequeue_all(account), [2, 3, 4]);
        assert!(queue.release(account) && queue.acquire(account));
    }

    #[test]
    fn a_unit_does_not_wait_for_an_account_that_was_released() {
        let (queue, account) = (AccountLockQueue::default(), CountingIds::default().account());
        assert!(queue.acquire(account) && queue.release(account));
        assert_eq!(queue.wait(account, 'a'), Some('a'));
    }
}
