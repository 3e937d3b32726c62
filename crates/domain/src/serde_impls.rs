//! The optional feature `serde`: values in the text forms that parse and display them, parsed again
//! when deserialized.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{
    AccountId, Action, ApiKeyId, AuditEntryId, BookingId, BusinessDay, Date, Direction, EmailAddress, Limit, Metric,
    Name, Notes, OverLimit, Plan, PlanCatalog, PlanKey, Role, Scope, SessionId, StaffId, SubscriptionChangeId,
    SubscriptionId, Timing, UserId, Username, Zone,
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
    Action: str::parse;
    ApiKeyId: str::parse;
    AuditEntryId: str::parse;
    BookingId: str::parse;
    Direction: str::parse;
    EmailAddress: EmailAddress::parse;
    Metric: str::parse;
    Name: Name::parse;
    Notes: Notes::parse;
    OverLimit: str::parse;
    PlanKey: str::parse;
    Role: str::parse;
    Scope: str::parse;
    SessionId: str::parse;
    StaffId: str::parse;
    SubscriptionChangeId: str::parse;
    SubscriptionId: str::parse;
    Timing: str::parse;
    UserId: str::parse;
    Username: Username::parse;
    Zone: Zone::parse;
}

/// As in a file of plans: a number, or `"unlimited"`.
impl Serialize for Limit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::AtMost(max) => serializer.serialize_u32(*max),
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
        write!(f, "a number from 0 to {} or \"{}\"", u32::MAX, Limit::Unlimited)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Limit, E> {
        u32::try_from(number).map(Limit::AtMost).map_err(E::custom)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Limit, E> {
        u32::try_from(number).map(Limit::AtMost).map_err(E::custom)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Limit, E> {
        let is_unlimited = text == Limit::Unlimited.to_string();
        if is_unlimited { Ok(Limit::Unlimited) } else { Err(E::invalid_value(serde::de::Unexpected::Str(text), &self)) }
    }
}

/// As a list of plans, checked by [`PlanCatalog::new`].
impl Serialize for PlanCatalog {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for PlanCatalog {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(Vec::<Plan>::deserialize(deserializer)?).map_err(D::Error::custom)
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
