//! The endpoints of overrides, and the response body that they share.

mod list;
mod put;
mod remove;

use domain::error::StorageError;
use domain::ports::{Accounts, ReadFeatureOverrides};
use domain::use_cases::AnyOverride;
use domain::{AccountId, FeatureOverride, FeatureValue, Override, OverrideKey};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::{Versioned, content_version};
use crate::problem::{Code, Problem};

endpoints! {
    list::list_overrides,
    put::put_override,
    remove::remove_override,
}

/// An override: a limit of one account that replaces its plan's limit, set by an operator.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Override)]
pub(crate) struct OverrideBody {
    /// The limit; null means unlimited.
    #[schema(required, format = Int64, example = 4)]
    limit: Option<u64>,
    /// The reason for the override.
    #[schema(example = "Trial until the autumn")]
    reason: String,
    /// The time when the override expires, or null.
    #[schema(required, format = DateTime, example = "2026-09-01T00:00:00Z")]
    expires_at: Option<String>,
    /// The id of the operator who set the override.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
    /// The time when the override was set.
    #[schema(format = DateTime, example = "2026-03-20T12:34:56.789012Z")]
    created_at: String,
}

impl From<&Override> for OverrideBody {
    fn from(it: &Override) -> Self {
        Self {
            limit: it.limit.max(),
            reason: it.reason.to_string(),
            expires_at: it.expires_at.map(|at| at.to_string()),
            created_by: it.created_by.to_string(),
            created_at: it.created_at.to_string(),
        }
    }
}

/// An override of a feature: a value of one account that replaces its plan's value.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FeatureOverride)]
pub(crate) struct FeatureOverrideBody {
    /// The feature.
    #[schema(example = "sso")]
    feature: String,
    value: FeatureValueBody,
    /// The reason for the override.
    #[schema(example = "A pilot")]
    reason: String,
    /// The time when the override expires, or null.
    #[schema(required, format = DateTime, example = "2026-09-01T00:00:00Z")]
    expires_at: Option<String>,
    /// The id of the operator who set the override.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
    /// The time when the override was set.
    #[schema(format = DateTime, example = "2026-03-20T12:34:56.789012Z")]
    created_at: String,
}

/// The value of a feature: a switch, a number or a text.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = FeatureValue)]
pub(crate) enum FeatureValueBody {
    /// On or off.
    Switch(bool),
    /// A number.
    Number(u64),
    /// A text.
    Text(String),
}

impl From<&FeatureValue> for FeatureValueBody {
    fn from(value: &FeatureValue) -> Self {
        match value {
            FeatureValue::Switch(is_on) => Self::Switch(*is_on),
            FeatureValue::Number(number) => Self::Number(*number),
            FeatureValue::Text(text) => Self::Text(text.to_string()),
        }
    }
}

impl From<&FeatureOverride> for FeatureOverrideBody {
    fn from(it: &FeatureOverride) -> Self {
        Self {
            feature: it.feature.to_string(),
            value: FeatureValueBody::from(&it.value),
            reason: it.reason.to_string(),
            expires_at: it.expires_at.map(|at| at.to_string()),
            created_by: it.created_by.to_string(),
            created_at: it.created_at.to_string(),
        }
    }
}

/// An override of a limit or of a feature.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = AnyOverride)]
enum AnyOverrideBody {
    Limit(OverrideBody),
    Feature(FeatureOverrideBody),
}

impl From<&AnyOverride> for AnyOverrideBody {
    fn from(it: &AnyOverride) -> Self {
        match it {
            AnyOverride::Limit(given) => Self::Limit(given.into()),
            AnyOverride::Feature(given) => Self::Feature(given.into()),
        }
    }
}

impl Versioned for AnyOverrideBody {
    fn version(&self) -> String {
        content_version(self)
    }
}

/// Adds to the refusal that an operator can set overrides, because no role in the account permits
/// it.
fn refer_to_operator(refusal: Problem) -> Problem {
    if refusal.code == Code::Forbidden {
        return refusal.with_detail("Only an operator can override the limits of an account: ask one.");
    }
    refusal
}

/// The override, locked until the unit of work ends.
fn find_locked(
    tx: &mut (impl Accounts + ReadFeatureOverrides + ?Sized),
    account: AccountId,
    key: &OverrideKey,
) -> Result<Option<AnyOverrideBody>, StorageError> {
    let Some(found) = tx.lock_account(account)? else { return Ok(None) };
    if let Some(given) = found.overrides.iter().find(|given| given.metric == key.metric()) {
        return Ok(Some(AnyOverrideBody::Limit(given.into())));
    }
    let features = tx.list_feature_overrides(account)?;
    let given = features.iter().find(|given| given.feature == key.feature());
    Ok(given.map(|given| AnyOverrideBody::Feature(given.into())))
}

/// The example of an override for the document.
fn example() -> Value {
    json!({
        "limit": 4, "reason": "Trial until the autumn", "expires_at": "2026-09-01T00:00:00Z",
        "created_by": "user_01h455vb4pex5vsknk084sn02q", "created_at": "2026-03-20T12:34:56.789012Z",
    })
}
