//! Admission: the plan, the overrides, the grants, the usage and the holds decide whether a request
//! is admitted.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::lookup::plan_of;
use crate::error::{AdmissionError, LimitRefusal, StorageResult};
use crate::ports::{ReadHolds, ReadUsage};
use crate::rules::{self, LimitExceeded};
use crate::{
    Account, AccountId, EffectiveLimits, Hold, HoldId, Kind, LimitWindow, Meter, MetricDef, Occurrence, PlanCatalog,
    PlanKey, QUANTITY_MAX, UNBOUNDED, Usage, Window, day_of_window,
};

/// How many windows the first search for one with room looks ahead.
const NEAR_WINDOWS: usize = 7;

/// A request for more of a meter.
pub(super) struct Demand<'a> {
    pub(super) meter: &'a Meter,
    pub(super) occurrence: Occurrence,
    pub(super) quantity: u64,
}

/// What is counted already and will be replaced by the request: a hold that is confirmed, or a
/// booking that is moved. In its windows, as much of the request is admitted without a check.
pub(super) struct Place {
    pub(super) occurrence: Occurrence,
    pub(super) quantity: u64,
    /// The hold, if it is one. The request cannot wait for its expiry.
    pub(super) hold: Option<HoldId>,
}

impl Place {
    /// The place that a hold keeps free, for `quantity` of what it holds.
    pub(super) const fn of_hold(hold: &Hold, quantity: u64) -> Self {
        Self { occurrence: hold.occurrence, quantity, hold: Some(hold.id) }
    }
}

/// The live holds of an account at an instant, of the meters that were asked for.
pub(super) struct LiveHolds {
    account: AccountId,
    pub(super) now: Timestamp,
    of_meters: BTreeMap<Meter, Vec<Hold>>,
}

impl LiveHolds {
    pub(super) const fn new(account: AccountId, now: Timestamp) -> Self {
        Self { account, now, of_meters: BTreeMap::new() }
    }

    /// Reads the holds of the meters that were not read yet: of one meter alone, or of all at once.
    fn read<'a>(
        &mut self,
        tx: &mut (impl ReadHolds + ?Sized),
        meters: impl IntoIterator<Item = &'a Meter>,
    ) -> StorageResult<()> {
        let mut unread: BTreeSet<&Meter> = meters.into_iter().collect();
        unread.retain(|meter| !self.of_meters.contains_key(meter));
        let Some(first) = unread.first() else { return Ok(()) };
        let meter = Some(*first).filter(|_| unread.len() == 1);
        let holds = tx.list_live_holds(self.account, meter, self.now)?;
        for meter in unread {
            let of_meter = holds.iter().filter(|hold| hold.meter == *meter).cloned().collect();
            self.of_meters.insert(meter.clone(), of_meter);
        }
        Ok(())
    }

    /// Those of a meter that was read.
    fn of(&self, meter: &Meter) -> &[Hold] {
        self.of_meters.get(meter).map_or(&[], Vec::as_slice)
    }
}

/// Checks that every metric that limits the meters admits the demands, all of them together.
pub(super) fn admit(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    demands: &[Demand<'_>],
    place: Option<&Place>,
    now: Timestamp,
) -> Result<(), AdmissionError> {
    admit_by(tx, catalog, account, catalog.metrics(), demands, place, &mut LiveHolds::new(account.id, now))
}

/// As [`admit`], by these metrics alone.
pub(super) fn admit_by(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    metrics: &[MetricDef],
    demands: &[Demand<'_>],
    place: Option<&Place>,
    holds: &mut LiveHolds,
) -> Result<(), AdmissionError> {
    let limits = effective_limits(catalog, account, holds.now)?;
    let (requests, mut refusals) = (requests(metrics, demands, place), Vec::new());
    let counters: Vec<_> = requests.iter().map(|request| (request.metric.counter(), request.label)).collect();
    holds.read(tx, requests.iter().map(|request| &request.metric.meter))?;
    for (request, taken) in requests.iter().zip(tx.used_of(account.id, &counters)?) {
        let holds = holds.of(&request.metric.meter);
        refusals.extend(check(tx, catalog, account, limits, request, taken, holds)?.err());
    }
    match LimitRefusal::of_all(refusals) {
        None => Ok(()),
        Some(refusal) => Err(AdmissionError::LimitExceeded(Box::new(refusal))),
    }
}

/// How much of a metric is used and held in the window of an occurrence.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct Used {
    /// What exists.
    pub(super) taken: u64,
    /// What live holds keep free.
    pub(super) held: u64,
}

impl Used {
    pub(super) const fn total(self) -> u64 {
        self.taken.saturating_add(self.held)
    }
}

/// How much of each metric is used and held at the occurrence.
pub(super) fn usage_of<'a>(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    account: &Account,
    metrics: impl IntoIterator<Item = &'a MetricDef>,
    occurrence: &Occurrence,
    holds: &mut LiveHolds,
) -> StorageResult<Vec<(&'a MetricDef, Used)>> {
    let labelled: Vec<_> = metrics.into_iter().map(|metric| (metric, label(metric, occurrence))).collect();
    let counters: Vec<_> = labelled.iter().filter_map(|(metric, label)| Some((metric.counter(), (*label)?))).collect();
    let mut taken = tx.used_of(account.id, &counters)?.into_iter();
    holds.read(tx, labelled.iter().map(|(metric, _)| &metric.meter))?;
    let used = labelled.into_iter().map(|(metric, label)| {
        let Some(label) = label else { return (metric, Used::default()) };
        let taken = taken.next().unwrap_or(0);
        (metric, Used { taken, held: held(holds.of(&metric.meter), metric, label) })
    });
    Ok(used.collect())
}

/// The window of the metric at the occurrence.
pub(super) fn window_of(metric: &MetricDef, occurrence: &Occurrence, account: &Account) -> Option<LimitWindow> {
    let window = metric.kind.window()?;
    let (label, zone) = (occurrence.window_start(window)?, account.zone.clone());
    let span = window.span(occurrence, &zone, account.subscription.as_ref())?;
    Some(LimitWindow { window, label, span, zone })
}

/// The window of the metric that follows `window`, if it has an end.
pub(super) fn window_after(metric: &MetricDef, window: &LimitWindow, account: &Account) -> Option<LimitWindow> {
    let next = window_of(metric, &account.occurrence(window.span.end), account);
    next.filter(|next| window.label < next.label)
}

/// The effective limits of the account, if it has a plan.
pub(super) fn effective_limits<'a>(
    catalog: &'a PlanCatalog,
    account: &'a Account,
    now: Timestamp,
) -> Result<EffectiveLimits<'a>, AdmissionError> {
    let plan = plan_of(catalog, rules::check_subscription(account, now)?)?;
    Ok(account.limits_on(plan, now))
}

/// A request for more of a metric in one window.
struct Request<'a> {
    metric: &'a MetricDef,
    label: Timestamp,
    occurrence: Occurrence,
    quantity: u64,
    /// The hold in whose place it is. The request cannot wait for its expiry.
    hold: Option<HoldId>,
}

/// The label of the metric's window at the occurrence: a gauge has one without bounds. `None` for
/// a period of a subscription that is not known.
fn label(metric: &MetricDef, occurrence: &Occurrence) -> Option<Timestamp> {
    match metric.kind {
        Kind::Gauge => Some(UNBOUNDED),
        Kind::Counter(window) => occurrence.window_start(window),
    }
}

/// The demands for each metric and window, in the order of the metrics. A demand that its place
/// covers is left out.
fn requests<'a>(metrics: &'a [MetricDef], demands: &'a [Demand<'a>], place: Option<&Place>) -> Vec<Request<'a>> {
    let mut requests = Vec::new();
    let hold = place.and_then(|place| place.hold);
    for metric in metrics {
        let mut windows = BTreeMap::<Timestamp, Request<'a>>::new();
        for demand in demands.iter().filter(|demand| *demand.meter == metric.meter) {
            let Some(label) = label(metric, &demand.occurrence) else { continue };
            let empty = Request { metric, label, occurrence: demand.occurrence, quantity: 0, hold };
            let request = windows.entry(label).or_insert(empty);
            // No limit admits more than the maximum, so a larger sum is refused in the same way.
            request.quantity = request.quantity.saturating_add(demand.quantity).min(QUANTITY_MAX);
        }
        for mut request in windows.into_values() {
            let covered = place.filter(|place| label(metric, &place.occurrence) == Some(request.label));
            if covered.is_none_or(|place| place.quantity < request.quantity) {
                request.quantity -= covered.map_or(0, |place| place.quantity);
                requests.push(request);
            }
        }
    }
    requests
}

/// The sum of the holds in a window.
fn held(holds: &[Hold], metric: &MetricDef, window: Timestamp) -> u64 {
    let in_window = holds.iter().filter(|hold| label(metric, &hold.occurrence) == Some(window));
    in_window.fold(0, |sum, hold| sum.saturating_add(hold.quantity))
}

/// Checks one metric, of which so much is taken, and explains a refusal.
fn check(
    tx: &mut (impl ReadUsage + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    limits: EffectiveLimits<'_>,
    request: &Request<'_>,
    taken: u64,
    holds: &[Hold],
) -> StorageResult<Result<(), LimitRefusal>> {
    let Request { metric, label, occurrence, quantity, .. } = request;
    let used = taken.saturating_add(held(holds, metric, *label));
    let Err(exceeded) = rules::check_limit(limits, &metric.key, used, *quantity) else { return Ok(Ok(())) };
    let window = window_of(metric, occurrence, account);
    let later = later_window(tx, account, metric, &exceeded, window.as_ref(), holds)?;
    let expiry = expiry_with_room(holds, request, &exceeded);
    let expiry = expiry.filter(|at| window.as_ref().is_none_or(|window| *at < window.span.end));
    let is_day = metric.kind == Kind::Counter(Window::Day);
    Ok(Err(LimitRefusal {
        meter: metric.meter.clone(),
        is_extended: catalog.is_extended(),
        next_allowed_day: later.as_ref().filter(|_| is_day).map(|later| day_of_window(later.label)),
        next_allowed_at: expiry.or_else(|| later.map(|later| later.span.start)),
        plans_that_allow: plans_that_allow(catalog, &exceeded),
        window,
        exceeded,
        others: Vec::new(),
    }))
}

fn plans_that_allow(catalog: &PlanCatalog, exceeded: &LimitExceeded) -> Vec<PlanKey> {
    if exceeded.is_overridden {
        return Vec::new();
    }
    // The grants stay on every plan.
    let without_grants = exceeded.total().saturating_sub(exceeded.granted);
    let plans = rules::plans_that_allow(catalog, &exceeded.metric, without_grants);
    plans.map(|plan| plan.key.clone()).collect()
}

/// When enough of the other holds in the request's window have expired.
fn expiry_with_room(holds: &[Hold], request: &Request<'_>, exceeded: &LimitExceeded) -> Option<Timestamp> {
    let mut usage = exceeded.usage;
    let others = holds.iter().filter(|hold| Some(hold.id) != request.hold);
    let mut in_window = others.filter(|hold| label(request.metric, &hold.occurrence) == Some(request.label));
    in_window.find_map(|hold| {
        usage = Usage { used: usage.used.saturating_sub(hold.quantity), ..usage };
        usage.admits(exceeded.requested).then_some(hold.expires_at)
    })
}

/// The first later window of a counter that has room.
fn later_window(
    tx: &mut (impl ReadUsage + ?Sized),
    account: &Account,
    metric: &MetricDef,
    exceeded: &LimitExceeded,
    window: Option<&LimitWindow>,
    holds: &[Hold],
) -> StorageResult<Option<LimitWindow>> {
    let Some(window) = window else { return Ok(None) };
    let limit = exceeded.usage.limit;
    // If an empty window has no room, none has.
    if !(Usage { used: 0, limit }).admits(exceeded.requested) {
        return Ok(None);
    }
    let mut last = window.clone();
    let mut seen = 0;
    // A window with room is usually near, so a year of counters is seldom read.
    for end in [NEAR_WINDOWS, rules::LOOK_AHEAD_DAYS_MAX] {
        let mut windows = Vec::new();
        while seen < end {
            let Some(next) = window_after(metric, &last, account) else { break };
            last = next.clone();
            windows.push(next);
            seen += 1;
        }
        let labels: Vec<Timestamp> = windows.iter().map(|window| window.label).collect();
        let counters: BTreeMap<Timestamp, u64> =
            tx.used_in(account.id, &metric.counter(), &labels)?.into_iter().collect();
        let has_room = |window: &LimitWindow| {
            let taken = counters.get(&window.label).copied().unwrap_or(0);
            let used = taken.saturating_add(held(holds, metric, window.label));
            Usage { used, limit }.admits(exceeded.requested)
        };
        if let Some(found) = windows.into_iter().find(has_room) {
            return Ok(Some(found));
        }
    }
    Ok(None)
}
