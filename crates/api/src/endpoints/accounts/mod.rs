//! Accounts and their subscriptions, as clients see them.

pub(crate) mod audit;
pub(crate) mod find;
pub(crate) mod list;
pub(crate) mod open;
pub(crate) mod subscribe;
pub(crate) mod subscription;

use domain::{Account, AccountId, Subscription};
use serde::Serialize;
use utoipa::ToSchema;

/// An account: the salon, clinic or studio that subscribes.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountBody {
    /// The account's id.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// What it is called.
    #[schema(example = "My Salon")]
    name: String,
    /// The IANA time zone whose midnight separates its days.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// The plan it is on, or null.
    #[schema(required)]
    subscription: Option<SubscriptionBody>,
    /// When it was opened.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id.to_string(),
            name: account.name.to_string(),
            time_zone: account.zone.to_string(),
            subscription: account
                .subscription
                .as_ref()
                .map(|subscription| SubscriptionBody::new(account.id, subscription)),
            created_at: account.created_at.to_string(),
        }
    }
}

/// The plan an account is on.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Subscription)]
pub(crate) struct SubscriptionBody {
    /// The subscription's id, the same through every change of plan.
    #[schema(example = "sub_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The account it belongs to.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// The key of the plan, as `GET /plans` lists it.
    #[schema(example = "basic")]
    plan: String,
    /// Since when the account is on this plan.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    plan_since: String,
    /// When the account first subscribed.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
}

impl SubscriptionBody {
    fn new(account: AccountId, subscription: &Subscription) -> Self {
        Self {
            id: subscription.id.to_string(),
            account_id: account.to_string(),
            plan: subscription.plan.to_string(),
            plan_since: subscription.plan_since.to_string(),
            created_at: subscription.created_at.to_string(),
        }
    }
}
