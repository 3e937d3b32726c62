//! Grants, which add to limits.

use domain::{AccountId, GrantId, Metric, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::pages::List;
use crate::request::Request;

/// A grant.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Grant {
    /// The id.
    pub id: GrantId,
    /// The account.
    pub account_id: AccountId,
    /// The metric whose limit is larger.
    pub metric: Metric,
    /// By how much.
    pub quantity: u64,
    /// The reason.
    pub reason: String,
    /// A reference of your own.
    pub reference: Option<String>,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// The operator who created it.
    pub created_by: UserId,
    /// When it was created.
    pub created_at: Timestamp,
}

/// The fields of a new grant.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
pub struct NewGrant {
    /// The metric whose limit becomes larger.
    pub metric: String,
    /// By how much.
    pub quantity: u64,
    /// The reason.
    pub reason: String,
    /// A reference of your own.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// When it expires; never by default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
}

impl NewGrant {
    /// This much more of a metric, with the reason.
    #[must_use]
    pub fn new(metric: impl ToString, quantity: u64, reason: impl Into<String>) -> Self {
        Self { metric: metric.to_string(), quantity, reason: reason.into(), reference: None, expires_at: None }
    }
}

/// The operations on the grants of an account.
#[derive(Clone, Debug)]
pub struct Grants(pub(super) AccountClient);

impl Grants {
    /// Adds a grant (operators).
    pub fn create(&self, new: &NewGrant) -> Request<Grant> {
        Request::with_json(&self.0.transport, Call::post(account_path!(self.0, "grants")), new)
    }

    /// The grants, the newest first, with those that have expired.
    pub fn list(&self) -> List<Grant> {
        List::new(&self.0.transport, Call::get(account_path!(self.0, "grants")))
    }

    /// A grant.
    pub fn find(&self, id: GrantId) -> Request<Grant> {
        Request::new(&self.0.transport, Call::get(account_path!(self.0, "grants", &id.to_string())))
    }

    /// Removes a grant (operators).
    pub fn remove(&self, id: GrantId) -> Request<()> {
        Request::new(&self.0.transport, Call::delete(account_path!(self.0, "grants", &id.to_string())))
    }
}
