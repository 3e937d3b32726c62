//! The kinds of keys of the catalogue that requests name.

use std::fmt;

/// A kind of key of the catalogue, as a request names it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum KeyKind {
    /// A metric.
    Metric,
    /// A metric of how many in a window.
    Counter,
    /// A meter.
    Meter,
    /// A meter that takes usage records: one of counters, other than `bookings`.
    UsageMeter,
    /// A meter that takes allocations: one of gauges, other than `staff`.
    AllocatedMeter,
    /// A feature.
    Feature,
    /// What an override is of.
    MetricOrFeature,
}

/// The kind as a noun.
impl fmt::Display for KeyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Metric => "metric",
            Self::Counter => "counter",
            Self::Meter | Self::UsageMeter => "meter",
            Self::AllocatedMeter => "meter of gauges",
            Self::Feature => "feature",
            Self::MetricOrFeature => "metric or feature",
        })
    }
}
