//! The endpoints of accounts, and the response body that they share.

mod audit;
mod change;
mod erase;
mod find;
mod list;
mod open;
mod remove;
mod restore;

use std::collections::BTreeMap;

use domain::{Account, FaultReason, Metadata, PlanCatalog, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use super::subscriptions::{self, SubscriptionBody};
use crate::http::{Input, Versioned};

endpoints! {
    list::list_accounts,
    open::open_account,
    find::find_account,
    change::change_account,
    remove::remove_account,
    restore::restore_account,
    erase::erase_account,
    audit::list_audit,
}

/// An account: the salon, clinic or studio that subscribes to a plan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Account)]
pub(crate) struct AccountBody {
    /// The account's id.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The account's name.
    #[schema(example = "My Salon")]
    name: String,
    /// The IANA time zone that determines the account's days.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// The account's subscription, or null.
    #[schema(required)]
    subscription: Option<SubscriptionBody>,
    /// The time when the account was opened.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
    /// The time when the account was removed, or null.
    #[schema(required, format = DateTime)]
    deleted_at: Option<String>,
    /// The account's id in the caller's own system. Only if it has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false, example = "cus_42")]
    external_id: Option<String>,
    /// The pairs of text that the caller keeps with the account. Only if there are any.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(required = false, example = json!({"crm": "42"}))]
    metadata: BTreeMap<String, String>,
    #[serde(skip)]
    version: u32,
}

impl AccountBody {
    /// The account at `now`: a scheduled change that is due by then has taken effect.
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
            external_id: account.external_id.as_ref().map(ToString::to_string),
            metadata: account.metadata.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect(),
            version: account.version,
        }
    }
}

/// The subscription is part of the version, because it also changes as time passes.
impl Versioned for AccountBody {
    fn version(&self) -> String {
        self.subscription.as_ref().map_or_else(|| self.version.to_string(), Versioned::version)
    }
}

/// The example of an account for the document, on `basic`.
pub(crate) fn example() -> Value {
    json!({
        "id": "acct_01h455vb4pex5vsknk084sn02q", "name": "My Salon", "time_zone": "Europe/Berlin",
        "subscription": subscriptions::example(), "created_at": "2026-03-29T08:00:00Z", "deleted_at": null,
        "external_id": "cus_42", "metadata": {"crm": "42"},
    })
}

/// The metadata in a body; no pairs for null.
fn metadata(input: Input) -> Option<Result<Metadata, FaultReason>> {
    let fields = match input {
        Input::Absent => return None,
        Input::Null => Vec::new(),
        Input::Object(fields) => fields,
        _ => return Some(Err(FaultReason::WrongType { expected: "JSON object" })),
    };
    let count = fields.len();
    let pairs: BTreeMap<String, String> = fields
        .into_iter()
        .filter_map(|(key, value)| if let Input::Text(value) = value { Some((key, value)) } else { None })
        .collect();
    // A value is no text, or a key is given twice.
    let is_incomplete = pairs.len() < count;
    Some(if is_incomplete { Err(FaultReason::NotMetadata) } else { Metadata::parse(pairs) })
}
