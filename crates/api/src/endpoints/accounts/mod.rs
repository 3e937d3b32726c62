//! Accounts, as clients see them.

mod audit;
mod change;
mod find;
mod list;
mod open;
mod remove;
mod restore;

use domain::{Account, PlanCatalog, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use super::subscriptions::{self, SubscriptionBody};

use crate::http::Versioned;

endpoints! {
    list::list_accounts,
    open::open_account,
    find::find_account,
    change::change_account,
    remove::remove_account,
    restore::restore_account,
    audit::list_audit,
}

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
    /// When it was removed, or null.
    #[schema(required, format = DateTime)]
    deleted_at: Option<String>,
    #[serde(skip)]
    version: u32,
}

impl AccountBody {
    /// The account as it is at `now`, whatever was written down of it last.
    pub(crate) fn new(account: Account, catalog: &PlanCatalog, now: Timestamp) -> Self {
        let (account, _) = account.settle(catalog, now);
        let subscription = account.subscription.as_ref();
        Self {
            id: account.id.to_string(),
            name: account.name.to_string(),
            time_zone: account.zone.to_string(),
            subscription: subscription.map(|it| SubscriptionBody::new(&account, it, now)),
            created_at: account.created_at.to_string(),
            deleted_at: account.deleted_at.map(|at| at.to_string()),
            version: account.version,
        }
    }
}

/// The subscription changes the account's version, and changes by the clock alone too.
impl Versioned for AccountBody {
    fn version(&self) -> String {
        self.subscription.as_ref().map_or_else(|| self.version.to_string(), Versioned::version)
    }
}

/// An account for the document, on `basic`.
pub(crate) fn example() -> Value {
    json!({
        "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "My Salon", "time_zone": "Europe/Berlin",
        "subscription": subscriptions::example(), "created_at": "2026-03-29T08:00:00Z", "deleted_at": null,
    })
}
