//! Staff members, as clients see them.

pub(crate) mod add;
pub(crate) mod find;

use domain::StaffMember;
use serde::Serialize;
use utoipa::ToSchema;

/// Somebody who works for an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffMember)]
pub(crate) struct StaffMemberBody {
    /// The staff member's id.
    #[schema(example = "staff_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The account they work for.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// What they are called.
    #[schema(example = "Ann")]
    name: String,
    /// Where they can be written to, or null.
    #[schema(required, example = "ann@example.com")]
    email: Option<String>,
    /// When they were added.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
}

impl From<StaffMember> for StaffMemberBody {
    fn from(member: StaffMember) -> Self {
        Self {
            id: member.id.to_string(),
            account_id: member.account_id.to_string(),
            name: member.name.to_string(),
            email: member.email.map(|email| email.to_string()),
            created_at: member.created_at.to_string(),
        }
    }
}
