//! The sequential model: what an account does if one operation follows the other.
//!
//! It shares nothing with the rules of the domain but the types of ids and instants.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AllocationKey, HoldId, HoldState, HoldStatus, Timestamp};

use super::history::{Answer, Operation, key_of_hold};

/// A hold of the model.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct ModelHold {
    /// How much is held.
    pub(super) quantity: u64,
    /// When it stops counting.
    pub(super) expires_at: Timestamp,
    /// Whether it was ended.
    pub(super) state: HoldState,
}

impl ModelHold {
    fn status(&self, now: Timestamp) -> HoldStatus {
        match self.state {
            HoldState::Released => HoldStatus::Released,
            HoldState::Confirmed => HoldStatus::Confirmed,
            HoldState::Held if self.expires_at <= now => HoldStatus::Expired,
            HoldState::Held => HoldStatus::Held,
        }
    }
}

/// What exists of the gauge in the account.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Rows {
    /// The quantity under each key.
    pub(super) allocations: BTreeMap<AllocationKey, u64>,
    /// All holds, also those that were ended.
    pub(super) holds: BTreeMap<HoldId, ModelHold>,
}

impl Rows {
    /// What is allocated or held at `now`.
    pub(super) fn used(&self, now: Timestamp) -> u64 {
        let live = self.holds.values().filter(|hold| hold.status(now) == HoldStatus::Held);
        self.allocations.values().sum::<u64>() + live.map(|hold| hold.quantity).sum::<u64>()
    }
}

/// The state of the model.
#[derive(Clone, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Model {
    limit: u64,
    /// What a store would have.
    pub(super) rows: Rows,
    /// The instant of the last operation.
    now: Timestamp,
}

impl Model {
    /// An account without allocations and holds.
    pub(super) fn new(limit: u64) -> Self {
        Self { limit, now: Timestamp::MIN, ..Self::default() }
    }

    /// Applies an operation that ran at `now`, and returns the correct answer. `None` if an
    /// operation before it ran later: each reads the clock while it has the account.
    pub(super) fn apply(&mut self, operation: &Operation, now: Timestamp) -> Option<Answer> {
        if now < self.now {
            return None;
        }
        self.now = now;
        Some(match operation {
            Operation::Take { key, quantity } => self.take(key, *quantity, now),
            Operation::Remove { key } => Answer::Removed(self.rows.allocations.remove(key).is_some()),
            Operation::Sync { keys } => self.sync(keys, now),
            Operation::Hold { id, quantity, expires_in } => {
                let hold = ModelHold { quantity: *quantity, expires_at: now + *expires_in, state: HoldState::Held };
                self.admitted(*quantity, now, |rows| {
                    rows.holds.insert(*id, hold);
                    Answer::HeldUntil(hold.expires_at)
                })
            }
            Operation::Confirm { id, key, quantity } => self.of_live(*id, now, |it, hold| {
                let key = key.clone().unwrap_or_else(|| key_of_hold(*id));
                let quantity = quantity.unwrap_or(hold.quantity);
                it.admitted(quantity.saturating_sub(hold.quantity), now, |rows| {
                    *rows.allocations.entry(key.clone()).or_default() += quantity;
                    rows.holds.insert(*id, ModelHold { state: HoldState::Confirmed, ..hold });
                    Answer::Confirmed(key)
                })
            }),
            Operation::Extend { id, expires_in } => self.of_live(*id, now, |it, hold| {
                let expires_at = now + *expires_in;
                it.rows.holds.insert(*id, ModelHold { expires_at, ..hold });
                Answer::HeldUntil(expires_at)
            }),
            Operation::Release { id } => self.release(*id, now),
        })
    }

    fn take(&mut self, key: &AllocationKey, quantity: u64, now: Timestamp) -> Answer {
        let before = self.rows.allocations.get(key).copied();
        self.admitted(quantity.saturating_sub(before.unwrap_or(0)), now, |rows| {
            rows.allocations.insert(key.clone(), quantity);
            match before {
                None => Answer::Created,
                Some(before) if before == quantity => Answer::Unchanged,
                Some(_) => Answer::Changed,
            }
        })
    }

    fn sync(&mut self, keys: &BTreeSet<AllocationKey>, now: Timestamp) -> Answer {
        let allocations = &self.rows.allocations;
        let added: Vec<_> = keys.iter().filter(|key| !allocations.contains_key(key)).cloned().collect();
        let removed: Vec<_> = allocations.keys().filter(|key| !keys.contains(key)).cloned().collect();
        let freed: u64 = removed.iter().map(|key| allocations[key]).sum();
        self.admitted((added.len() as u64).saturating_sub(freed), now, |rows| {
            rows.allocations.retain(|key, _| keys.contains(key));
            rows.allocations.extend(added.iter().map(|key| (key.clone(), 1)));
            Answer::Synced { added, removed }
        })
    }

    fn release(&mut self, id: HoldId, now: Timestamp) -> Answer {
        let Some(hold) = self.rows.holds.get_mut(&id) else { return Answer::NotFound };
        match hold.status(now) {
            HoldStatus::Confirmed => Answer::NotHeld(HoldStatus::Confirmed),
            HoldStatus::Released | HoldStatus::Expired => Answer::Released(false),
            HoldStatus::Held => {
                hold.state = HoldState::Released;
                Answer::Released(true)
            }
        }
    }

    /// Changes the rows if there is room for `more`.
    fn admitted(&mut self, more: u64, now: Timestamp, change: impl FnOnce(&mut Rows) -> Answer) -> Answer {
        let used = self.rows.used(now);
        if more > 0 && used + more > self.limit {
            return Answer::LimitExceeded { used };
        }
        change(&mut self.rows)
    }

    /// Uses a hold that is live.
    fn of_live(&mut self, id: HoldId, now: Timestamp, work: impl FnOnce(&mut Self, ModelHold) -> Answer) -> Answer {
        let Some(hold) = self.rows.holds.get(&id).copied() else { return Answer::NotFound };
        let status = hold.status(now);
        if status != HoldStatus::Held {
            return Answer::NotHeld(status);
        }
        work(self, hold)
    }
}
