//! The endpoints of subscriptions, and the response body that they share.

mod cancel;
mod find;
mod history;
mod preview;
mod subscribe;
mod unsubscribe;

use domain::error::StorageError;
use domain::ports::{Accounts, ReadAccounts};
use domain::{Account, AccountId, PlanCatalog, PlanKey, ScheduledChange, Subscription, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::Versioned;

endpoints! {
    find::find_subscription,
    subscribe::subscribe,
    preview::preview_plan_change,
    unsubscribe::unsubscribe,
    cancel::cancel_scheduled_change,
    history::list_subscription_changes,
}

/// A subscription of an account to a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub(crate) struct SubscriptionBody {
    /// The subscription's id, the same through every change of plan.
    #[schema(example = "sub_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The id of the subscription's account.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// The key of the plan, as `GET /plans` lists it.
    #[schema(example = "basic")]
    plan: String,
    /// The time when the subscription changed to this plan.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    plan_since: String,
    current_period: PeriodBody,
    /// The scheduled change, or null.
    #[schema(required)]
    scheduled_change: Option<ScheduledChangeBody>,
    /// The time when the account subscribed.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
    /// The time when the subscription ended, or null.
    #[schema(required, format = DateTime)]
    ended_at: Option<String>,
    #[serde(skip)]
    version: u32,
}

/// A monthly period of a subscription, from `start` inclusive to `end` exclusive.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Period)]
pub(crate) struct PeriodBody {
    /// The start of the period, inclusive: a midnight in the account's time zone.
    #[schema(format = DateTime, example = "2026-03-28T23:00:00Z")]
    start: String,
    /// The end of the period, exclusive. A change that is scheduled for the period's end takes
    /// effect then.
    #[schema(format = DateTime, example = "2026-04-28T22:00:00Z")]
    end: String,
}

/// A change that takes effect in the future.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ScheduledChange)]
pub(crate) struct ScheduledChangeBody {
    /// The key of the new plan; null if the subscription will end.
    #[schema(required, example = "pro")]
    plan: Option<String>,
    /// The time when the change takes effect.
    #[schema(format = DateTime, example = "2026-04-28T22:00:00Z")]
    effective_at: String,
    /// The time when the change was requested.
    #[schema(format = DateTime, example = "2026-04-01T08:00:00Z")]
    requested_at: String,
    /// The id of the user who requested the change.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    requested_by: String,
    /// The reason for the change, or null.
    #[schema(required, example = "Summer is coming")]
    reason: Option<String>,
}

impl SubscriptionBody {
    /// The subscription of an account at `now`.
    pub(crate) fn new(account: &Account, subscription: &Subscription, now: Timestamp) -> Self {
        let period = subscription.period_at(&account.zone, now);
        Self {
            id: subscription.id.to_string(),
            account_id: account.id.to_string(),
            plan: subscription.plan.to_string(),
            plan_since: subscription.plan_since.to_string(),
            current_period: PeriodBody { start: period.start.to_string(), end: period.end.to_string() },
            scheduled_change: subscription.scheduled.as_ref().map(ScheduledChangeBody::from),
            created_at: subscription.created_at.to_string(),
            ended_at: None,
            version: account.version_at(now),
        }
    }

    /// The subscription within the unit of work that changed it. Reads the account for its time
    /// zone and version.
    pub(crate) fn find(
        tx: &mut (impl ReadAccounts + ?Sized),
        account: AccountId,
        subscription: &Subscription,
        now: Timestamp,
    ) -> Result<Self, StorageError> {
        let found = tx.find_account(account)?;
        let found =
            found.ok_or_else(|| StorageError::Corrupt(format!("{account} is missing in its own unit of work")))?;
        Ok(Self::new(&found, subscription, now))
    }

    /// The subscription, locked until the unit of work ends.
    fn find_locked(
        tx: &mut (impl Accounts + ?Sized),
        catalog: &PlanCatalog,
        account: AccountId,
        now: Timestamp,
    ) -> Result<Option<Self>, StorageError> {
        let found = tx.lock_account(account)?.map(|found| found.settle(catalog, now).0);
        Ok(found.and_then(|found| Some(Self::new(&found, found.subscription.as_ref()?, now))))
    }
}

/// The version consists of the number of changes, the plan and the period, because the last two
/// also change as time passes.
impl Versioned for SubscriptionBody {
    fn version(&self) -> String {
        let begin = self.current_period.start.replace(|it: char| !it.is_ascii_alphanumeric(), "");
        format!("{}-{}-{begin}", self.version, self.plan)
    }
}

impl From<&ScheduledChange> for ScheduledChangeBody {
    fn from(change: &ScheduledChange) -> Self {
        Self {
            plan: change.to.as_ref().map(PlanKey::to_string),
            effective_at: change.at.to_string(),
            requested_at: change.requested.at.to_string(),
            requested_by: change.requested.by.to_string(),
            reason: change.requested.reason.as_ref().map(ToString::to_string),
        }
    }
}

/// The example of a subscription for the document, on `basic` without a scheduled change.
pub(crate) fn example() -> Value {
    json!({
        "id": "sub_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
        "plan": "basic", "plan_since": "2026-03-29T08:00:00Z",
        "current_period": {"start": "2026-03-28T23:00:00Z", "end": "2026-04-28T22:00:00Z"},
        "scheduled_change": null, "created_at": "2026-03-29T08:00:00Z", "ended_at": null,
    })
}

/// The example with a scheduled change to `plan`, or with a scheduled end.
pub(crate) fn example_scheduled(plan: Option<&str>) -> Value {
    let mut subscription = example();
    subscription["scheduled_change"] = json!({
        "plan": plan, "effective_at": "2026-04-28T22:00:00Z", "requested_at": "2026-04-01T08:00:00Z",
        "requested_by": "user_01h455vb4pex5vsknk084sn02q", "reason": "Summer is coming",
    });
    subscription
}
