//! Checks: whether requests would be admitted, without making them.

use jiff::Timestamp;

use super::admission::{Demand, LiveHolds, admit_by};
use super::entitlements::{When, entitlements, feature_overrides, limits_of, occurrence};
use super::lookup::existing_account;
use crate::error::{AdmissionError, FindError, StorageError, StorageResult};
use crate::ports::{ReadAccounts, ReadFeatureOverrides, ReadHolds, ReadUsage};
use crate::{
    Account, AccountId, EffectiveLimits, Entitlement, FeatureDef, FeatureEntitlement, FeatureOverride, MetricDef,
    Occurrence, PlanCatalog, PlanKey,
};

/// A question that a check answers.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Question {
    /// Whether limits admit more.
    Limit {
        /// The metrics, at least one: those that are asked about, or all of a meter, as creation
        /// asks.
        metrics: Vec<MetricDef>,
        /// How many more.
        requested: u64,
        /// When.
        when: When,
    },
    /// Whether the account has a feature.
    Feature(FeatureDef),
}

/// The answer to a question.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Answer {
    /// About limits.
    Limit(Box<Check>),
    /// About a feature.
    Feature(Box<FeatureCheck>),
}

/// The result of a check of limits.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Check {
    /// The entitlement: that of a meter is the one with the least room.
    pub entitlement: Entitlement,
    /// How many more were requested.
    pub requested: u64,
    /// Why they would be refused, if so.
    pub refusal: Option<AdmissionError>,
    /// Whether the catalogue has custom metrics, or features.
    pub is_extended: bool,
}

/// The result of a check of a feature.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FeatureCheck {
    /// The value, and where it comes from. The account has the feature if it is
    /// [present](crate::FeatureValue::is_present).
    pub entitlement: FeatureEntitlement,
    /// The plans with the feature, if the account does not have it, the smallest first. Empty where
    /// an override is in force, because it applies on every plan.
    pub plans_that_allow: Vec<PlanKey>,
}

/// Answers the questions at `now`, all on one snapshot. Reserves nothing.
///
/// # Errors
/// [`FindError`].
pub fn check(
    tx: &mut (impl ReadAccounts + ReadUsage + ReadHolds + ReadFeatureOverrides + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    questions: &[Question],
    now: Timestamp,
) -> Result<Vec<Answer>, FindError> {
    let account = existing_account(tx, account)?.ok_or(FindError::NotFound)?;
    let limits = limits_of(catalog, &account, now)?;
    let overrides = feature_overrides(tx, catalog, account.id)?;
    let mut answers = Vec::new();
    let holds = &mut LiveHolds::new(account.id, now);
    for question in questions {
        answers.push(match question {
            Question::Feature(feature) => {
                Answer::Feature(Box::new(feature_check(catalog, feature, limits, &overrides, now)))
            }
            Question::Limit { metrics, requested, when } => {
                let occurrence = occurrence(&account, *when, now);
                let check = limit_check(tx, catalog, &account, metrics, *requested, &occurrence, holds)?;
                Answer::Limit(Box::new(check))
            }
        });
    }
    Ok(answers)
}

fn feature_check(
    catalog: &PlanCatalog,
    feature: &FeatureDef,
    limits: Option<EffectiveLimits<'_>>,
    overrides: &[FeatureOverride],
    now: Timestamp,
) -> FeatureCheck {
    let entitlement = FeatureEntitlement::new(feature, limits, overrides, now);
    let is_final = entitlement.value.is_present() || entitlement.given.is_some();
    let plans = catalog.iter().filter(|plan| !is_final && plan.feature(feature).is_present());
    FeatureCheck { plans_that_allow: plans.map(|plan| plan.key.clone()).collect(), entitlement }
}

/// Checks the metrics, which are all of one meter.
fn limit_check(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    metrics: &[MetricDef],
    requested: u64,
    occurrence: &Occurrence,
    holds: &mut LiveHolds,
) -> StorageResult<Check> {
    let demands =
        metrics.first().map(|metric| Demand { meter: &metric.meter, occurrence: *occurrence, quantity: requested });
    let refusal = match admit_by(tx, catalog, account, metrics, demands.as_slice(), None, holds) {
        Ok(()) => None,
        Err(AdmissionError::Storage(error)) => return Err(error),
        Err(refusal) => Some(refusal),
    };
    let limits = limits_of(catalog, account, holds.now)?;
    let entitlements = entitlements(tx, limits, account, metrics, occurrence, holds)?;
    let tightest = entitlements.into_iter().min_by_key(|it| it.usage.remaining().unwrap_or(u64::MAX));
    let entitlement =
        tightest.ok_or_else(|| StorageError::Corrupt("a check is about a meter without metrics".to_owned()))?;
    Ok(Check { entitlement, requested, refusal, is_extended: catalog.is_extended() })
}
