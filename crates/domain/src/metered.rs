//! What an account has of a meter: usage records, allocations and holds.

use jiff::Timestamp;
use jiff::civil::Date;

use crate::words::words;
use crate::{
    AccountId, AllocationKey, Attribution, FaultReason, Faults, HoldId, KeyKind, Meter, Metric, MetricDef, Occurrence,
    PlanCatalog, Reference, SignedDuration, UsageRecordId, parse_instant,
};

/// The most usage records that one request creates.
pub const USAGE_ITEMS_MAX: usize = 20;
/// The most windows in one history of usage.
pub const HISTORY_WINDOWS_MAX: usize = 366;

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

/// The fields of a new usage record.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewUsageRecord {
    /// What is used: a meter of counters, but not [`Meter::BOOKINGS`].
    pub meter: Meter,
    /// How much, from 1.
    pub quantity: u64,
    /// When; `None` for now.
    pub at: Option<Timestamp>,
}

impl NewUsageRecord {
    /// Parses the fields. `quantity` is 1 by default; the caller parses the number.
    ///
    /// # Errors
    /// All faults in the fields.
    pub fn parse(
        catalog: &PlanCatalog,
        meter: Option<&str>,
        quantity: Result<Option<u64>, FaultReason>,
        at: Option<&str>,
    ) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let meter = meter.ok_or(FaultReason::Required).and_then(|meter| usage_meter(catalog, meter));
        let meter = faults.take("meter", meter);
        let quantity = faults.take("quantity", quantity);
        let at = faults.take_optional("at", at.map(parse_instant));
        match (meter, quantity, at) {
            (Some(meter), Some(quantity), Some(at)) => Ok(Self { meter, quantity: quantity.unwrap_or(1), at }),
            _ => Err(faults),
        }
    }
}

/// The meter with this key, if it takes usage records: one of counters. Bookings count themselves.
fn usage_meter(catalog: &PlanCatalog, key: &str) -> Result<Meter, FaultReason> {
    let meter = key.parse().ok().filter(|meter| catalog.metrics_of(meter).any(MetricDef::takes_usage));
    meter.ok_or(FaultReason::UnknownKey { kind: KeyKind::UsageMeter })
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

/// The most keys in one request that replaces all allocations of a meter, and the most allocations
/// that it removes.
pub const ALLOCATIONS_MAX: usize = 1000;

/// The most live holds of an account.
pub const HOLDS_MAX: u64 = 1000;

/// The longest time that a hold is live, in seconds: 366 days.
pub const HOLD_SECONDS_MAX: u64 = 366 * 24 * 60 * 60;

/// How long holds are kept after they expired.
pub const HOLDS_KEPT_FOR: SignedDuration = SignedDuration::from_hours(30 * 24);

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

words!(
    /// The state of a hold at an instant.
    HoldStatus {
        /// It counts.
        Held = "held",
        /// It became usage, an allocation, a staff member or a booking.
        Confirmed = "confirmed",
        /// It was released.
        Released = "released",
        /// It expired before it was confirmed or released.
        Expired = "expired",
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

    /// Its state at `now`.
    #[must_use]
    pub fn status(&self, now: Timestamp) -> HoldStatus {
        match self.state {
            HoldState::Held if self.is_live(now) => HoldStatus::Held,
            HoldState::Held => HoldStatus::Expired,
            HoldState::Confirmed => HoldStatus::Confirmed,
            HoldState::Released => HoldStatus::Released,
        }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Kind, Plan, Window};

    fn catalog() -> PlanCatalog {
        let def = |key: &str, kind| MetricDef {
            key: key.parse().unwrap(),
            meter: key.parse().unwrap(),
            kind,
            has_records: true,
        };
        let metrics = vec![def("sms", Kind::Counter(Window::Month)), def("projects", Kind::Gauge)];
        PlanCatalog::with_metrics(metrics, Vec::new(), vec![Plan::new("pro".parse().unwrap(), "Pro")]).unwrap()
    }

    #[test]
    fn usage_is_of_a_counter_other_than_bookings() {
        let catalog = catalog();
        let parsed = NewUsageRecord::parse(&catalog, Some("sms"), Ok(None), Some("2026-03-29T10:00:00+02:00"));
        let at = Some("2026-03-29T08:00:00Z".parse().unwrap());
        assert_eq!(parsed, Ok(NewUsageRecord { meter: "sms".parse().unwrap(), quantity: 1, at }));
        for meter in ["projects", "bookings", "bookings_per_day", "staff", "Sms", "sms ", "", "calls"] {
            let faults = NewUsageRecord::parse(&catalog, Some(meter), Ok(Some(7)), None).unwrap_err();
            let unknown = ("/meter".to_owned(), FaultReason::UnknownKey { kind: KeyKind::UsageMeter });
            assert_eq!(faults.pointers().collect::<Vec<_>>(), [unknown], "{meter}");
        }
    }

    #[test]
    fn usage_is_refused_with_all_faults() {
        let faults = NewUsageRecord::parse(&catalog(), None, Err(FaultReason::Required), Some("now")).unwrap_err();
        let pointers: Vec<_> = faults.pointers().map(|(pointer, reason)| (pointer, reason.code())).collect();
        let expected = [("/meter", "required"), ("/quantity", "required"), ("/at", "not_an_instant")];
        assert_eq!(pointers, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
    }
}
