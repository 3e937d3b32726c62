//! The history of usage: how much of a counter was used in each window of a range.

use std::collections::BTreeMap;

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use super::admission::{window_after, window_of};
use super::entitlements::limits_of;
use super::lookup::existing_account;
use crate::error::{StorageResult, UsageHistoryError};
use crate::ports::{ReadAccounts, ReadUsage};
use crate::{
    Account, AccountId, HISTORY_WINDOWS_MAX, Kind, Limit, LimitWindow, Metric, MetricDef, Occurrence, PlanCatalog,
    UNBOUNDED, Usage, Window,
};

/// An end of a range of windows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HistoryBound {
    /// A day in the account's time zone, the whole of it.
    Day(Date),
    /// An instant.
    At(Timestamp),
}

/// A range of windows: from the one that contains `from` to the one that contains `to`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct HistoryRange {
    /// In the first window.
    pub from: HistoryBound,
    /// In the last window.
    pub to: HistoryBound,
}

/// How much of a metric was used in a window.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UsageInWindow {
    /// The metric.
    pub metric: Metric,
    /// The window; `None` for one that never resets.
    pub window: Option<LimitWindow>,
    /// What was used, without holds, and the effective limit at present.
    pub usage: Usage,
}

/// How much of the metrics was used in each window of the range, oldest first, metric by metric.
/// Gauges have no windows, and so no history. A period needs a subscription.
///
/// # Errors
/// [`UsageHistoryError`].
pub fn usage_history(
    tx: &mut (impl ReadAccounts + ReadUsage + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    metrics: &[MetricDef],
    range: &HistoryRange,
    now: Timestamp,
) -> Result<Vec<UsageInWindow>, UsageHistoryError> {
    let account = existing_account(tx, account)?.ok_or(UsageHistoryError::NotFound)?;
    let (from, to) = ends(range, &account);
    if to.at < from.at {
        return Err(UsageHistoryError::EndsBeforeStart);
    }
    let limits = limits_of(catalog, &account, now)?;
    let mut history = Vec::new();
    for metric in metrics {
        let limit = limits.map_or(Limit::AtMost(0), |limits| limits.limit(&metric.key));
        let of_metric =
            |window, used| UsageInWindow { metric: metric.key.clone(), window, usage: Usage { used, limit } };
        match metric.kind {
            Kind::Gauge => {}
            Kind::Counter(Window::Lifetime) => {
                history.push(of_metric(None, tx.used(account.id, &metric.counter(), UNBOUNDED)?));
            }
            Kind::Counter(window) => {
                let room = HISTORY_WINDOWS_MAX.saturating_sub(history.len());
                let windows = windows(metric, window, &account, (&from, &to), room);
                let windows = windows.ok_or(UsageHistoryError::TooManyWindows)?;
                let used = used(tx, &account, metric, &windows)?;
                let used_in = |window: &LimitWindow| used.get(&window.label).copied().unwrap_or(0);
                history.extend(windows.into_iter().map(|window| of_metric(Some(window.clone()), used_in(&window))));
            }
        }
    }
    if history.len() <= HISTORY_WINDOWS_MAX { Ok(history) } else { Err(UsageHistoryError::TooManyWindows) }
}

/// What happens at the beginning of the range, and at its end.
fn ends(range: &HistoryRange, account: &Account) -> (Occurrence, Occurrence) {
    let from = match range.from {
        HistoryBound::Day(day) => Occurrence::on(day, &account.zone, account.subscription.as_ref()),
        HistoryBound::At(instant) => account.occurrence(instant),
    };
    let to = match range.to {
        HistoryBound::Day(day) => {
            let span = account.zone.day(day);
            account.occurrence(
                span.end.saturating_sub(SignedDuration::from_micros(1)).unwrap_or(span.start).max(span.start),
            )
        }
        HistoryBound::At(instant) => account.occurrence(instant),
    };
    (from, to)
}

/// The windows from the one of `from` to the one of `to`; `None` if there are more than `max`.
fn windows(
    metric: &MetricDef,
    window: Window,
    account: &Account,
    (from, to): (&Occurrence, &Occurrence),
    max: usize,
) -> Option<Vec<LimitWindow>> {
    let last = to.window_start(window);
    let mut windows = Vec::new();
    let mut next = window_of(metric, from, account);
    while let Some(window) = next.filter(|window| last.is_some_and(|last| window.label <= last)) {
        if windows.len() == max {
            return None;
        }
        next = window_after(metric, &window, account);
        windows.push(window);
    }
    Some(windows)
}

/// The counters of the windows by their labels.
fn used(
    tx: &mut (impl ReadUsage + ?Sized),
    account: &Account,
    metric: &MetricDef,
    windows: &[LimitWindow],
) -> StorageResult<BTreeMap<Timestamp, u64>> {
    let labels: Vec<Timestamp> = windows.iter().map(|window| window.label).collect();
    Ok(tx.used_in(account.id, &metric.counter(), &labels)?.into_iter().collect())
}
