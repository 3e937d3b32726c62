//! An account: the salon, clinic or studio that subscribes to a plan.

use jiff::Timestamp;

use crate::{
    AccountId, EffectiveLimits, ExternalId, FaultReason, Faults, FoldedName, Grant, Metadata, Name, Occurrence,
    Override, Plan, PlanCatalog, PlanKey, ScheduledChange, Subscription, SubscriptionChange, Zone,
};

/// An account, its subscription and its overrides.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Its name.
    pub name: Name,
    /// The time zone of its business days.
    pub zone: Zone,
    /// Its subscription, if any.
    pub subscription: Option<Subscription>,
    /// Its overrides, at most one for each metric. Expired ones may be among them.
    pub overrides: Vec<Override>,
    /// Its grants. Expired ones may be among them.
    pub grants: Vec<Grant>,
    /// When it was opened.
    pub created_at: Timestamp,
    /// When it was removed; `None` while it exists.
    pub deleted_at: Option<Timestamp>,
    /// When its erasure was requested. From then on no request finds it.
    pub erased_at: Option<Timestamp>,
    /// Its id in the caller's own system, if it has one. No other account has it.
    pub external_id: Option<ExternalId>,
    /// Pairs of text that the caller keeps with it.
    pub metadata: Metadata,
    /// The version of the account and its subscription, from 1. It is part of the `ETag` of both.
    pub version: u32,
}

impl Account {
    /// A new account, opened at `now`, without a plan.
    #[must_use]
    pub fn new(id: AccountId, new: NewAccount, now: Timestamp) -> Self {
        let NewAccount { name, zone, external_id, metadata } = new;
        Self {
            id,
            name,
            zone,
            subscription: None,
            overrides: Vec::new(),
            grants: Vec::new(),
            created_at: now,
            deleted_at: None,
            erased_at: None,
            external_id,
            metadata,
            version: 1,
        }
    }

    /// The position in a list of accounts by name.
    #[must_use]
    pub fn position(&self) -> AccountPosition {
        AccountPosition { name: self.name.folded(), id: self.id }
    }

    /// The effective limits of the account on `plan`, at an instant.
    #[must_use]
    pub fn limits_on<'a>(&'a self, plan: &'a Plan, at: Timestamp) -> EffectiveLimits<'a> {
        EffectiveLimits::new(plan, &self.overrides, at).with_grants(&self.grants)
    }

    /// What happens at an instant, in the account's time zone and in the period of its subscription.
    #[must_use]
    pub fn occurrence(&self, at: Timestamp) -> Occurrence {
        Occurrence::new(at, &self.zone, self.subscription.as_ref())
    }

    /// The version at `now`. A scheduled change that has taken effect raises it by one.
    #[must_use]
    pub fn version_at(&self, now: Timestamp) -> u32 {
        let due = self.subscription.as_ref().and_then(|it| it.scheduled.as_ref()).filter(|change| change.at <= now);
        self.version + u32::from(due.is_some())
    }

    /// The account at `now`, after a scheduled change that is due, and with each replaced plan
    /// resolved to its replacement. Also returns the change that took effect, if it is not in the
    /// history yet.
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
        let version = self.version + u32::from(effect.is_some());
        (Self { subscription, version, ..self }, effect)
    }
}

/// A position in a list of accounts by name without regard to letter case, and of one name by
/// ascending id.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct AccountPosition {
    /// The name. Accounts with a greater one follow.
    pub name: FoldedName,
    /// The id. Accounts of the same name with a greater one follow.
    pub id: AccountId,
}

/// A change to an account. Fields that are `None` stay as they are.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AccountPatch {
    /// The new name.
    pub name: Option<Name>,
    /// The new time zone, for bookings created from now on. Bookings keep their days.
    pub zone: Option<Zone>,
    /// The new metadata, which replaces all pairs.
    pub metadata: Option<Metadata>,
}

impl AccountPatch {
    /// Parses the fields that change.
    ///
    /// # Errors
    /// All faults in `name` and `time_zone`.
    pub fn parse(name: Option<&str>, time_zone: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let name = faults.take_optional("name", name.map(Name::parse));
        let zone = faults.take_optional("time_zone", time_zone.map(Zone::parse));
        match (name, zone) {
            (Some(name), Some(zone)) => Ok(Self { name, zone, metadata: None }),
            _ => Err(faults),
        }
    }
}

/// The fields of a new account.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewAccount {
    /// The name.
    pub name: Name,
    /// The time zone of its business days.
    pub zone: Zone,
    /// Its id in the caller's own system, if it has one.
    pub external_id: Option<ExternalId>,
    /// Pairs of text that the caller keeps with it.
    pub metadata: Metadata,
}

impl NewAccount {
    /// Parses a name and a time zone. Without a time zone, the account uses UTC.
    ///
    /// # Errors
    /// All faults in `name` and `time_zone`.
    pub fn parse(name: Option<&str>, time_zone: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let name = faults.take("name", name.ok_or(FaultReason::Required).and_then(Name::parse));
        let zone = faults.take_optional("time_zone", time_zone.map(Zone::parse));
        match (name, zone) {
            (Some(name), Some(zone)) => {
                let (external_id, metadata) = (None, Metadata::default());
                Ok(Self { name, zone: zone.unwrap_or(Zone::UTC), external_id, metadata })
            }
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::{Requested, SubscriptionChangeId, SubscriptionId, UserId};

    const NOW: Timestamp = Timestamp::constant(1_774_000_000, 0);

    /// An account of version 7 on `basic`, with a change to `to` scheduled for [`NOW`].
    fn account(to: Option<&str>) -> Account {
        let requested = Requested { by: UserId::from_uuid(Uuid::nil()), at: Timestamp::UNIX_EPOCH, reason: None };
        let id = SubscriptionChangeId::from_uuid(Uuid::nil());
        let to = to.map(|plan| plan.parse().unwrap());
        Account {
            id: AccountId::from_uuid(Uuid::nil()),
            name: Name::parse("My Salon").unwrap(),
            zone: Zone::UTC,
            subscription: Some(Subscription {
                id: SubscriptionId::from_uuid(Uuid::nil()),
                plan: "basic".parse().unwrap(),
                created_at: Timestamp::UNIX_EPOCH,
                plan_since: Timestamp::UNIX_EPOCH,
                scheduled: Some(ScheduledChange { id, to, at: NOW, requested }),
            }),
            overrides: Vec::new(),
            grants: Vec::new(),
            created_at: Timestamp::UNIX_EPOCH,
            deleted_at: None,
            erased_at: None,
            external_id: None,
            metadata: Metadata::default(),
            version: 7,
        }
    }

    #[test]
    fn a_scheduled_change_that_took_effect_raises_the_version() {
        let (catalog, microsecond) = (PlanCatalog::builtin(), jiff::SignedDuration::from_micros(1));
        for to in [Some("pro"), None] {
            for (now, version) in [(NOW - microsecond, 7), (NOW, 8), (NOW + microsecond, 8)] {
                let (settled, effect) = account(to).settle(&catalog, now);
                assert_eq!((settled.version, effect.is_some()), (version, version > 7), "{to:?} at {now}");
            }
        }
    }

    #[test]
    fn settling_an_account_twice_raises_the_version_once() {
        let catalog = PlanCatalog::builtin();
        let (settled, _) = account(Some("pro")).settle(&catalog, NOW);
        assert_eq!(settled.clone().settle(&catalog, NOW), (settled, None));
    }

    #[test]
    fn an_account_without_a_scheduled_change_keeps_its_version() {
        let catalog = PlanCatalog::builtin();
        let kept = |it: Subscription| Subscription { scheduled: None, ..it };
        let on_a_plan = account(None);
        let on_a_plan = Account { subscription: on_a_plan.subscription.clone().map(kept), ..on_a_plan };
        for account in [Account { subscription: None, ..on_a_plan.clone() }, on_a_plan] {
            assert_eq!(account.clone().settle(&catalog, NOW), (account, None));
        }
    }

    #[test]
    fn the_version_is_raised_from_the_instant_of_a_due_change() {
        let microsecond = jiff::SignedDuration::from_micros(1);
        let versions = [NOW - microsecond, NOW, NOW + microsecond].map(|now| account(Some("pro")).version_at(now));
        assert_eq!(versions, [7, 8, 8]);
        assert_eq!(Account { subscription: None, ..account(None) }.version_at(NOW), 7);
    }

    #[test]
    fn replaced_plans_are_resolved_also_in_a_scheduled_change() {
        let plan = |key: &str, replaces: &str| crate::Plan {
            key: key.parse().unwrap(),
            replaces: vec![replaces.parse().unwrap()],
            ..PlanCatalog::builtin().find("basic").unwrap().clone()
        };
        let catalog = PlanCatalog::new(vec![plan("starter", "basic"), plan("team", "pro")]).unwrap();
        let (settled, effect) = account(Some("pro")).settle(&catalog, Timestamp::UNIX_EPOCH);
        let subscription = settled.subscription.unwrap();
        let scheduled = subscription.scheduled.unwrap().to;
        assert_eq!((subscription.plan.as_str(), effect), ("starter", None));
        assert_eq!(scheduled.as_ref().map(PlanKey::as_str), Some("team"));
    }

    #[test]
    fn the_fields_of_an_account_are_parsed_or_refused_with_all_faults() {
        let berlin = Zone::parse("Europe/Berlin").unwrap();
        let name = Name::parse("My Salon").unwrap();
        let new = NewAccount { name: name.clone(), zone: Zone::UTC, external_id: None, metadata: Metadata::default() };
        assert_eq!(NewAccount::parse(Some("My Salon"), None), Ok(new.clone()));
        let new = NewAccount { zone: berlin.clone(), ..new };
        assert_eq!(NewAccount::parse(Some("My Salon"), Some("Europe/Berlin")), Ok(new));
        let patch = AccountPatch { name: Some(name), zone: Some(berlin), metadata: None };
        assert_eq!(AccountPatch::parse(Some("My Salon"), Some("Europe/Berlin")), Ok(patch));
        assert_eq!(AccountPatch::parse(None, None), Ok(AccountPatch::default()));
        for faults in
            [NewAccount::parse(None, Some("?")).unwrap_err(), AccountPatch::parse(Some(""), Some("?")).unwrap_err()]
        {
            assert_eq!(faults.iter().map(|fault| fault.field).collect::<Vec<_>>(), ["name", "time_zone"]);
        }
    }
}
