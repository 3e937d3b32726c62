//! The conformance suite: a public function for each guarantee of a store. [`crate::conformance!`]
//! makes tests of them.

#![expect(clippy::missing_panics_doc, reason = "a case panics when the store breaks the promise it is named after")]

pub mod access_races;
pub mod account_search;
pub mod accounts;
pub mod allocations;
pub mod atomicity;
pub mod attribution;
pub mod audit;
pub mod booking_lists;
pub mod booking_pages;
pub mod bookings;
pub mod bounded_pages;
pub mod change_races;
pub mod charges;
pub mod counters;
pub mod credential_races;
pub mod credentials;
pub mod day_ranges;
pub mod erasure;
pub mod existence;
pub mod external_ids;
pub mod grants;
pub mod history;
pub mod hold_races;
pub mod holds;
pub mod idempotency;
pub mod isolation;
pub mod lookups;
pub mod members;
pub mod plans;
pub mod races;
pub mod refusals;
pub mod retention;
pub mod staff;
mod stamp;
pub mod usage_races;
pub mod usage_records;
pub mod users;

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use domain::error::StorageError;
use domain::ports::{ReadTx, Store, WriteTx};
use domain::{Account, AccountId, User};

use crate::block_on;
use crate::fixtures::{CountingIds, account, user};

/// Runs a case on a fresh store, then verifies the store. Does nothing if there is no store.
pub fn run<S: Store, G, O: Into<Option<(S, G)>>>(fresh: impl FnOnce() -> O, case: impl FnOnce(&S)) {
    // A tuple, not two variables: the store is dropped before its guard, in a panic as well.
    let Some(opened) = fresh().into() else { return };
    case(&opened.0);
    assert_consistent(&opened.0);
}

/// Asserts that the counters equal the rows they count.
pub(crate) fn assert_consistent(store: &impl Store) {
    assert_eq!(block_on(store.verify()), Ok(Vec::new()), "the store is not consistent");
}

/// Runs a unit of work that must succeed.
fn commit<T: Send + 'static>(
    store: &impl Store,
    work: impl FnMut(&mut dyn WriteTx) -> Result<T, StorageError> + Send + 'static,
) -> T {
    block_on(store.write(work)).expect("the unit succeeds")
}

/// Runs a read that must succeed.
pub(crate) fn look<T: Send + 'static>(
    store: &impl Store,
    work: impl FnOnce(&mut dyn ReadTx) -> Result<T, StorageError> + Send + 'static,
) -> T {
    block_on(store.read(work)).expect("the read succeeds")
}

/// Asserts that the store refuses a unit of work.
fn assert_refused(store: &impl Store, work: impl FnMut(&mut dyn WriteTx) -> Result<(), StorageError> + Send + 'static) {
    let outcome = block_on(store.write(work));
    assert!(matches!(outcome, Err(StorageError::Backend(_))), "expected a refusal, got {outcome:?}");
}

/// Opens an account with default values.
fn open(store: &impl Store, id: AccountId) -> Account {
    let account = account(id);
    let opened = account.clone();
    commit(store, move |tx| tx.insert_account(&opened));
    account
}

/// Registers a user, with the id as their name.
fn register(store: &impl Store, ids: &CountingIds) -> User {
    let id = ids.user();
    let user = user(id, &id.to_string());
    let registered = user.clone();
    commit(store, move |tx| tx.insert_user(&registered));
    user
}

/// A latch between threads: closed until it is opened, and open from then on.
#[derive(Default)]
struct Latch {
    is_open: Mutex<bool>,
    opened: Condvar,
}

impl Latch {
    fn open(&self) {
        *self.is_open.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.opened.notify_all();
    }

    /// Waits for the latch to open. A timeout fails the case, so that it does not hang.
    fn pass(&self) -> Result<(), StorageError> {
        let is_open = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.opened.wait_timeout_while(is_open, Duration::from_secs(10), |is_open| !*is_open);
        let (is_open, _) = waited.unwrap_or_else(PoisonError::into_inner);
        if *is_open { Ok(()) } else { Err(StorageError::Backend("waited in vain".to_owned())) }
    }
}
