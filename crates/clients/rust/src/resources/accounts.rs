//! Accounts.

use std::collections::BTreeMap;

use domain::{AccountId, Timestamp};
use serde::{Deserialize, Serialize};

use super::subscriptions::Subscription;
use crate::call::Call;
use crate::error::Error;
use crate::pages::List;
use crate::request::Request;
use crate::transport::Transport;

/// An account: a customer of your product.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Account {
    /// The id.
    pub id: AccountId,
    /// The name.
    pub name: String,
    /// The IANA time zone that determines the account's days.
    pub time_zone: String,
    /// The id in your own system, if it was given.
    #[serde(default)]
    pub external_id: Option<String>,
    /// Your own pairs of text.
    #[serde(default)]
    pub metadata: BTreeMap<String, String>,
    /// The subscription, if it is on a plan.
    pub subscription: Option<Subscription>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was removed.
    pub deleted_at: Option<Timestamp>,
}

/// The fields of a new account.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct NewAccount {
    /// The name.
    pub name: String,
    /// The IANA time zone; `UTC` by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// The id in your own system, which no other account has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// Your own pairs of text.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub metadata: BTreeMap<String, String>,
    /// The plan to subscribe to in the same step.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<String>,
}

impl From<&str> for NewAccount {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// The fields of an account to change.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct AccountChange {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new time zone, for future bookings and usage.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// All pairs of text, instead of the present ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<BTreeMap<String, String>>,
}

/// An erasure of personal data.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Erasure {
    /// The id of the account or the user.
    pub id: String,
    /// When it was erased; `None` in a dry run.
    pub erased_at: Option<Timestamp>,
    /// How many rows would be erased, in a dry run.
    pub counts: Option<ErasureCounts>,
}

/// How many rows an erasure would remove.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ErasureCounts {
    /// Memberships.
    pub members: u64,
    /// Staff members.
    pub staff_members: u64,
    /// Bookings.
    pub bookings: u64,
    /// Usage records.
    pub usage_records: u64,
    /// Allocations.
    pub allocations: u64,
    /// Holds.
    pub holds: u64,
    /// Entries of the audit log.
    pub audit_entries: u64,
    /// Sessions.
    pub sessions: u64,
    /// API keys.
    pub api_keys: u64,
}

/// The operations on the collection of accounts.
#[derive(Clone, Debug)]
pub struct Accounts(pub(crate) Transport);

impl Accounts {
    /// Creates an account.
    pub fn create(&self, new: impl Into<NewAccount>) -> Request<Account> {
        Request::with_json(&self.0, Call::post(&["accounts"]), &new.into())
    }

    /// The accounts that the caller may see, the newest first.
    pub fn list(&self) -> List<Account> {
        List::new(&self.0, Call::get(&["accounts"]))
    }

    /// The account with this id of your own system, if it exists and is not removed.
    ///
    /// # Errors
    /// [`Error`].
    pub async fn find_by_external_id(&self, external_id: &str) -> Result<Option<Account>, Error> {
        let mut pages = self.list().external_id(external_id).pages();
        while let Some(page) = pages.next().await {
            if let Some(account) = page?.data.into_iter().next() {
                return Ok(Some(account));
            }
        }
        Ok(None)
    }
}

impl List<Account> {
    /// Removed accounts, too.
    pub fn include_deleted(self) -> Self {
        self.with("include_deleted", true)
    }

    /// Whose name begins with this text, in any letter case, or whose id or `external_id` it is.
    pub fn search(self, text: &str) -> Self {
        self.with("search", text)
    }

    /// The account with this id of your own system.
    pub fn external_id(self, external_id: &str) -> Self {
        self.with("external_id", external_id)
    }
}
