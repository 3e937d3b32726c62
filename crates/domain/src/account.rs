//! An account: the salon, clinic or studio that subscribes.

use jiff::Timestamp;

use crate::{AccountId, FaultReason, Faults, Name, Subscription, Zone};

/// An account and the plan it is on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// What it is called.
    pub name: Name,
    /// The zone whose midnight separates its days.
    pub zone: Zone,
    /// The plan it is on, if any.
    pub subscription: Option<Subscription>,
    /// When it was opened.
    pub created_at: Timestamp,
}

/// What it takes to open an account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewAccount {
    /// What it will be called.
    pub name: Name,
    /// The zone whose midnight separates its days.
    pub zone: Zone,
}

impl NewAccount {
    /// Reads an account's name and time zone; without a zone it keeps UTC.
    ///
    /// # Errors
    /// Every fault in `name` and `time_zone`.
    pub fn parse(name: Option<&str>, time_zone: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let name = faults.take("name", name.ok_or(FaultReason::Required).and_then(Name::parse));
        let zone = faults.take_optional("time_zone", time_zone.map(Zone::parse));
        match (name, zone) {
            (Some(name), Some(zone)) => Ok(Self { name, zone: zone.unwrap_or(Zone::UTC) }),
            _ => Err(faults),
        }
    }
}
