//! Holds: a quantity that is kept free for a while.

use std::time::Duration;

use domain::{AccountId, HoldId, HoldStatus, Meter, Timestamp, UsageRecordId, UserId};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::pages::List;
use crate::request::Request;
use crate::wire;

/// A hold. It counts as used while its state is `held`.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Hold {
    /// The id.
    pub id: HoldId,
    /// The account.
    pub account_id: AccountId,
    /// What is held.
    pub meter: Meter,
    /// How much.
    pub quantity: u64,
    /// The state at the time of the answer. A hold expires by the clock.
    #[serde(with = "wire::text")]
    pub state: HoldStatus,
    /// The instant in whose windows it counts.
    pub at: Timestamp,
    /// When it expires.
    pub expires_at: Timestamp,
    /// A reference of your own.
    pub reference: Option<String>,
    /// When it was created.
    pub created_at: Timestamp,
    /// The user who created it.
    pub created_by: UserId,
    /// When it was confirmed or released.
    pub closed_at: Option<Timestamp>,
}

/// A hold and what it became.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ConfirmedHold {
    /// The hold.
    #[serde(flatten)]
    pub hold: Hold,
    /// The usage record that it became, if the catalogue keeps records of the meter.
    pub usage_id: Option<UsageRecordId>,
    /// The key of the allocation that it became.
    pub allocation_key: Option<String>,
}

/// The fields of a new hold.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct NewHold {
    /// What to hold.
    pub meter: String,
    /// How much; 1 by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u64>,
    /// For how many seconds.
    pub expires_in_seconds: u64,
    /// A reference of your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// The instant in whose windows it counts; now by default. For counters only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

impl NewHold {
    /// A hold of 1 that expires after this time, in whole seconds.
    #[must_use]
    pub fn new(meter: impl ToString, expires_in: Duration) -> Self {
        let expires_in_seconds = expires_in.as_secs();
        Self { meter: meter.to_string(), quantity: None, expires_in_seconds, reference: None, at: None }
    }

    /// The same of this quantity.
    #[must_use]
    pub fn quantity(self, quantity: u64) -> Self {
        Self { quantity: Some(quantity), ..self }
    }

    /// The same with a reference of your own.
    #[must_use]
    pub fn reference(self, reference: impl Into<String>) -> Self {
        Self { reference: Some(reference.into()), ..self }
    }
}

/// What a hold becomes.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct HoldConfirmation {
    /// How much; by default all that is held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<u64>,
    /// The key of the allocation; by default the hold's id. For gauges only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
}

/// The operations on the holds of an account.
#[derive(Clone, Debug)]
pub struct Holds(pub(super) AccountClient);

impl Holds {
    /// Holds a quantity, if the plan has room.
    pub fn create(&self, new: &NewHold) -> Request<Hold> {
        Request::with_json(&self.0.transport, Call::post(account_path!(self.0, "holds")), new)
    }

    /// The holds in every state, the newest first.
    pub fn list(&self) -> List<Hold> {
        List::new(&self.0.transport, Call::get(account_path!(self.0, "holds")))
    }

    /// A hold.
    pub fn find(&self, id: HoldId) -> Request<Hold> {
        Request::new(&self.0.transport, Call::get(account_path!(self.0, "holds", &id.to_string())))
    }

    /// Makes usage or an allocation of a hold. Up to what is held this is always admitted. A hold of
    /// staff members or bookings is confirmed by creating one with its id.
    pub fn confirm(&self, id: HoldId, confirmation: &HoldConfirmation) -> Request<ConfirmedHold> {
        let call = Call::post(account_path!(self.0, "holds", &id.to_string(), "confirm"));
        Request::with_json(&self.0.transport, call, confirmation)
    }

    /// Frees the place of a hold at once.
    pub fn release(&self, id: HoldId) -> Request<Hold> {
        Request::new(&self.0.transport, Call::post(account_path!(self.0, "holds", &id.to_string(), "release")))
    }

    /// Lets a hold expire this time from now, in whole seconds.
    pub fn extend(&self, id: HoldId, expires_in: Duration) -> Request<Hold> {
        let body = serde_json::json!({ "expires_in_seconds": expires_in.as_secs() });
        Request::with_json(
            &self.0.transport,
            Call::post(account_path!(self.0, "holds", &id.to_string(), "extend")),
            &body,
        )
    }
}
