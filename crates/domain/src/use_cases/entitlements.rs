//! Entitlements: what an account may have, and what it has.

use jiff::Timestamp;
use jiff::civil::Date;

use super::admission::{admit_metric, effective_limits, usage_of, window_of};
use super::lookup::existing_account;
use crate::error::{AdmissionError, FindError, StorageResult};
use crate::ports::{ReadAccounts, ReadHolds, ReadUsage};
use crate::{
    Account, AccountId, EffectiveLimits, Entitlement, Limit, MetricDef, Occurrence, PlanCatalog, PlanKey, Usage,
};

/// The entitlements of an account, for every metric.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Entitlements {
    /// The plan in force, if any.
    pub plan: Option<PlanKey>,
    /// The day of the metrics that are limited by day.
    pub on: Date,
    /// An entitlement for each metric.
    pub all: Vec<Entitlement>,
}

/// The entitlements of the account at `now`. Counters are for the windows of the day `on`, or of
/// `now` by default.
///
/// # Errors
/// [`FindError`].
pub fn list_entitlements(
    tx: &mut (impl ReadAccounts + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    on: Option<Date>,
    now: Timestamp,
) -> Result<Entitlements, FindError> {
    let account = existing_account(tx, account)?.ok_or(FindError::NotFound)?;
    let limits = limits_of(catalog, &account, now)?;
    let occurrence = occurrence(&account, on, now);
    let all = catalog.metrics().iter().map(|metric| entitlement(tx, limits, &account, metric, &occurrence, now));
    let all = all.collect::<Result<_, _>>()?;
    Ok(Entitlements { plan: limits.map(|limits| limits.plan.key.clone()), on: occurrence.day, all })
}

/// The result of a check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// The entitlement.
    pub entitlement: Entitlement,
    /// How many more were requested.
    pub requested: u64,
    /// Why they would be refused, if so.
    pub refusal: Option<AdmissionError>,
}

/// Checks whether `requested` more of `metric` would be admitted at `now`; of a counter, in the
/// window of the day `on`, or of `now` by default. Reserves nothing.
///
/// # Errors
/// [`FindError`].
pub fn check(
    tx: &mut (impl ReadAccounts + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    metric: &MetricDef,
    requested: u64,
    on: Option<Date>,
    now: Timestamp,
) -> Result<Check, FindError> {
    let account = existing_account(tx, account)?.ok_or(FindError::NotFound)?;
    let limits = limits_of(catalog, &account, now)?;
    let occurrence = occurrence(&account, on, now);
    let entitlement = entitlement(tx, limits, &account, metric, &occurrence, now)?;
    let refusal = match admit_metric(tx, catalog, &account, metric, &occurrence, requested, now) {
        Ok(()) => None,
        Err(AdmissionError::Storage(error)) => return Err(error.into()),
        Err(refusal) => Some(refusal),
    };
    Ok(Check { entitlement, requested, refusal })
}

/// The effective limits of the account; `None` without a plan.
fn limits_of<'a>(
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

fn occurrence(account: &Account, on: Option<Date>, now: Timestamp) -> Occurrence {
    let subscription = account.subscription.as_ref();
    let on = on.map(|day| Occurrence::on(day, &account.zone, subscription));
    on.unwrap_or_else(|| Occurrence::new(now, &account.zone, subscription))
}

fn entitlement(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    limits: Option<EffectiveLimits<'_>>,
    account: &Account,
    metric: &MetricDef,
    occurrence: &Occurrence,
    now: Timestamp,
) -> StorageResult<Entitlement> {
    let used = usage_of(tx, account, metric, occurrence, now)?;
    let key = &metric.key;
    let limit = limits.map_or(Limit::AtMost(0), |limits| limits.limit(key));
    Ok(Entitlement {
        metric: key.clone(),
        usage: Usage { used: used.total(), limit },
        held: used.held,
        granted: limits.map_or(0, |limits| limits.granted(key)),
        window: window_of(metric, occurrence, account),
        plan: limits.map(|limits| limits.plan.key.clone()),
        given: limits.and_then(|limits| limits.override_of(key)).cloned(),
    })
}
