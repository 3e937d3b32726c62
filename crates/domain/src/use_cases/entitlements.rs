//! Entitlements: what an account may have, and what it has.

use jiff::Timestamp;
use jiff::civil::Date;

use super::admission::{LiveHolds, effective_limits, usage_of, window_of};
use super::lookup::existing_account;
use crate::error::{AdmissionError, FindError, StorageResult};
use crate::ports::{ReadAccounts, ReadFeatureOverrides, ReadHolds, ReadUsage};
use crate::{
    Account, AccountId, EffectiveLimits, Entitlement, FeatureEntitlement, FeatureOverride, Limit, MetricDef,
    Occurrence, PlanCatalog, PlanKey, Usage,
};

/// When what is checked would happen.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum When {
    /// At the time of the check.
    #[default]
    Now,
    /// On a day of the account.
    On(Date),
    /// At an instant.
    At(Timestamp),
}

/// The entitlements of an account, for every metric and feature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entitlements {
    /// The plan in force, if any.
    pub plan: Option<PlanKey>,
    /// The day of the metrics that are limited by day.
    pub on: Date,
    /// An entitlement for each metric.
    pub all: Vec<Entitlement>,
    /// The value of each feature.
    pub features: Vec<FeatureEntitlement>,
    /// Whether the catalogue has custom metrics, or features.
    pub is_extended: bool,
}

/// The entitlements of the account at `now`. Counters are for the windows of the day `on`, or of
/// `now` by default.
///
/// # Errors
/// [`FindError`].
pub fn list_entitlements(
    tx: &mut (impl ReadAccounts + ReadUsage + ReadHolds + ReadFeatureOverrides + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    on: Option<Date>,
    now: Timestamp,
) -> Result<Entitlements, FindError> {
    let account = existing_account(tx, account)?.ok_or(FindError::NotFound)?;
    let limits = limits_of(catalog, &account, now)?;
    let occurrence = occurrence(&account, on.map_or(When::Now, When::On), now);
    let holds = &mut LiveHolds::new(account.id, now);
    let all = entitlements(tx, limits, &account, catalog.metrics(), &occurrence, holds)?;
    let overrides = feature_overrides(tx, catalog, account.id)?;
    let features = catalog.features().iter();
    let features = features.map(|feature| FeatureEntitlement::new(feature, limits, &overrides, now)).collect();
    let plan = limits.map(|limits| limits.plan.key.clone());
    Ok(Entitlements { plan, on: occurrence.day, all, features, is_extended: catalog.is_extended() })
}

/// The overrides of the account's features, if there are features.
pub(super) fn feature_overrides(
    tx: &mut (impl ReadFeatureOverrides + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
) -> StorageResult<Vec<FeatureOverride>> {
    if catalog.features().is_empty() { Ok(Vec::new()) } else { tx.list_feature_overrides(account) }
}

/// The effective limits of the account; `None` without a plan.
pub(super) fn limits_of<'a>(
    catalog: &'a PlanCatalog,
    account: &'a Account,
    now: Timestamp,
) -> StorageResult<Option<EffectiveLimits<'a>>> {
    match effective_limits(catalog, account, now) {
        Ok(limits) => Ok(Some(limits)),
        Err(AdmissionError::Storage(error)) => Err(error),
        Err(AdmissionError::SubscriptionRequired(_) | AdmissionError::LimitExceeded(_)) => Ok(None),
    }
}

/// The occurrence of what a request is about.
pub(super) fn occurrence(account: &Account, when: When, now: Timestamp) -> Occurrence {
    match when {
        When::Now => account.occurrence(now),
        When::On(day) => Occurrence::on(day, &account.zone, account.subscription.as_ref()),
        When::At(at) => account.occurrence(at),
    }
}

/// The entitlement of each metric at the occurrence.
pub(super) fn entitlements<'a>(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    limits: Option<EffectiveLimits<'_>>,
    account: &Account,
    metrics: impl IntoIterator<Item = &'a MetricDef>,
    occurrence: &Occurrence,
    holds: &mut LiveHolds,
) -> StorageResult<Vec<Entitlement>> {
    let used = usage_of(tx, account, metrics, occurrence, holds)?.into_iter();
    let entitlements = used.map(|(metric, used)| {
        let key = &metric.key;
        let limit = limits.map_or(Limit::AtMost(0), |limits| limits.limit(key));
        Entitlement {
            metric: key.clone(),
            meter: metric.meter.clone(),
            kind: metric.kind,
            usage: Usage { used: used.total(), limit },
            held: used.held,
            granted: limits.map_or(0, |limits| limits.granted(key)),
            window: window_of(metric, occurrence, account),
            plan: limits.map(|limits| limits.plan.key.clone()),
            given: limits.and_then(|limits| limits.override_of(key)).cloned(),
        }
    });
    Ok(entitlements.collect())
}
