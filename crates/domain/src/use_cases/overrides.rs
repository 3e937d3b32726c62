//! Sets, lists and removes the overrides of an account: of limits and of features.

use jiff::Timestamp;

use super::lookup::{existing_account, lock};
use crate::error::{ChangeError, FindError};
use crate::ports::{Accounts, FeatureOverrides, ReadAccounts, ReadFeatureOverrides};
use crate::{
    AccountId, Feature, FeatureOverride, Metric, NewFeatureOverride, NewOverride, Override, OverrideKey, PlanCatalog,
    UserId,
};

/// Puts an override on the account, replacing one for the same metric.
///
/// # Errors
/// [`ChangeError`].
pub fn put_override(
    tx: &mut (impl Accounts + FeatureOverrides + ?Sized),
    account: AccountId,
    metric: &Metric,
    new: &NewOverride,
    created_by: UserId,
    now: Timestamp,
) -> Result<Override, ChangeError> {
    lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    let NewOverride { limit, reason, expires_at } = new.clone();
    let given = Override { metric: metric.clone(), limit, reason, expires_at, created_by, created_at: now };
    // The key may have been a feature's in an earlier catalogue.
    tx.delete_feature_override(account, &OverrideKey::from(metric.clone()).feature())?;
    tx.put_override(account, &given)?;
    Ok(given)
}

/// Puts an override on the account, replacing one for the same feature.
///
/// # Errors
/// [`ChangeError`].
pub fn put_feature_override(
    tx: &mut (impl Accounts + FeatureOverrides + ?Sized),
    account: AccountId,
    feature: &Feature,
    new: &NewFeatureOverride,
    created_by: UserId,
    now: Timestamp,
) -> Result<FeatureOverride, ChangeError> {
    lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    let NewFeatureOverride { value, reason, expires_at } = new.clone();
    let given = FeatureOverride { feature: feature.clone(), value, reason, expires_at, created_by, created_at: now };
    // The key may have been a metric's in an earlier catalogue.
    tx.delete_override(account, &OverrideKey::from(feature.clone()).metric())?;
    tx.put_feature_override(account, &given)?;
    Ok(given)
}

/// Removes the override of a metric or a feature from the account, even if the catalogue no longer
/// has the key. Returns whether it existed.
///
/// # Errors
/// [`ChangeError::NotFound`] also for a key that neither the catalogue nor an override has.
pub fn remove_override(
    tx: &mut (impl Accounts + FeatureOverrides + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    key: &OverrideKey,
) -> Result<bool, ChangeError> {
    let found = lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    let (metric, feature) = (key.metric(), key.feature());
    let of_metric = found.overrides.iter().any(|given| given.metric == metric);
    let of_feature = tx.list_feature_overrides(account)?.iter().any(|given| given.feature == feature);
    let is_known = catalog.metric(key.as_str()).is_some() || catalog.feature(key.as_str()).is_some();
    if !of_metric && !of_feature && !is_known {
        return Err(ChangeError::NotFound);
    }
    if of_metric {
        tx.delete_override(account, &metric)?;
    }
    if of_feature {
        tx.delete_feature_override(account, &feature)?;
    }
    Ok(of_metric || of_feature)
}

/// An override of a limit or of a feature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum AnyOverride {
    /// Of a limit.
    Limit(Override),
    /// Of a feature.
    Feature(FeatureOverride),
}

impl AnyOverride {
    /// The key of the metric or the feature.
    #[must_use]
    pub fn key(&self) -> OverrideKey {
        match self {
            Self::Limit(given) => given.metric.clone().into(),
            Self::Feature(given) => given.feature.clone().into(),
        }
    }
}

/// Up to `max` overrides of the account after the key `after`, by ascending key. Expired ones are
/// among them.
///
/// # Errors
/// [`FindError`].
pub fn list_overrides(
    tx: &mut (impl ReadAccounts + ReadFeatureOverrides + ?Sized),
    account: AccountId,
    after: Option<&OverrideKey>,
    max: usize,
) -> Result<Vec<AnyOverride>, FindError> {
    let limits = existing_account(tx, account)?.ok_or(FindError::NotFound)?.overrides;
    let features = tx.list_feature_overrides(account)?;
    let all = limits.into_iter().map(AnyOverride::Limit).chain(features.into_iter().map(AnyOverride::Feature));
    let mut listed: Vec<AnyOverride> = all.filter(|it| after.is_none_or(|after| *after < it.key())).collect();
    listed.sort_by_key(AnyOverride::key);
    listed.truncate(max);
    Ok(listed)
}
