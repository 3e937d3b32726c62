//! What an account has of a meter: usage records, allocations and holds.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::words::words;
use crate::{
    AccountId, AllocationKey, Attribution, HoldId, Meter, Metric, MetricDef, Occurrence, PlanCatalog, Reference,
    UsageRecordId,
};

/// A use of a meter of counters, such as three messages sent.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UsageRecord {
    /// Its id.
    pub id: UsageRecordId,
    /// Its account.
    pub account_id: AccountId,
    /// What was used.
    pub meter: Meter,
    /// How much, from 1.
    pub quantity: u64,
    /// When. It counts in the windows of this instant.
    pub occurrence: Occurrence,
    /// When it was recorded.
    pub created_at: Timestamp,
    /// When it was given back; `None` while it counts.
    pub deleted_at: Option<Timestamp>,
    /// The creator and the request.
    pub created_by: Attribution,
}

/// A filter for the list of an account's usage records.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct UsageFilter {
    /// Only those of this meter.
    pub meter: Option<Meter>,
    /// The first day; `None` for no lower bound.
    pub from: Option<Date>,
    /// The last day; `None` for no upper bound.
    pub to: Option<Date>,
}

impl UsageFilter {
    /// Whether a usage record passes the filter. One that was given back does not.
    #[must_use]
    pub fn admits(&self, record: &UsageRecord) -> bool {
        let day = record.occurrence.day;
        self.meter.as_ref().is_none_or(|meter| *meter == record.meter)
            && self.from.is_none_or(|from| from <= day)
            && self.to.is_none_or(|to| day <= to)
            && record.deleted_at.is_none()
    }
}

/// Something of a meter of gauges that exists, such as a project, or a file of 512 MiB.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Allocation {
    /// Its account.
    pub account_id: AccountId,
    /// The meter.
    pub meter: Meter,
    /// The caller's key of it, unique in its account and meter.
    pub key: AllocationKey,
    /// How much it takes, from 1.
    pub quantity: u64,
    /// When it was first allocated.
    pub created_at: Timestamp,
    /// The creator and the request.
    pub created_by: Attribution,
}

words!(
    /// The state of a hold, apart from its expiry.
    HoldState {
        /// It counts until it expires.
        Held = "held",
        /// It became usage, an allocation, a staff member or a booking.
        Confirmed = "confirmed",
        /// It was released.
        Released = "released",
    }
);

/// A quantity of a meter that is kept free until it is confirmed, released or expires.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Hold {
    /// Its id.
    pub id: HoldId,
    /// Its account.
    pub account_id: AccountId,
    /// The meter.
    pub meter: Meter,
    /// How much is held, from 1.
    pub quantity: u64,
    /// When what is held will happen. It counts in the windows of this instant.
    pub occurrence: Occurrence,
    /// When it stops counting.
    pub expires_at: Timestamp,
    /// What it is for.
    pub reference: Option<Reference>,
    /// Its state.
    pub state: HoldState,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was confirmed or released; `None` before.
    pub closed_at: Option<Timestamp>,
    /// The version, from 1. The `ETag` names it.
    pub version: u32,
    /// The creator and the request.
    pub created_by: Attribution,
}

impl Hold {
    /// Whether it counts at `now`: while it is held and `expires_at` lies ahead.
    #[must_use]
    pub fn is_live(&self, now: Timestamp) -> bool {
        self.state == HoldState::Held && now < self.expires_at
    }
}

/// A quantity in one window of a counter.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Charge {
    /// The counter's metric.
    pub metric: Metric,
    /// The label of the window.
    pub window_start: Timestamp,
    /// How much.
    pub quantity: u64,
}

/// The charges of `quantity` of a meter of counters to its metrics, but for the one that bookings
/// keep themselves ([`Metric::BOOKINGS_PER_DAY`]).
#[must_use]
pub fn charges(catalog: &PlanCatalog, meter: &Meter, occurrence: &Occurrence, quantity: u64) -> Vec<Charge> {
    let metrics = catalog.metrics_of(meter).filter(|metric| metric.key != Metric::BOOKINGS_PER_DAY);
    let charge = |metric: &MetricDef| {
        let window_start = occurrence.window_start(metric.kind.window()?)?;
        Some(Charge { metric: metric.key.clone(), window_start, quantity })
    };
    metrics.filter_map(charge).collect()
}
