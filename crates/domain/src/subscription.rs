//! A subscription: which plan an account is on, and what changing it means.

use jiff::Timestamp;

use crate::{Plan, PlanKey, SubscriptionId};

/// The plan that an account is on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Subscription {
    /// Its id, the same through every change of plan.
    pub id: SubscriptionId,
    /// The plan.
    pub plan: PlanKey,
    /// When the account first subscribed.
    pub created_at: Timestamp,
    /// Since when it is on this plan.
    pub plan_since: Timestamp,
}

/// What became of a wish to be on a plan.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum PlanChange {
    /// The account had no subscription and has this one now.
    Started(Subscription),
    /// The account was on another plan.
    Changed(Subscription),
    /// The account is on that plan already: nothing changes.
    Unchanged(Subscription),
}

impl PlanChange {
    /// The subscription as it is afterwards.
    #[must_use]
    pub const fn subscription(&self) -> &Subscription {
        match self {
            Self::Started(subscription) | Self::Changed(subscription) | Self::Unchanged(subscription) => subscription,
        }
    }
}

/// Decides what it takes to be on `plan` from `now` on. Staff and bookings that exist are never touched, even where
/// the plan permits fewer: creation alone is refused then.
///
/// `new_id` names the subscription if there is none yet.
///
/// ```
/// use domain::{PlanCatalog, PlanChange, SubscriptionId, Timestamp, Uuid, rules};
///
/// let catalog = PlanCatalog::builtin();
/// let id = SubscriptionId::from_uuid(Uuid::nil());
/// let started = rules::change_plan(None, catalog.find("basic").unwrap(), id, Timestamp::UNIX_EPOCH);
/// let PlanChange::Started(basic) = started else { panic!("the first plan starts a subscription") };
/// let again = rules::change_plan(Some(&basic), catalog.find("basic").unwrap(), id, Timestamp::UNIX_EPOCH);
/// assert_eq!(again, PlanChange::Unchanged(basic));
/// ```
#[must_use]
pub fn change_plan(current: Option<&Subscription>, plan: &Plan, new_id: SubscriptionId, now: Timestamp) -> PlanChange {
    match current {
        None => {
            PlanChange::Started(Subscription { id: new_id, plan: plan.key.clone(), created_at: now, plan_since: now })
        }
        Some(current) if current.plan == plan.key => PlanChange::Unchanged(current.clone()),
        Some(current) => {
            // A clock that was set back makes no plan begin before the one it follows.
            let plan_since = now.max(current.plan_since);
            PlanChange::Changed(Subscription { plan: plan.key.clone(), plan_since, ..current.clone() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PlanCatalog, Uuid};

    #[test]
    fn a_plan_does_not_begin_before_the_one_it_follows() {
        let catalog = PlanCatalog::builtin();
        let change = |current, plan, at: &str| {
            let id = SubscriptionId::from_uuid(Uuid::nil());
            change_plan(current, catalog.find(plan).unwrap(), id, at.parse().unwrap()).subscription().clone()
        };
        let basic = change(None, "basic", "2026-03-01T12:00:00Z");
        let pro = change(Some(&basic), "pro", "2026-03-01T11:59:59Z");
        assert_eq!((pro.plan.as_str(), pro.plan_since, pro.created_at), ("pro", basic.plan_since, basic.created_at));
        let later = change(Some(&pro), "basic", "2026-04-01T00:00:00Z");
        assert_eq!(later.plan_since.to_string(), "2026-04-01T00:00:00Z");
    }
}
