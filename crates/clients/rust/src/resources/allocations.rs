//! Allocations of gauges: what exists, under keys of your own.

use domain::{Meter, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::pages::List;
use crate::request::Request;

/// An allocation.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Allocation {
    /// What is allocated.
    pub meter: Meter,
    /// The key of your own.
    pub key: String,
    /// How much.
    pub quantity: u64,
    /// When it was allocated first.
    pub created_at: Timestamp,
    /// The user who allocated it.
    pub created_by: UserId,
}

/// What a replacement of all allocations of a meter changes.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AllocationsReplaced {
    /// The new keys.
    pub added: Vec<String>,
    /// The removed keys.
    pub removed: Vec<String>,
    /// The keys that were there already.
    pub unchanged: Vec<String>,
}

/// The operations on the allocations of a meter.
#[derive(Clone, Debug)]
pub struct Allocations(pub(super) AccountClient, pub(super) String);

impl Allocations {
    /// Allocates this quantity under a key, or changes it to this quantity. Only an increase is
    /// checked.
    pub fn put(&self, key: &str, quantity: u64) -> Request<Allocation> {
        let body = serde_json::json!({ "quantity": quantity });
        Request::with_json(&self.0.transport, Call::put(account_path!(self.0, "allocations", &self.1, key)), &body)
    }

    /// Makes the keys exactly these, at most 1000, or changes nothing.
    pub fn replace<K: AsRef<str>>(&self, keys: impl IntoIterator<Item = K>) -> Request<AllocationsReplaced> {
        let keys: Vec<String> = keys.into_iter().map(|key| key.as_ref().to_owned()).collect();
        let body = serde_json::json!({ "keys": keys });
        Request::with_json(&self.0.transport, Call::put(account_path!(self.0, "allocations", &self.1)), &body)
    }

    /// The allocations, in the order of their keys.
    pub fn list(&self) -> List<Allocation> {
        List::new(&self.0.transport, Call::get(account_path!(self.0, "allocations", &self.1)))
    }

    /// The allocation of a key.
    pub fn find(&self, key: &str) -> Request<Allocation> {
        Request::new(&self.0.transport, Call::get(account_path!(self.0, "allocations", &self.1, key)))
    }

    /// Removes the allocation of a key. What it took is free at once.
    pub fn remove(&self, key: &str) -> Request<()> {
        Request::new(&self.0.transport, Call::delete(account_path!(self.0, "allocations", &self.1, key)))
    }
}
