//! The accounts that are near a limit, or over it.

use jiff::Timestamp;

use super::admission::LiveHolds;
use super::entitlements::{entitlements, limits_of};
use crate::error::StorageResult;
use crate::ports::{Page, ReadHolds, ReadMembers, ReadUsage};
use crate::{Account, AccountId, Entitlement, Limit, MetricDef, PlanCatalog, PlanKey, Ratio};

/// The most accounts that are examined for one page.
pub const EXAMINED_ACCOUNTS_MAX: usize = 200;
/// How many of them are read at once.
const READ_AT_ONCE: usize = 50;
/// The most reads for one page: of each account its overrides and grants, and of each metric a
/// counter and holds. With many metrics, fewer accounts are examined.
const READS_MAX: usize = 1_200;

/// An account that is near a limit, or over it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NearLimits {
    /// The account.
    pub account: Account,
    /// The plan in force.
    pub plan: PlanKey,
    /// The metrics whose usage reaches the ratio, in the order of the catalogue. None of them is
    /// unlimited.
    pub entitlements: Vec<Entitlement>,
}

/// Up to `max` accounts after `after`, newest first, of which the usage at `now` of one of the
/// metrics [reaches](crate::Usage::reaches) the ratio of its limit: of a counter in the window of
/// `now`. Accounts that are removed or without a plan have no limits.
///
/// At most [`EXAMINED_ACCOUNTS_MAX`] accounts are examined, or fewer with many metrics, so a page
/// may have fewer accounts although more follow.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn list_near_limits(
    tx: &mut (impl ReadMembers + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    metrics: &[MetricDef],
    ratio: Ratio,
    after: Option<AccountId>,
    max: usize,
    now: Timestamp,
) -> StorageResult<Page<NearLimits, AccountId>> {
    let (mut items, mut next) = (Vec::new(), after);
    let accounts_max = (READS_MAX / (2 + 2 * metrics.len())).clamp(1, EXAMINED_ACCOUNTS_MAX);
    let at_once = READ_AT_ONCE.min(accounts_max);
    for _ in 0..(accounts_max / at_once) {
        let page = tx.list_accounts(None, false, next, at_once)?;
        let mut accounts = page.items.into_iter();
        while let Some(account) = accounts.next() {
            let id = account.id;
            items.extend(examine(tx, catalog, metrics, ratio, account, now)?);
            if items.len() >= max && accounts.len() > 0 {
                return Ok(Page { items, next: Some(id) });
            }
        }
        next = page.next;
        if next.is_none() || items.len() >= max {
            break;
        }
    }
    Ok(Page { items, next })
}

/// The account, if it is near a limit.
fn examine(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    metrics: &[MetricDef],
    ratio: Ratio,
    account: Account,
    now: Timestamp,
) -> StorageResult<Option<NearLimits>> {
    let Some(limits) = limits_of(catalog, &account, now)? else { return Ok(None) };
    let occurrence = account.occurrence(now);
    let limited = metrics.iter().filter(|metric| limits.limit(&metric.key) != Limit::Unlimited);
    let holds = &mut LiveHolds::new(account.id, now);
    let mut entitlements = entitlements(tx, Some(limits), &account, limited, &occurrence, holds)?;
    entitlements.retain(|found| found.usage.reaches(ratio));
    let plan = limits.plan.key.clone();
    Ok((!entitlements.is_empty()).then_some(NearLimits { account, plan, entitlements }))
}
