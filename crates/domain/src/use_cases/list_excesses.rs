//! What an account has beyond the limits of a catalogue, before that catalogue is in force.

use jiff::Timestamp;

use super::admission::{LiveHolds, usage_of, window_of};
use crate::error::{Excess, StorageResult};
use crate::ports::{ReadHolds, ReadUsage};
use crate::{Account, Kind, Limit, LimitWindow, MetricDef, PlanCatalog, Usage, Window, day_of_window, rules};

/// The metrics of which the account uses more at `now` than `catalog` would permit: gauges, and
/// counters in the window of `now`. Nothing for an account without a plan in force, or whose plan
/// the catalogue does not have.
///
/// # Errors
/// [`StorageError`](crate::error::StorageError).
pub fn list_excesses(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    now: Timestamp,
) -> StorageResult<Vec<Excess>> {
    let plan = rules::check_subscription(account, now).ok().and_then(|key| catalog.resolve(key));
    let Some(plan) = plan else { return Ok(Vec::new()) };
    let limits = account.limits_on(plan, now);
    let occurrence = account.occurrence(now);
    let (mut holds, mut found) = (LiveHolds::new(account.id, now), Vec::new());
    let limited = catalog.metrics().iter().filter(|metric| limits.limit(&metric.key) != Limit::Unlimited);
    for (metric, used) in usage_of(tx, account, limited, &occurrence, &mut holds)? {
        let (limit, window) = (limits.limit(&metric.key), window_of(metric, &occurrence, account));
        found.extend(excess(metric, limit, window, used.total()));
    }
    Ok(found)
}

/// The excess of what is used of a metric in a window, if the limit does not permit it.
pub(super) fn excess(metric: &MetricDef, limit: Limit, window: Option<LimitWindow>, used: u64) -> Option<Excess> {
    let new_limit = limit.max().filter(|_| Usage { used, limit }.over_by() > 0)?;
    let is_day = metric.kind == Kind::Counter(Window::Day);
    let day = window.as_ref().filter(|_| is_day).map(|window| day_of_window(window.label));
    Some(Excess { metric: metric.key.clone(), day, window: window.filter(|_| !is_day), used, new_limit })
}
