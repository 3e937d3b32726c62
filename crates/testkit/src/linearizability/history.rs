//! What the threads of a history do, in a random order that is the same in every run.

use std::collections::BTreeSet;

use domain::{AllocationKey, HoldId, HoldStatus, SignedDuration, Timestamp, Uuid};

use crate::disk::Rng;
use crate::fixtures::allocation_key;

/// An operation on the gauge of the account.
#[derive(Clone, Debug)]
pub(super) enum Operation {
    /// Puts the allocation with this key.
    Take { key: AllocationKey, quantity: u64 },
    /// Removes the allocation with this key.
    Remove { key: AllocationKey },
    /// Makes the allocations exactly those with these keys.
    Sync { keys: BTreeSet<AllocationKey> },
    /// Creates a hold.
    Hold { id: HoldId, quantity: u64, expires_in: SignedDuration },
    /// Confirms a hold.
    Confirm { id: HoldId, key: Option<AllocationKey>, quantity: Option<u64> },
    /// Extends a hold.
    Extend { id: HoldId, expires_in: SignedDuration },
    /// Releases a hold.
    Release { id: HoldId },
}

/// The answer to an operation.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Answer {
    /// The allocation is new.
    Created,
    /// The allocation has another quantity.
    Changed,
    /// The allocation had the quantity already.
    Unchanged,
    /// Whether there was an allocation to remove.
    Removed(bool),
    /// The keys that were added and removed.
    Synced { added: Vec<AllocationKey>, removed: Vec<AllocationKey> },
    /// The hold was created or extended, and expires at this instant.
    HeldUntil(Timestamp),
    /// The hold became part of the allocation with this key.
    Confirmed(AllocationKey),
    /// Whether the release changed the hold.
    Released(bool),
    /// Refused by the limit, of which this much was used or held.
    LimitExceeded { used: u64 },
    /// The hold is not live.
    NotHeld(HoldStatus),
    /// The hold does not exist.
    NotFound,
    /// Any other answer. It is never correct.
    Failed(String),
}

/// An operation of a thread, and what it waits for.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// How far the clock is moved first.
    pub(super) advance: SignedDuration,
    /// The operation.
    pub(super) operation: Operation,
}

/// An operation that was answered.
#[derive(Clone, Debug)]
pub(super) struct Call {
    /// The instant that the operation was given.
    pub(super) now: Timestamp,
    /// The operation.
    pub(super) operation: Operation,
    /// Its answer.
    pub(super) answer: Answer,
    /// Its place in the order of all invocations and responses of the history.
    pub(super) invoked: u64,
    /// The place of its response in the same order.
    pub(super) responded: u64,
}

/// The key of the allocation that a hold becomes if its confirmation names none.
pub(super) fn key_of_hold(id: HoldId) -> AllocationKey {
    allocation_key(&id.to_string())
}

/// The steps of each thread. Every number of `seed` gives other ones.
pub(super) fn steps(seed: u64, threads: usize, steps: usize) -> Vec<Vec<Step>> {
    let mut rng = Rng::new(seed);
    let mut all = vec![Vec::with_capacity(steps); threads];
    let mut holds = 0;
    // Step by step, so that an operation names holds of about its own time.
    for number in 0..steps {
        for thread in &mut all {
            let advance = if rng.below(2) == 0 { SignedDuration::ZERO } else { seconds(&mut rng, 1, 3) };
            let is_first = number == 0 && holds == 0;
            let operation = if is_first { hold(&mut rng, seed, &mut holds) } else { any(&mut rng, seed, &mut holds) };
            thread.push(Step { advance, operation });
        }
    }
    all
}

fn any(rng: &mut Rng, seed: u64, holds: &mut u64) -> Operation {
    match rng.below(20) {
        0..=2 => Operation::Take { key: key(rng), quantity: quantity(rng) },
        3..=5 => Operation::Remove { key: key(rng) },
        6 => Operation::Sync { keys: (0..rng.below(4)).map(|_| key(rng)).collect() },
        7..=11 => hold(rng, seed, holds),
        12..=15 => {
            let key = (rng.below(2) == 0).then(|| key(rng));
            let quantity = (rng.below(2) == 0).then(|| 1 + rng.below(3) as u64);
            Operation::Confirm { id: known(rng, seed, *holds), key, quantity }
        }
        16..=17 => Operation::Extend { id: known(rng, seed, *holds), expires_in: seconds(rng, 1, 12) },
        _ => Operation::Release { id: known(rng, seed, *holds) },
    }
}

/// A new hold.
fn hold(rng: &mut Rng, seed: u64, holds: &mut u64) -> Operation {
    *holds += 1;
    Operation::Hold { id: hold_id(seed, *holds), quantity: quantity(rng), expires_in: seconds(rng, 2, 15) }
}

/// One of the last holds of any thread. It may not exist yet, or not at all.
fn known(rng: &mut Rng, seed: u64, holds: u64) -> HoldId {
    hold_id(seed, (holds + 1).saturating_sub(rng.below(4) as u64))
}

fn hold_id(seed: u64, number: u64) -> HoldId {
    HoldId::from_uuid(Uuid::from_u64_pair(seed, number))
}

fn key(rng: &mut Rng) -> AllocationKey {
    allocation_key(["a", "b", "c"][rng.below(3)])
}

fn quantity(rng: &mut Rng) -> u64 {
    1 + rng.below(2) as u64
}

/// From `first` to `last` seconds.
fn seconds(rng: &mut Rng, first: i32, last: i32) -> SignedDuration {
    let range: Vec<i32> = (first..=last).collect();
    SignedDuration::from_secs(range[rng.below(range.len())].into())
}
