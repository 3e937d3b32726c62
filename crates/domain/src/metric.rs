//! Metrics and meters, and the keys of features: what plans limit and switch, as data of the catalogue.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::Window;

/// The text is not a key: 1 to 64 of `a-z`, `0-9` and `_`.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a key is 1 to 64 of a-z, 0-9 and _")]
pub struct InvalidKey;

macro_rules! key {
    ($(#[$doc:meta])* $name:ident { $($(#[$constant_doc:meta])* $constant:ident = $text:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        pub struct $name(Cow<'static, str>);

        impl $name {
            $($(#[$constant_doc])* pub const $constant: Self = Self(Cow::Borrowed($text));)*

            /// The text of the key.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl FromStr for $name {
            type Err = InvalidKey;

            fn from_str(text: &str) -> Result<Self, InvalidKey> {
                parse_key(text).map(Self)
            }
        }
    };
}

key!(
    /// The key of a metric: a limit on a [`Meter`].
    Metric {
        /// The active staff members of an account. It is in every catalogue.
        STAFF = "staff",
        /// The bookings of an account on one business day, of all staff members together. It is in
        /// every catalogue.
        BOOKINGS_PER_DAY = "bookings_per_day",
    }
);

key!(
    /// The key of a meter: what is counted. Several metrics may limit one meter.
    Meter {
        /// Staff members.
        STAFF = "staff",
        /// Bookings.
        BOOKINGS = "bookings",
    }
);

key!(
    /// The key of a feature: a value that a plan has, such as a switch.
    Feature {}
);

key!(
    /// The key of an override: that of a metric or of a feature.
    OverrideKey {}
);

impl OverrideKey {
    /// As the key of a metric.
    #[must_use]
    pub fn metric(&self) -> Metric {
        Metric(self.0.clone())
    }

    /// As the key of a feature.
    #[must_use]
    pub fn feature(&self) -> Feature {
        Feature(self.0.clone())
    }
}

impl From<Metric> for OverrideKey {
    fn from(metric: Metric) -> Self {
        Self(metric.0)
    }
}

impl From<Feature> for OverrideKey {
    fn from(feature: Feature) -> Self {
        Self(feature.0)
    }
}

fn parse_key(text: &str) -> Result<Cow<'static, str>, InvalidKey> {
    let permitted = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    let is_key = (1..=64).contains(&text.len()) && text.bytes().all(permitted);
    if is_key { Ok(Cow::Owned(text.to_owned())) } else { Err(InvalidKey) }
}

/// The most metrics of one meter. A request is checked against all of them.
pub const METRICS_OF_METER_MAX: usize = 10;

/// How a metric counts its meter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Deserialize, serde::Serialize), serde(rename_all = "snake_case"))]
pub enum Kind {
    /// How many exist at once.
    Gauge,
    /// How many in a window.
    Counter(Window),
}

impl Kind {
    /// `gauge` or `counter`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Gauge => "gauge",
            Self::Counter(_) => "counter",
        }
    }

    /// The window of a counter.
    #[must_use]
    pub const fn window(self) -> Option<Window> {
        match self {
            Self::Gauge => None,
            Self::Counter(window) => Some(window),
        }
    }
}

/// The definition of a metric.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct MetricDef {
    /// The key.
    pub key: Metric,
    /// What it counts.
    pub meter: Meter,
    /// How it counts.
    pub kind: Kind,
    /// Whether what is counted has records. Otherwise there is a counter alone, which nothing can
    /// be compared with.
    pub has_records: bool,
}

impl MetricDef {
    /// The two metrics of every catalogue: [`Metric::STAFF`] and [`Metric::BOOKINGS_PER_DAY`].
    #[must_use]
    pub fn builtin() -> [Self; 2] {
        let def = |key, meter, kind| Self { key, meter, kind, has_records: true };
        [
            def(Metric::STAFF, Meter::STAFF, Kind::Gauge),
            def(Metric::BOOKINGS_PER_DAY, Meter::BOOKINGS, Kind::Counter(Window::Day)),
        ]
    }

    /// Whether it is one of [`MetricDef::builtin`].
    #[must_use]
    pub fn is_builtin(&self) -> bool {
        self.key == Metric::STAFF || self.key == Metric::BOOKINGS_PER_DAY
    }

    /// The key of its counters. All gauges of a meter have the same value, so they share a counter,
    /// which has the meter's key.
    #[must_use]
    pub fn counter(&self) -> Metric {
        match self.kind {
            Kind::Gauge => Metric(self.meter.0.clone()),
            Kind::Counter(_) => self.key.clone(),
        }
    }

    /// Whether its meter takes usage records: it is a counter. Bookings count themselves.
    pub(crate) fn takes_usage(&self) -> bool {
        matches!(self.kind, Kind::Counter(_)) && self.meter != Meter::BOOKINGS
    }

    /// Whether its meter takes allocations: it is a gauge. Staff members count themselves.
    pub(crate) fn takes_allocations(&self) -> bool {
        self.kind == Kind::Gauge && self.meter != Meter::STAFF
    }

    /// Checks that it fits with the metrics before it in a catalogue.
    ///
    /// # Errors
    /// [`InvalidMetric`].
    pub fn check(&self, before: &[Self]) -> Result<(), InvalidMetric> {
        if before.iter().any(|other| other.key == self.key) {
            return Err(InvalidMetric::DefinedTwice(self.key.clone()));
        }
        if before.iter().filter(|other| other.meter == self.meter).count() >= METRICS_OF_METER_MAX {
            return Err(InvalidMetric::TooManyOfMeter(self.meter.clone()));
        }
        let same_text = |metric: &Metric, meter: &Meter| metric.0 == meter.0;
        for other in before {
            if other.meter == self.meter {
                if other.kind.as_str() != self.kind.as_str() {
                    return Err(InvalidMetric::MeterOfTwoKinds(self.meter.clone(), other.key.clone()));
                }
                if other.has_records != self.has_records {
                    return Err(InvalidMetric::RecordsDiffer(self.meter.clone(), other.key.clone()));
                }
            } else if same_text(&self.key, &other.meter) || same_text(&other.key, &self.meter) {
                return Err(InvalidMetric::KeyOfAnotherMeter(self.key.clone(), other.key.clone()));
            }
        }
        match self.kind {
            Kind::Gauge if !self.has_records => Err(InvalidMetric::GaugeWithoutRecords(self.key.clone())),
            _ => Ok(()),
        }
    }
}

/// Why a metric does not fit with the others of a catalogue.
#[derive(Clone, Debug, Eq, Error, PartialEq)]
pub enum InvalidMetric {
    /// The key is defined already, in the catalogue or as a built-in metric.
    #[error("the metric {0} is defined already")]
    DefinedTwice(Metric),
    /// The meter has [`METRICS_OF_METER_MAX`] metrics already.
    #[error("the meter {0} has {METRICS_OF_METER_MAX} metrics already, and no more are permitted")]
    TooManyOfMeter(Meter),
    /// Another metric counts the meter in the other way.
    #[error("the meter {0} cannot have a gauge and a counter, and {1} counts it in the other way")]
    MeterOfTwoKinds(Meter, Metric),
    /// The metrics of one meter differ in whether they keep records.
    #[error("the metrics of the meter {0} keep records or not, all alike, and {1} differs")]
    RecordsDiffer(Meter, Metric),
    /// The key is the meter of another metric, or the other way round.
    #[error("a metric with the key of a meter limits that meter, and {0} and {1} do not")]
    KeyOfAnotherMeter(Metric, Metric),
    /// What a gauge counts always has records.
    #[error("{0} is a gauge, which cannot be without records")]
    GaugeWithoutRecords(Metric),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn def(key: &str, meter: &str, kind: Kind) -> MetricDef {
        MetricDef { key: key.parse().unwrap(), meter: meter.parse().unwrap(), kind, has_records: true }
    }

    #[test]
    fn a_key_is_lower_case_and_of_few_characters() {
        for good in ["a", "bookings_per_day", "7", &"a".repeat(64)] {
            assert_eq!(good.parse::<Metric>().unwrap().as_str(), good);
        }
        for bad in ["", "A", "a-b", "a b", "ä", &"a".repeat(65)] {
            assert_eq!(bad.parse::<Metric>(), Err(InvalidKey), "{bad:?}");
        }
        assert_eq!("staff".parse(), Ok(Metric::STAFF));
    }

    #[test]
    fn a_metric_that_does_not_fit_with_the_others_is_refused() {
        let (month, minute) = (Kind::Counter(Window::Month), Kind::Counter(Window::Minute));
        let mut known = MetricDef::builtin().to_vec();
        known.extend([def("projects", "projects", Kind::Gauge), def("calls_per_minute", "calls", minute)]);
        for good in [def("bookings_per_month", "bookings", month), def("seats", "staff", Kind::Gauge)] {
            assert_eq!(good.check(&known), Ok(()), "{good:?}");
        }
        let [staff, projects, calls] =
            ["staff", "projects", "calls_per_minute"].map(|key| key.parse::<Metric>().unwrap());
        let keys =
            |key: &str, other: &str| InvalidMetric::KeyOfAnotherMeter(key.parse().unwrap(), other.parse().unwrap());
        let unrecorded = |it: MetricDef| MetricDef { has_records: false, ..it };
        for (bad, reason) in [
            (def("staff", "staff", Kind::Gauge), InvalidMetric::DefinedTwice(staff.clone())),
            (def("hires", "staff", month), InvalidMetric::MeterOfTwoKinds(Meter::STAFF, staff)),
            (
                def("open", "calls", Kind::Gauge),
                InvalidMetric::MeterOfTwoKinds("calls".parse().unwrap(), calls.clone()),
            ),
            (def("calls", "other", month), keys("calls", "calls_per_minute")),
            (def("other", "calls_per_minute", month), keys("other", "calls_per_minute")),
            (
                unrecorded(def("calls_per_month", "calls", month)),
                InvalidMetric::RecordsDiffer("calls".parse().unwrap(), calls),
            ),
            (
                unrecorded(def("projects_2", "projects", Kind::Gauge)),
                InvalidMetric::RecordsDiffer("projects".parse().unwrap(), projects),
            ),
            (
                unrecorded(def("disks", "disks", Kind::Gauge)),
                InvalidMetric::GaugeWithoutRecords("disks".parse().unwrap()),
            ),
        ] {
            assert_eq!(bad.check(&known), Err(reason), "{bad:?}");
        }
    }

    #[test]
    fn a_meter_has_a_maximum_of_metrics() {
        let metric = |number| def(&format!("sms_{number}"), "sms", Kind::Counter(Window::Day));
        let known: Vec<MetricDef> = (0..METRICS_OF_METER_MAX).map(metric).collect();
        assert_eq!(metric(99).check(&known[1..]), Ok(()));
        assert_eq!(metric(99).check(&known), Err(InvalidMetric::TooManyOfMeter("sms".parse().unwrap())));
    }

    #[test]
    fn gauges_of_a_meter_share_a_counter() {
        assert_eq!(def("seats", "staff", Kind::Gauge).counter(), Metric::STAFF);
        let monthly = def("bookings_per_month", "bookings", Kind::Counter(Window::Month));
        assert_eq!(monthly.counter(), monthly.key);
    }
}
