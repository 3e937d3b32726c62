//! The endpoints of allocations, and the response body that they share.

mod find;
mod list;
mod put;
mod remove;
mod replace;

use domain::Allocation;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;

endpoints! {
    list::list_allocations,
    replace::replace_allocations,
    find::find_allocation,
    put::put_allocation,
    remove::remove_allocation,
}

/// The path of the operation whose body is larger than others: up to a thousand keys.
pub(super) const MANY_KEYS_PATH: &str = "/accounts/{account_id}/allocations/{meter}";

/// Something of a meter of gauges that exists.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Allocation)]
pub(crate) struct AllocationBody {
    /// The meter.
    #[schema(example = "projects")]
    meter: String,
    /// Your key of it, unique within the account and the meter.
    #[schema(example = "website")]
    key: String,
    /// How much of the meter it takes.
    #[schema(example = 1)]
    quantity: u64,
    /// The time when it was first allocated.
    #[schema(format = DateTime, example = "2026-03-20T12:34:56.789012Z")]
    created_at: String,
    /// The id of the user who allocated it, with a login or an API key.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
}

impl From<Allocation> for AllocationBody {
    fn from(allocation: Allocation) -> Self {
        Self {
            meter: allocation.meter.to_string(),
            key: allocation.key.to_string(),
            quantity: allocation.quantity,
            created_at: allocation.created_at.to_string(),
            created_by: allocation.created_by.user_id.to_string(),
        }
    }
}

/// The example of an allocation for the document.
fn example() -> Value {
    json!({
        "meter": "projects", "key": "website", "quantity": 1, "created_at": "2026-03-20T12:34:56.789012Z",
        "created_by": "user_01h455vb4pex5vsknk084sn02q",
    })
}
