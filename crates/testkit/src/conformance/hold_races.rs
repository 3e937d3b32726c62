//! Races of allocations and holds with the real use cases: the limits hold exactly.

use std::sync::Arc;

use domain::error::{AddStaffMemberError, AdmissionError, AllocationError, HoldError};
use domain::ports::Store;
use domain::use_cases::{add_staff_member, confirm_hold, create_hold, put_allocation, release_hold, remove_allocation};
use domain::{
    AccountId, AllocationKey, Hold, HoldConfirmation, HoldId, HoldStatus, Meter, Metric, NewHold, NewStaffMember,
    PlanCatalog, SignedDuration, Timestamp, UNBOUNDED,
};

use super::look;
use super::races::{race, subscribed};
use crate::block_on;
use crate::fixtures::{CountingIds, NOW, attribution, metered_catalog, name};

/// The number of rounds of a race, each on another account.
const ROUNDS: usize = 10;
/// How long the holds of a race count.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// An account on a plan that permits this many of each metric, in each round.
struct Race<'a, S> {
    store: &'a S,
    ids: Arc<CountingIds>,
    catalog: Arc<PlanCatalog>,
    accounts: Vec<AccountId>,
}

fn projects() -> Meter {
    "projects".parse().expect("it is a key")
}

impl<'a, S: Store> Race<'a, S> {
    fn new(store: &'a S, limit: u64, rounds: usize) -> Self {
        let (ids, catalog) = (Arc::new(CountingIds::new(limit)), Arc::new(metered_catalog(limit)));
        let accounts = subscribed(store, &ids, &catalog, &format!("at-most-{limit}"), rounds);
        Self { store, ids, catalog, accounts }
    }

    /// Whether the allocation is admitted.
    fn allocate(&self, account: AccountId, key: &str, now: Timestamp) -> bool {
        let (catalog, key) = (Arc::clone(&self.catalog), AllocationKey::parse(key).expect("it is a key"));
        let put = self
            .store
            .write(move |tx| put_allocation(tx, &catalog, account, (&projects(), &key), 1, &attribution(), now));
        match block_on(put) {
            Ok(_) => true,
            Err(AllocationError::Admission(AdmissionError::LimitExceeded(_))) => false,
            Err(other) => panic!("{other}"),
        }
    }

    /// The hold, if it is admitted.
    fn hold(&self, account: AccountId, meter: Meter, now: Timestamp) -> Option<Hold> {
        let (catalog, id) = (Arc::clone(&self.catalog), self.ids.hold());
        let new = NewHold { meter, quantity: 1, expires_in: MINUTE, reference: None, at: None };
        let create = self.store.write(move |tx| create_hold(tx, &catalog, account, &new, id, &attribution(), now));
        match block_on(create) {
            Ok(hold) => Some(hold),
            Err(HoldError::Admission(AdmissionError::LimitExceeded(_))) => None,
            Err(other) => panic!("{other}"),
        }
    }

    /// Whether the confirmation succeeds.
    fn confirm(&self, account: AccountId, id: HoldId, now: Timestamp) -> Result<(), HoldStatus> {
        let catalog = Arc::clone(&self.catalog);
        let confirm = self.store.write(move |tx| {
            confirm_hold(tx, &catalog, account, id, &HoldConfirmation::default(), &attribution(), now)
        });
        match block_on(confirm) {
            Ok(_) => Ok(()),
            Err(HoldError::NotHeld(status)) => Err(status),
            Err(other) => panic!("{other}"),
        }
    }

    /// What is allocated, and what is held.
    fn used(&self, account: AccountId, now: Timestamp) -> (u64, usize) {
        let counter: Metric = "projects".parse().expect("it is a key");
        look(self.store, move |tx| {
            Ok((tx.used(account, &counter, UNBOUNDED)?, tx.list_live_holds(account, None, now)?.len()))
        })
    }
}

/// Each thread allocates another key.
pub fn racing_allocations_reach_the_limit_exactly(store: &impl Store) {
    for limit in [0, 1, 2, 5, 20] {
        let it = Race::new(store, limit, ROUNDS);
        let rounds = race(ROUNDS, |round, thread| it.allocate(it.accounts[round], &format!("key-{thread}"), NOW));
        for (account, admitted) in it.accounts.iter().zip(rounds) {
            assert_eq!(admitted.iter().filter(|is_admitted| **is_admitted).count() as u64, limit);
            assert_eq!(it.used(*account, NOW), (limit, 0));
        }
    }
}

/// A hold takes a place as an allocation does.
pub fn racing_holds_and_allocations_reach_the_limit_exactly(store: &impl Store) {
    for limit in [1, 5, 20] {
        let it = Race::new(store, limit, ROUNDS);
        let rounds = race(ROUNDS, |round, thread| match thread % 2 {
            0 => it.allocate(it.accounts[round], &format!("key-{thread}"), NOW),
            _ => it.hold(it.accounts[round], projects(), NOW).is_some(),
        });
        for (account, admitted) in it.accounts.iter().zip(rounds) {
            assert_eq!(admitted.iter().filter(|is_admitted| **is_admitted).count() as u64, limit);
            let (allocated, held) = it.used(*account, NOW);
            assert_eq!(allocated + held as u64, limit);
        }
    }
}

/// Of all that try to end a hold, one does.
pub fn of_a_racing_confirmation_and_release_one_wins(store: &impl Store) {
    let it = Race::new(store, 1, ROUNDS);
    let holds: Vec<Hold> =
        it.accounts.iter().map(|account| it.hold(*account, projects(), NOW).expect("there is room")).collect();
    let rounds = race(ROUNDS, |round, thread| {
        let (account, id) = (it.accounts[round], holds[round].id);
        if thread % 2 == 0 {
            return it.confirm(account, id, NOW).is_ok();
        }
        match block_on(it.store.write(move |tx| release_hold(tx, account, id, NOW))) {
            Ok((_, has_changed)) => has_changed,
            Err(HoldError::NotHeld(HoldStatus::Confirmed)) => false,
            Err(other) => panic!("{other}"),
        }
    });
    for (hold, won) in holds.iter().zip(rounds) {
        assert_eq!(won.iter().filter(|has_won| **has_won).count(), 1);
        let (account, id) = (hold.account_id, hold.id);
        let ended = look(store, move |tx| tx.find_hold(account, id)).expect("it exists").status(NOW);
        let allocated = u64::from(ended == HoldStatus::Confirmed);
        assert_eq!((it.used(account, NOW), ended != HoldStatus::Held), ((allocated, 0), true));
    }
}

/// The hold is for one, and the plan permits no other.
pub fn the_place_of_a_hold_is_used_once(store: &impl Store) {
    let it = Race::new(store, 1, ROUNDS);
    let held = |account: &AccountId| it.hold(*account, Meter::STAFF, NOW).expect("there is room").id;
    let holds: Vec<HoldId> = it.accounts.iter().map(held).collect();
    let rounds = race(ROUNDS, |round, thread| {
        // Every fourth thread has no hold.
        let hold_id = (thread % 4 > 0).then_some(holds[round]);
        let new = NewStaffMember { name: name("Ann"), email: None, hold_id };
        let (catalog, account, id) = (Arc::clone(&it.catalog), it.accounts[round], it.ids.staff());
        let add = it.store.write(move |tx| add_staff_member(tx, &catalog, account, &new, id, &attribution(), NOW));
        match block_on(add) {
            Ok(_) => (hold_id.is_some(), true),
            Err(
                AddStaffMemberError::UnknownHold | AddStaffMemberError::Admission(AdmissionError::LimitExceeded(_)),
            ) => (hold_id.is_some(), false),
            Err(other) => panic!("{other}"),
        }
    });
    for added in rounds {
        let added: Vec<_> = added.into_iter().filter(|(_, is_added)| *is_added).collect();
        assert_eq!(added, [(true, true)]);
    }
}

/// The clock alone decides: nothing has to remove the hold.
pub fn a_held_place_is_free_as_soon_as_the_hold_expires(store: &impl Store) {
    let it = Race::new(store, 1, 1);
    let account = it.accounts[0];
    let hold = it.hold(account, projects(), NOW).expect("there is room");
    let microsecond = SignedDuration::from_micros(1);
    for (now, is_admitted) in [(NOW, false), (hold.expires_at - microsecond, false), (hold.expires_at, true)] {
        assert_eq!(it.allocate(account, "one", now), is_admitted, "{now}");
    }
    assert_eq!(it.confirm(account, hold.id, hold.expires_at), Err(HoldStatus::Expired));
    let key = AllocationKey::parse("one").expect("it is a key");
    let removed = it.store.write(move |tx| remove_allocation(tx, account, &projects(), &key));
    assert_eq!(block_on(removed), Ok(true));
    let hold = it.hold(account, projects(), hold.expires_at).expect("there is room again");
    assert_eq!(it.confirm(account, hold.id, hold.expires_at - microsecond), Ok(()));
    assert_eq!((it.used(account, hold.created_at), it.allocate(account, "one", hold.expires_at)), ((1, 0), false));
}
