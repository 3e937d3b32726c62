//! The state of each key of a rate limit, in bounded memory: clients can invent any number of keys.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::state::keyed::ShrinkableKeyedStateStore;

/// Shards, so that requests of different keys seldom wait for the same lock.
const SHARDS: usize = 16;

/// The state of each key. When the memory is full, new keys share a state, so they are limited more
/// strictly; known keys are not affected.
pub(super) struct Counts<K>(Arc<Inner<K>>);

struct Inner<K> {
    shards: [Mutex<Shard<K>>; SHARDS],
    keys_per_shard_max: usize,
    hasher: RandomState,
    /// How many new keys have arrived since stale ones were last removed.
    arrivals: AtomicUsize,
}

struct Shard<K> {
    known: HashMap<K, Nanos>,
    shared: Option<Nanos>,
}

impl<K> Clone for Counts<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Hash + Eq> Counts<K> {
    /// Room for about `keys_max`.
    pub(super) fn new(keys_max: usize) -> Self {
        Self(Arc::new(Inner {
            shards: std::array::from_fn(|_| Mutex::new(Shard { known: HashMap::new(), shared: None })),
            keys_per_shard_max: keys_max.div_ceil(SHARDS),
            hasher: RandomState::new(),
            arrivals: AtomicUsize::new(0),
        }))
    }

    /// Whether to remove stale keys: each time that new keys have filled a quarter of the room.
    /// That bounds the work for each new key, without a timer.
    pub(super) fn is_pruning_due(&self) -> bool {
        let due = self.0.keys_per_shard_max * SHARDS / 4;
        self.0.arrivals.load(Ordering::Relaxed) >= due && self.0.arrivals.swap(0, Ordering::Relaxed) >= due
    }

    /// Removes a key.
    pub(super) fn forget(&self, key: &K) {
        self.shard(key).known.remove(key);
    }

    /// Gives back one request of a key. `each` is the time in which a request is regained.
    pub(super) fn give_back(&self, key: &K, each: Nanos) {
        let mut shard = self.shard(key);
        let shard = &mut *shard;
        // A removed key has its whole allowance again.
        if let Some(state) = shard.known.get_mut(key).or(shard.shared.as_mut()) {
            *state = state.saturating_sub(each);
        }
    }

    fn shard(&self, key: &K) -> MutexGuard<'_, Shard<K>> {
        let hash = usize::try_from(self.0.hasher.hash_one(key) % SHARDS as u64).unwrap_or_default();
        lock(&self.0.shards[hash])
    }
}

/// A poisoned lock is used all the same: a count is always valid.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K: Hash + Eq + Clone> StateStore for Counts<K> {
    type Key = K;

    fn measure_and_replace<T, F, E>(&self, key: &K, measure: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let mut shard = self.shard(key);
        if let Some(state) = shard.known.get_mut(key) {
            let (outcome, new) = measure(Some(*state))?;
            *state = new;
            return Ok(outcome);
        }
        self.0.arrivals.fetch_add(1, Ordering::Relaxed);
        if shard.known.len() < self.0.keys_per_shard_max {
            let (outcome, new) = measure(None)?;
            shard.known.insert(key.clone(), new);
            return Ok(outcome);
        }
        let (outcome, new) = measure(shard.shared)?;
        shard.shared = Some(new);
        Ok(outcome)
    }
}

impl<K: Hash + Eq + Clone> ShrinkableKeyedStateStore<K> for Counts<K> {
    fn retain_recent(&self, drop_below: Nanos) {
        for shard in &self.0.shards {
            lock(shard).known.retain(|_, state| *state > drop_below);
        }
    }

    fn len(&self) -> usize {
        self.0.shards.iter().map(|shard| lock(shard).known.len()).sum()
    }

    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
