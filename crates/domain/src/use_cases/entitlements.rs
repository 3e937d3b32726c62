//! Entitlements: what an account may have, and what it has.

use jiff::Timestamp;
use jiff::civil::Date;

use super::admission::{admit_bookings, admit_staff};
use super::lookup::{existing_account, plan_of};
use crate::error::{AdmissionError, FindError, StorageResult};
use crate::ports::{ReadAccounts, ReadBookings, ReadStaff};
use crate::{
    Account, AccountId, EffectiveLimits, Entitlement, Limit, Metric, Plan, PlanCatalog, PlanKey, Usage, rules,
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

/// The entitlements of the account at `now`. Metrics that are limited by day are for the day `on`,
/// today by default.
///
/// # Errors
/// [`FindError`].
pub fn list_entitlements(
    tx: &mut (impl ReadAccounts + ReadStaff + ReadBookings + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    on: Option<Date>,
    now: Timestamp,
) -> Result<Entitlements, FindError> {
    let (account, plan) = find(tx, catalog, account, now)?;
    let all = Metric::ALL.iter().map(|metric| entitlement(tx, plan, &account, *metric, on, now));
    let all = all.collect::<Result<_, _>>()?;
    let on = on.unwrap_or_else(|| account.zone.day_of(now).date);
    Ok(Entitlements { plan: plan.map(|plan| plan.key.clone()), on, all })
}

/// The result of a check.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// The entitlement.
    pub entitlement: Entitlement,
    /// How many more were requested.
    pub requested: u32,
    /// Why they would be refused, if so.
    pub refusal: Option<AdmissionError>,
}

/// Checks whether `requested` more of `metric` would be admitted at `now`; for metrics limited by
/// day, on the day `on`, today by default. Reserves nothing.
///
/// # Errors
/// [`FindError`].
pub fn check(
    tx: &mut (impl ReadAccounts + ReadStaff + ReadBookings + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    metric: Metric,
    requested: u32,
    on: Option<Date>,
    now: Timestamp,
) -> Result<Check, FindError> {
    let (account, plan) = find(tx, catalog, account, now)?;
    let entitlement = entitlement(tx, plan, &account, metric, on, now)?;
    let admitted = match entitlement.window.clone() {
        None => admit_staff(tx, catalog, &account, requested, now),
        Some(day) => admit_bookings(tx, catalog, &account, day, requested, now),
    };
    let refusal = match admitted {
        Ok(()) => None,
        Err(AdmissionError::Storage(error)) => return Err(error.into()),
        Err(refusal) => Some(refusal),
    };
    Ok(Check { entitlement, requested, refusal })
}

/// The account and its plan in force, if any.
fn find<'a>(
    tx: &mut (impl ReadAccounts + ?Sized),
    catalog: &'a PlanCatalog,
    id: AccountId,
    now: Timestamp,
) -> Result<(Account, Option<&'a Plan>), FindError> {
    let account = existing_account(tx, id)?.ok_or(FindError::NotFound)?;
    let plan = rules::check_subscription(&account, now).ok().map(|key| plan_of(catalog, key)).transpose()?;
    Ok((account, plan))
}

fn entitlement(
    tx: &mut (impl ReadStaff + ReadBookings + ?Sized),
    plan: Option<&Plan>,
    account: &Account,
    metric: Metric,
    on: Option<Date>,
    now: Timestamp,
) -> StorageResult<Entitlement> {
    let limits = plan.map(|plan| EffectiveLimits::new(plan, &account.overrides, now));
    let limit = limits.map_or(Limit::AtMost(0), |limits| limits.limit(metric));
    let window = match metric {
        Metric::Staff => None,
        Metric::BookingsPerDay => Some(on.map_or_else(|| account.zone.day_of(now), |on| account.zone.day(on))),
    };
    let used = match &window {
        None => tx.count_active_staff(account.id)?,
        Some(day) => tx.count_bookings_on(account.id, day.date)?,
    };
    let given = limits.and_then(|limits| limits.override_of(metric)).cloned();
    Ok(Entitlement { metric, usage: Usage { used, limit }, window, plan: plan.map(|plan| plan.key.clone()), given })
}
