//! Forms of values in JSON that differ from those of the `domain` crate.

use std::fmt::Display;
use std::str::FromStr;

use domain::Limit;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A limit as the API has it: a number, or null for unlimited.
#[derive(Deserialize, Serialize)]
#[serde(transparent)]
struct NullableLimit(Option<u64>);

impl From<NullableLimit> for Limit {
    fn from(NullableLimit(max): NullableLimit) -> Self {
        max.map_or(Self::Unlimited, Self::AtMost)
    }
}

/// Limits of which null means unlimited.
pub(crate) mod limit {
    use super::{Deserialize, Deserializer, Limit, NullableLimit, Serialize, Serializer};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Limit, D::Error> {
        NullableLimit::deserialize(deserializer).map(Limit::from)
    }

    pub(crate) fn serialize<S: Serializer>(limit: &Limit, serializer: S) -> Result<S::Ok, S::Error> {
        NullableLimit(limit.max()).serialize(serializer)
    }
}

/// The limits of a plan, by metric.
pub(crate) mod limits {
    use std::collections::BTreeMap;

    use domain::Metric;

    use super::{Deserialize, Deserializer, Limit, NullableLimit, Serialize, Serializer};

    pub(crate) fn deserialize<'de, D>(deserializer: D) -> Result<BTreeMap<Metric, Limit>, D::Error>
    where
        D: Deserializer<'de>,
    {
        let limits = BTreeMap::<Metric, NullableLimit>::deserialize(deserializer)?;
        Ok(limits.into_iter().map(|(metric, limit)| (metric, limit.into())).collect())
    }

    pub(crate) fn serialize<S>(limits: &BTreeMap<Metric, Limit>, serializer: S) -> Result<S::Ok, S::Error>
    where
        S: Serializer,
    {
        let limits: BTreeMap<_, _> = limits.iter().map(|(metric, it)| (metric, NullableLimit(it.max()))).collect();
        limits.serialize(serializer)
    }
}

/// Values in the text form that parses and displays them.
pub(crate) mod text {
    use serde::de::Error;

    use super::{Deserialize, Deserializer, Display, FromStr, Serializer};

    pub(crate) fn deserialize<'de, D, T>(deserializer: D) -> Result<T, D::Error>
    where
        D: Deserializer<'de>,
        T: FromStr<Err: Display>,
    {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }

    pub(crate) fn serialize<S: Serializer, T: Display>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }
}
