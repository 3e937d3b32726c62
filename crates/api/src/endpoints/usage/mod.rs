//! The endpoints of usage, and the response bodies that they share.

mod create;
mod find;
mod history;
mod list;
mod remove;

use domain::UsageRecord;
use domain::use_cases::RecordedUsage;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;

// The history comes before the records: the router would take the word for an id.
endpoints! {
    list::list_usage,
    create::create_usage,
    history::list_usage_history,
    find::find_usage,
    remove::remove_usage,
}

/// A use of a meter. It counts in the windows of `at`.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageRecord)]
pub(crate) struct UsageRecordBody {
    /// The usage record's id. null if the catalogue keeps no records of the meter: only its counters
    /// are stored, and the usage can neither be listed nor removed.
    #[schema(required, example = "use_01h455vb4pex5vsknk084sn02q")]
    id: Option<String>,
    /// The meter.
    #[schema(example = "sms")]
    meter: String,
    /// How much was used.
    #[schema(minimum = 1, example = 3)]
    quantity: u64,
    /// The time of the usage.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    at: String,
    /// The time when the usage was recorded.
    #[schema(format = DateTime, example = "2026-03-29T08:00:01.789012Z")]
    created_at: String,
    /// The id of the user who recorded the usage, with a login or an API key.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
}

impl From<UsageRecord> for UsageRecordBody {
    fn from(usage: UsageRecord) -> Self {
        Self {
            id: Some(usage.id.to_string()),
            meter: usage.meter.to_string(),
            quantity: usage.quantity,
            at: usage.occurrence.at.to_string(),
            created_at: usage.created_at.to_string(),
            created_by: usage.created_by.user_id.to_string(),
        }
    }
}

impl From<RecordedUsage> for UsageRecordBody {
    fn from(RecordedUsage { usage, has_record }: RecordedUsage) -> Self {
        let body = Self::from(usage);
        Self { id: body.id.filter(|_| has_record), ..body }
    }
}

/// The example of a usage record for the document.
fn example() -> Value {
    json!({
        "id": "use_01h455vb4pex5vsknk084sn02q", "meter": "sms", "quantity": 3, "at": "2026-03-29T08:00:00Z",
        "created_at": "2026-03-29T08:00:01.789012Z", "created_by": "user_01h455vb4pex5vsknk084sn02q",
    })
}
