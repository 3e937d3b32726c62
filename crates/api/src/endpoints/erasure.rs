//! What the erasures of accounts and users respond with.

use domain::{ErasureCounts, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

/// An erasure.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Erasure)]
pub(crate) struct ErasureBody {
    /// The id of the erased account or user.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The time from which on the account or user is gone; null in a dry run.
    #[schema(required, format = DateTime, example = "2026-03-29T08:00:00Z")]
    erased_at: Option<String>,
    /// How many rows would be erased; null unless it is a dry run.
    #[schema(required)]
    counts: Option<ErasureCountsBody>,
}

/// The numbers of rows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ErasureCounts)]
pub(crate) struct ErasureCountsBody {
    /// Members of the account, or accounts of the user.
    members: u64,
    /// Staff members.
    staff_members: u64,
    /// Bookings.
    bookings: u64,
    /// Usage records.
    usage_records: u64,
    /// Allocations.
    allocations: u64,
    /// Holds.
    holds: u64,
    /// Audit entries about the account.
    audit_entries: u64,
    /// Sessions of the user.
    sessions: u64,
    /// API keys of the user.
    api_keys: u64,
}

impl ErasureBody {
    /// An erasure that was requested at an instant.
    pub(super) fn requested(id: &impl ToString, at: Timestamp) -> Self {
        Self { id: id.to_string(), erased_at: Some(at.to_string()), counts: None }
    }

    /// A dry run.
    pub(super) fn dry_run(id: &impl ToString, counts: ErasureCounts) -> Self {
        Self { id: id.to_string(), erased_at: None, counts: Some(counts.into()) }
    }
}

impl From<ErasureCounts> for ErasureCountsBody {
    fn from(counts: ErasureCounts) -> Self {
        let ErasureCounts { members, staff_members, bookings, usage_records, allocations, .. } = counts;
        let ErasureCounts { holds, audit_entries, sessions, api_keys, .. } = counts;
        Self { members, staff_members, bookings, usage_records, allocations, holds, audit_entries, sessions, api_keys }
    }
}

/// The example for the document: a dry run, which has all members.
pub(super) fn example(id: &str) -> Value {
    json!({
        "id": id, "erased_at": null,
        "counts": {
            "members": 2, "staff_members": 3, "bookings": 120, "usage_records": 0, "allocations": 0, "holds": 0,
            "audit_entries": 14, "sessions": 0, "api_keys": 0,
        },
    })
}
