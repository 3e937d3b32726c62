//! What an account has beyond the limits of a catalogue, before that catalogue is in force.

use jiff::Timestamp;

use super::admission::{usage_of, window_of};
use crate::error::{Excess, StorageResult};
use crate::ports::{ReadHolds, ReadUsage};
use crate::{Account, Kind, LimitWindow, Occurrence, PlanCatalog, Usage, Window, day_of_window, rules};

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
    let occurrence = Occurrence::new(now, &account.zone, account.subscription.as_ref());
    let mut found = Vec::new();
    for metric in catalog.metrics() {
        let limit = limits.limit(&metric.key);
        let Some(new_limit) = limit.max() else { continue };
        let used = usage_of(tx, account, metric, &occurrence, now)?.total();
        if (Usage { used, limit }).over_by() > 0 {
            let window = window_of(metric, &occurrence, account);
            let is_day = metric.kind == Kind::Counter(Window::Day);
            let day = window.as_ref().filter(|_| is_day).map(|window: &LimitWindow| day_of_window(window.label));
            found.push(Excess { metric: metric.key.clone(), day, window: window.filter(|_| !is_day), used, new_limit });
        }
    }
    Ok(found)
}
