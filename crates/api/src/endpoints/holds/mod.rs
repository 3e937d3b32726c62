//! The endpoints of holds, and the response body that they share.

mod confirm;
mod create;
mod extend;
mod find;
mod list;
mod release;

use domain::error::StorageError;
use domain::ports::{Accounts, ReadHolds};
use domain::{AccountId, FaultReason, Faults, Hold, HoldId, HoldStatus, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::{Input, Versioned};
use crate::openapi;

endpoints! {
    list::list_holds,
    create::create_hold,
    find::find_hold,
    confirm::confirm_hold,
    release::release_hold,
    extend::extend_hold,
}

/// A quantity of a meter that is kept free until it is confirmed, released or expires.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Hold)]
pub(crate) struct HoldBody {
    /// The hold's id.
    #[schema(example = "hold_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The id of the hold's account.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// The meter.
    #[schema(example = "staff")]
    meter: String,
    /// How much is held.
    #[schema(example = 1)]
    quantity: u64,
    /// The state at the time of the response. Only a hold in the state `held` counts.
    #[schema(value_type = openapi::HoldStatus)]
    state: &'static str,
    /// The time when what is held will happen: it counts in the windows of this time.
    #[schema(format = DateTime, example = "2026-03-20T12:34:56.789012Z")]
    at: String,
    /// The time when it expires.
    #[schema(format = DateTime, example = "2026-03-27T12:34:56.789012Z")]
    expires_at: String,
    /// What it is for, or null.
    #[schema(required, example = "invite:42")]
    reference: Option<String>,
    /// The time when it was created.
    #[schema(format = DateTime, example = "2026-03-20T12:34:56.789012Z")]
    created_at: String,
    /// The id of the user who created it, with a login or an API key.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
    /// The time when it was confirmed or released, or null.
    #[schema(required, format = DateTime)]
    closed_at: Option<String>,
    #[serde(skip)]
    version: u32,
}

impl HoldBody {
    /// The hold as it is at `now`.
    fn at(hold: &Hold, now: Timestamp) -> Self {
        Self {
            id: hold.id.to_string(),
            account_id: hold.account_id.to_string(),
            meter: hold.meter.to_string(),
            quantity: hold.quantity,
            state: hold.status(now).as_str(),
            at: hold.occurrence.at.to_string(),
            expires_at: hold.expires_at.to_string(),
            reference: hold.reference.as_ref().map(ToString::to_string),
            created_at: hold.created_at.to_string(),
            created_by: hold.created_by.user_id.to_string(),
            closed_at: hold.closed_at.map(|at| at.to_string()),
            version: hold.version,
        }
    }

    /// The hold, locked until the unit of work ends.
    fn find_locked(
        tx: &mut (impl Accounts + ReadHolds + ?Sized),
        account: AccountId,
        id: HoldId,
        now: Timestamp,
    ) -> Result<Option<Self>, StorageError> {
        tx.lock_account(account)?;
        Ok(tx.find_hold(account, id)?.map(|hold| Self::at(&hold, now)))
    }
}

impl Versioned for HoldBody {
    /// The number of changes, and whether it expired, which is no change of what is stored.
    fn version(&self) -> String {
        let expired = if self.state == HoldStatus::Expired.as_str() { "-expired" } else { "" };
        format!("{}{expired}", self.version)
    }
}

/// The hold that a new staff member or booking uses.
pub(super) fn hold_id(input: &Input, faults: &mut Faults) -> Option<HoldId> {
    let id = input.get("hold_id", faults)?;
    faults.take("hold_id", id.parse().map_err(|_| FaultReason::UnknownHold))
}

/// The example of a hold for the document.
fn example() -> Value {
    json!({
        "id": "hold_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q", "meter": "staff",
        "quantity": 1, "state": "held", "at": "2026-03-20T12:34:56.789012Z",
        "expires_at": "2026-03-27T12:34:56.789012Z", "reference": "invite:42",
        "created_at": "2026-03-20T12:34:56.789012Z", "created_by": "user_01h455vb4pex5vsknk084sn02q",
        "closed_at": null,
    })
}
