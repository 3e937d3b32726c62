//! An account: the salon, clinic or studio that subscribes.

use jiff::Timestamp;

use crate::{
    AccountId, FaultReason, Faults, Name, Override, PlanCatalog, PlanKey, ScheduledChange, Subscription,
    SubscriptionChange, Zone,
};

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
    /// The limits of its own, at most one for each metric; some may have expired.
    pub overrides: Vec<Override>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was removed, if it was.
    pub deleted_at: Option<Timestamp>,
}

impl Account {
    /// The account as it is at `now`: a change of plan that was due has taken effect, and a plan that another replaces
    /// has that one's key. Besides, the change that took effect, if one did that was not written down yet.
    #[must_use]
    pub fn settle(self, catalog: &PlanCatalog, now: Timestamp) -> (Self, Option<SubscriptionChange>) {
        let (subscription, effect) = match self.subscription {
            Some(subscription) => subscription.settle(now),
            None => (None, None),
        };
        let resolve = |key: PlanKey| catalog.resolve(&key).map(|plan| plan.key.clone()).unwrap_or(key);
        let subscription = subscription.map(|it| {
            let scheduled = it.scheduled.map(|change| ScheduledChange { to: change.to.map(resolve), ..change });
            Subscription { plan: resolve(it.plan), scheduled, ..it }
        });
        (Self { subscription, ..self }, effect)
    }
}

/// What is to change about an account; what is left out stays.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AccountPatch {
    /// What it is called from now on.
    pub name: Option<Name>,
    /// The zone of the days of bookings that are made from now on. Days that are counted already stay.
    pub zone: Option<Zone>,
}

impl AccountPatch {
    /// Reads the fields that change.
    ///
    /// # Errors
    /// Every fault in `name` and `time_zone`.
    pub fn parse(name: Option<&str>, time_zone: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let name = faults.take_optional("name", name.map(Name::parse));
        let zone = faults.take_optional("time_zone", time_zone.map(Zone::parse));
        match (name, zone) {
            (Some(name), Some(zone)) => Ok(Self { name, zone }),
            _ => Err(faults),
        }
    }
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
