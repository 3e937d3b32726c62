//! The optional feature `serde`: values in the text forms that parse and display them, parsed again
//! when deserialized.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{
    AccountId, Action, AllocationKey, ApiKeyId, AuditEntryId, BookingId, BusinessDay, Date, Direction, EmailAddress,
    ExternalId, Feature, FeatureDef, FeatureType, FeatureValue, GrantId, HoldId, Kind, Limit, Meter, Metric, MetricDef,
    Name, Notes, OverLimit, Plan, PlanCatalog, PlanKey, QUANTITY_MAX, Reference, Role, Scope, SessionId, StaffId,
    SubscriptionChangeId, SubscriptionId, Timing, UsageRecordId, UserId, Username, Window, Zone,
};

macro_rules! as_text {
    ($($name:ident: $parse:expr;)*) => {
        $(
            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                    serializer.collect_str(self)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                    $parse(&String::deserialize(deserializer)?).map_err(D::Error::custom)
                }
            }
        )*
    };
}

as_text! {
    AccountId: str::parse;
    AllocationKey: str::parse;
    Action: str::parse;
    ApiKeyId: str::parse;
    AuditEntryId: str::parse;
    BookingId: str::parse;
    Direction: str::parse;
    ExternalId: str::parse;
    Feature: str::parse;
    FeatureType: str::parse;
    GrantId: str::parse;
    HoldId: str::parse;
    Meter: str::parse;
    EmailAddress: EmailAddress::parse;
    Metric: str::parse;
    Name: Name::parse;
    Notes: Notes::parse;
    OverLimit: str::parse;
    PlanKey: str::parse;
    Reference: str::parse;
    Role: str::parse;
    Scope: str::parse;
    SessionId: str::parse;
    StaffId: str::parse;
    SubscriptionChangeId: str::parse;
    SubscriptionId: str::parse;
    Timing: str::parse;
    UsageRecordId: str::parse;
    UserId: str::parse;
    Username: Username::parse;
    Window: str::parse;
    Zone: Zone::parse;
}

/// As in a file of plans: a number, or `"unlimited"`.
impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AtMost(max) => serializer.serialize_u64(*max),
            Self::Unlimited => serializer.collect_str(self),
        }
    }
}

impl<'de> Deserialize<'de> for Limit {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(LimitVisitor)
    }
}

struct LimitVisitor;

impl Visitor<'_> for LimitVisitor {
    type Value = Limit;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a number from 0 to {QUANTITY_MAX} or \"{}\"", Limit::Unlimited)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Limit, E> {
        self.visit_u64(u64::try_from(number).map_err(E::custom)?)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Limit, E> {
        let is_in_range = number <= QUANTITY_MAX;
        let limit = is_in_range.then_some(Limit::AtMost(number));
        limit.ok_or_else(|| E::invalid_value(serde::de::Unexpected::Unsigned(number), &self))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Limit, E> {
        let is_unlimited = text == Limit::Unlimited.to_string();
        if is_unlimited { Ok(Limit::Unlimited) } else { Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)) }
    }
}

/// As in a file of plans: `true`, a number or a text.
impl Serialize for FeatureValue {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Switch(is_on) => serializer.serialize_bool(*is_on),
            Self::Number(number) => serializer.serialize_u64(*number),
            Self::Text(text) => serializer.serialize_str(text),
        }
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum AnyFeatureValue {
    Switch(bool),
    Number(u64),
    Text(Box<str>),
}

impl<'de> Deserialize<'de> for FeatureValue {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match AnyFeatureValue::deserialize(deserializer)? {
            AnyFeatureValue::Switch(is_on) => Self::Switch(is_on),
            AnyFeatureValue::Number(number) => Self::Number(number),
            AnyFeatureValue::Text(text) => Self::Text(text),
        })
    }
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(rename = "MetricDef")]
struct MetricFields {
    key: Metric,
    meter: Meter,
    #[serde(default)]
    window: Option<Window>,
    #[serde(default = "yes")]
    has_records: bool,
}

const fn yes() -> bool {
    true
}

/// A gauge has no window, a counter has one.
impl Serialize for MetricDef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { key, meter, kind, has_records } = self.clone();
        MetricFields { key, meter, window: kind.window(), has_records }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for MetricDef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let MetricFields { key, meter, window, has_records } = MetricFields::deserialize(deserializer)?;
        Ok(Self { key, meter, kind: window.map_or(Kind::Gauge, Kind::Counter), has_records })
    }
}

#[derive(serde::Deserialize, serde::Serialize)]
#[serde(rename = "PlanCatalog")]
struct CatalogFields {
    #[serde(default)]
    metrics: Vec<MetricDef>,
    #[serde(default)]
    features: Vec<FeatureDef>,
    plans: Vec<Plan>,
    #[serde(default)]
    default_plan: Option<PlanKey>,
}

/// Its metrics beside the built-in ones, its features and its plans, checked by
/// [`PlanCatalog::with_metrics`].
impl Serialize for PlanCatalog {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let metrics = self.metrics().iter().filter(|metric| !metric.is_builtin()).cloned().collect();
        let default_plan = self.default_plan().map(|plan| plan.key.clone());
        let (features, plans) = (self.features().to_vec(), self.iter().cloned().collect());
        CatalogFields { metrics, features, plans, default_plan }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for PlanCatalog {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let CatalogFields { metrics, features, plans, default_plan } = CatalogFields::deserialize(deserializer)?;
        let catalog = Self::with_metrics(metrics, features, plans).map_err(D::Error::custom)?;
        Ok(catalog.with_default(default_plan))
    }
}

/// The date and the zone determine a business day, so its window is not stored.
#[derive(serde::Deserialize, serde::Serialize)]
#[serde(rename = "BusinessDay")]
struct DateInZone {
    date: Date,
    zone: Zone,
}

impl Serialize for BusinessDay {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        DateInZone { date: self.date, zone: self.zone.clone() }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for BusinessDay {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        DateInZone::deserialize(deserializer).map(|DateInZone { date, zone }| zone.day(date))
    }
}
