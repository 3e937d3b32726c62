//! Subscribes an account to a plan, changes or ends the subscription, and previews a change.

use jiff::{Timestamp, ToSpan};

use super::admission::{LiveHolds, usage_of, window_after, window_of};
use super::entitlements::feature_overrides;
use super::list_excesses::excess;
use super::lookup::{existing_account, lock};
use crate::error::{Excess, StorageResult, SubscribeError};
use crate::ports::{Accounts, ReadAccounts, ReadFeatureOverrides, ReadHolds, ReadUsage, Subscriptions};
use crate::{
    Account, AccountId, Direction, Ending, Feature, FeatureEntitlement, FeatureValue, Limit, LimitWindow, Metric,
    MetricDef, NewChange, Occurrence, OverLimit, Plan, PlanCatalog, PlanChange, PlanChoice, PlanKey, ScheduledChange,
    Subscription, SubscriptionChange, Timing, Window, rules,
};

/// Subscribes an account to a plan, immediately or at the end of its billing period. What exists
/// stays, even above the new limits, unless the choice is to refuse that. Only an operator may
/// choose a plan that is not for self-service.
///
/// # Errors
/// [`SubscribeError`].
pub fn subscribe(
    tx: &mut (impl Accounts + Subscriptions + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    choice: &PlanChoice,
    is_operator: bool,
    new: &NewChange,
) -> Result<PlanChange, SubscribeError> {
    let (account, due) = lock_settled(tx, catalog, account_id, new.requested.at)?;
    subscribe_locked(tx, catalog, &account, due, choice, is_operator, new)
}

/// Subscribes an account that the same unit of work has opened. Returns the account with its
/// subscription, without reading it: a dry run does not find what it has opened.
///
/// # Errors
/// [`SubscribeError`].
pub fn subscribe_opened(
    tx: &mut (impl Subscriptions + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: Account,
    choice: &PlanChoice,
    is_operator: bool,
    new: &NewChange,
) -> Result<Account, SubscribeError> {
    let change = subscribe_locked(tx, catalog, &account, None, choice, is_operator, new)?;
    let subscription = Some(change.subscription().clone());
    Ok(Account { subscription, version: account.version + 1, ..account })
}

/// Subscribes the account, which is locked, and writes the change that is due.
fn subscribe_locked(
    tx: &mut (impl Subscriptions + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    due: Option<SubscriptionChange>,
    choice: &PlanChoice,
    is_operator: bool,
    new: &NewChange,
) -> Result<PlanChange, SubscribeError> {
    let plan = catalog.find(&choice.plan).ok_or(SubscribeError::UnknownPlan)?;
    let current = account.subscription.as_ref();
    let at = rules::takes_effect_at(current, choice.timing, &account.zone, new.requested.at);
    let change = rules::change_plan(current, plan, at, new);
    if matches!(change, PlanChange::Unchanged(_)) {
        return Ok(change);
    }
    if !plan.is_self_service && !is_operator {
        return Err(SubscribeError::NotSelfService);
    }
    if choice.over_limit == OverLimit::Reject {
        let exceeded = excesses(tx, catalog, account, plan, at)?;
        if !exceeded.is_empty() {
            return Err(SubscribeError::OverLimit(exceeded));
        }
    }
    let effect = change.effect(current.map(|it| &it.plan), new.id, new.requested.clone());
    write(tx, account, Some(change.subscription()), [due, effect])?;
    Ok(change)
}

/// Ends a subscription, immediately or at the end of the billing period. Creation is refused from
/// then on; existing data stays. Returns the subscription, and whether it has ended.
///
/// # Errors
/// [`SubscribeError`].
pub fn unsubscribe(
    tx: &mut (impl Accounts + Subscriptions + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    ending: &Ending,
    new: &NewChange,
) -> Result<(Subscription, bool), SubscribeError> {
    let (account, due) = lock_settled(tx, catalog, account_id, new.requested.at)?;
    let current = account.subscription.clone().ok_or(rules::SubscriptionRequired)?;
    let at = rules::takes_effect_at(Some(&current), ending.timing, &account.zone, new.requested.at);
    let (id, requested) = (new.id, new.requested.clone());
    if ending.timing == Timing::Immediate {
        let effect = SubscriptionChange { id, from: Some(current.plan.clone()), to: None, at, requested };
        write(tx, &account, None, [due, Some(effect)])?;
        return Ok((Subscription { scheduled: None, ..current }, true));
    }
    let ending = Subscription { scheduled: Some(ScheduledChange { id, to: None, at, requested }), ..current };
    write(tx, &account, Some(&ending), [due, None])?;
    Ok((ending, false))
}

/// Cancels the scheduled change of a subscription. Returns the subscription if a change was
/// scheduled.
///
/// # Errors
/// [`SubscribeError`].
pub fn cancel_scheduled_change(
    tx: &mut (impl Accounts + Subscriptions + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    now: Timestamp,
) -> Result<Option<Subscription>, SubscribeError> {
    let (account, due) = lock_settled(tx, catalog, account_id, now)?;
    let Some(current) = account.subscription.clone().filter(|it| it.scheduled.is_some()) else { return Ok(None) };
    let kept = Subscription { scheduled: None, ..current };
    write(tx, &account, Some(&kept), [due, None])?;
    Ok(Some(kept))
}

/// The preview of a change of plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Preview {
    /// The current plan, if any.
    pub from: Option<PlanKey>,
    /// The new plan.
    pub to: PlanKey,
    /// The direction of the change.
    pub direction: Direction,
    /// When it would take effect.
    pub effective_at: Timestamp,
    /// For each metric, the limit now and the limit after the change.
    pub limits: Vec<(Metric, Limit, Limit)>,
    /// The metrics whose usage would be above the new limit.
    pub exceeded: Vec<Excess>,
    /// The features whose values change: the value now and the value after the change.
    pub features: Vec<(Feature, FeatureValue, FeatureValue)>,
    /// Whether the catalogue has custom metrics, or features.
    pub is_extended: bool,
}

/// Previews a change of plan. Writes nothing.
///
/// # Errors
/// [`SubscribeError`].
pub fn preview_plan_change(
    tx: &mut (impl ReadAccounts + ReadUsage + ReadHolds + ReadFeatureOverrides + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    choice: &PlanChoice,
    now: Timestamp,
) -> Result<Preview, SubscribeError> {
    let (account, _) = existing_account(tx, account_id)?.ok_or(SubscribeError::AccountNotFound)?.settle(catalog, now);
    let plan = catalog.find(&choice.plan).ok_or(SubscribeError::UnknownPlan)?;
    let current = account.subscription.as_ref();
    let from = current.map(|current| &current.plan);
    let at = rules::takes_effect_at(current, choice.timing, &account.zone, now);
    let present = from.and_then(|key| catalog.resolve(key)).map(|plan| account.limits_on(plan, now));
    let then = account.limits_on(plan, at);
    let limits = catalog.metrics().iter().map(|MetricDef { key, .. }| {
        let present = present.map_or(Limit::AtMost(0), |present| present.limit(key));
        (key.clone(), present, then.limit(key))
    });
    let overrides = feature_overrides(tx, catalog, account_id)?;
    let features = catalog.features().iter().map(|feature| {
        let present = FeatureEntitlement::new(feature, present, &overrides, now);
        let then = FeatureEntitlement::new(feature, Some(then), &overrides, at);
        (feature.key.clone(), present.value, then.value)
    });
    Ok(Preview {
        from: from.cloned(),
        to: plan.key.clone(),
        direction: rules::direction(catalog, from, &plan.key),
        effective_at: at,
        limits: limits.collect(),
        features: features.filter(|(_, present, then)| present != then).collect(),
        is_extended: catalog.is_extended(),
        exceeded: excesses(tx, catalog, &account, plan, at)?,
    })
}

/// The metrics of which the account would use more than it may on `plan` at `at`: gauges now, and
/// counters in the windows from `at` on, up to [`rules::LOOK_AHEAD_DAYS_MAX`] days ahead.
fn excesses(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    plan: &Plan,
    at: Timestamp,
) -> StorageResult<Vec<Excess>> {
    let limits = account.limits_on(plan, at);
    let (mut holds, mut found) = (LiveHolds::new(account.id, at), Vec::new());
    let first = account.occurrence(at);
    let limited = catalog.metrics().iter().filter(|metric| limits.limit(&metric.key) != Limit::Unlimited);
    for (metric, used) in usage_of(tx, account, limited, &first, &mut holds)? {
        let limit = limits.limit(&metric.key);
        found.extend(excess(metric, limit, window_of(metric, &first, account), used.total()));
        let later = windows_after(metric, &first, account);
        let labels: Vec<Timestamp> = later.iter().map(|window| window.label).collect();
        for (label, used) in tx.used_in(account.id, &metric.counter(), &labels)? {
            let window = later.iter().find(|window| window.label == label);
            found.extend(excess(metric, limit, window.cloned(), used));
        }
    }
    Ok(found)
}

/// The windows of a counter of days or longer spans after that of `first`, in which something may
/// be planned already.
fn windows_after(metric: &MetricDef, first: &Occurrence, account: &Account) -> Vec<LimitWindow> {
    if matches!(metric.kind.window(), None | Some(Window::Minute | Window::Hour | Window::Lifetime)) {
        return Vec::new();
    }
    let days = i64::try_from(rules::LOOK_AHEAD_DAYS_MAX).unwrap_or(i64::MAX);
    let last_day = first.day.saturating_add(days.days());
    let next = |window: &LimitWindow| {
        window_after(metric, window, account).filter(|_| account.zone.day_of(window.span.end).date <= last_day)
    };
    let first = window_of(metric, first, account);
    std::iter::successors(first, next).skip(1).take(rules::LOOK_AHEAD_DAYS_MAX).collect()
}

/// The account, locked, at `now`, and the change that has taken effect and is not in the history
/// yet.
fn lock_settled(
    tx: &mut (impl Accounts + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    now: Timestamp,
) -> Result<(Account, Option<SubscriptionChange>), SubscribeError> {
    Ok(lock(tx, account_id)?.ok_or(SubscribeError::AccountNotFound)?.settle(catalog, now))
}

fn write(
    tx: &mut (impl Subscriptions + ?Sized),
    account: &Account,
    subscription: Option<&Subscription>,
    changes: [Option<SubscriptionChange>; 2],
) -> StorageResult<()> {
    tx.put_subscription(account.id, subscription, account.version + 1)?;
    changes.into_iter().flatten().try_for_each(|change| tx.append_subscription_change(account.id, &change))
}
