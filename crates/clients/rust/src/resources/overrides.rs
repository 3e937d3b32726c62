//! Overrides: limits and values of features of one account, set by an operator.

use domain::{Feature, FeatureValue, Limit, OverrideKey, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::pages::List;
use crate::request::Request;
use crate::wire;

/// An override of a limit.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct LimitOverride {
    /// The limit.
    #[serde(with = "wire::limit")]
    pub limit: Limit,
    /// The reason.
    pub reason: String,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// The operator who set it.
    pub created_by: UserId,
    /// When it was set.
    pub created_at: Timestamp,
}

/// An override of a feature.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct FeatureOverride {
    /// The feature.
    pub feature: Feature,
    /// The value.
    pub value: FeatureValue,
    /// The reason.
    pub reason: String,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// The operator who set it.
    pub created_by: UserId,
    /// When it was set.
    pub created_at: Timestamp,
}

/// An override of a limit or of a feature.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(untagged)]
pub enum AnyOverride {
    /// Of a feature.
    Feature(FeatureOverride),
    /// Of a limit.
    Limit(LimitOverride),
}

/// An override with the key of its metric or feature.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[non_exhaustive]
pub struct ListedOverride {
    /// The key.
    #[serde(with = "wire::text")]
    pub key: OverrideKey,
    /// The override.
    #[serde(rename = "override")]
    pub given: AnyOverride,
}

/// The fields of a new override. Create it with [`limit`](Self::limit) or [`value`](Self::value).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct NewOverride {
    #[serde(flatten)]
    what: What,
    reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires_at: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
enum What {
    #[serde(with = "wire::limit")]
    Limit(Limit),
    Value(FeatureValue),
}

impl NewOverride {
    /// A limit instead of the plan's, with the reason.
    #[must_use]
    pub fn limit(limit: Limit, reason: impl Into<String>) -> Self {
        Self { what: What::Limit(limit), reason: reason.into(), expires_at: None }
    }

    /// A value of a feature instead of the plan's, with the reason.
    #[must_use]
    pub fn value(value: FeatureValue, reason: impl Into<String>) -> Self {
        Self { what: What::Value(value), reason: reason.into(), expires_at: None }
    }

    /// The same until this instant.
    #[must_use]
    pub fn expires_at(self, expires_at: Timestamp) -> Self {
        Self { expires_at: Some(expires_at), ..self }
    }
}

/// The operations on the overrides of an account.
#[derive(Clone, Debug)]
pub struct Overrides(pub(super) AccountClient);

impl Overrides {
    /// Sets the override of a metric or a feature (operators).
    pub fn put(&self, key: impl ToString, new: &NewOverride) -> Request<AnyOverride> {
        Request::with_json(&self.0.transport, Call::put(account_path!(self.0, "overrides", &key.to_string())), new)
    }

    /// The overrides, by key, with those that have expired.
    pub fn list(&self) -> List<ListedOverride> {
        List::new(&self.0.transport, Call::get(account_path!(self.0, "overrides")))
    }

    /// Removes the override of a metric or a feature (operators).
    pub fn remove(&self, key: impl ToString) -> Request<()> {
        Request::new(&self.0.transport, Call::delete(account_path!(self.0, "overrides", &key.to_string())))
    }
}
