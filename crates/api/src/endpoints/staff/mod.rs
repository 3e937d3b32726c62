//! The endpoints of staff members, and the response body that they share.

mod add;
mod change;
mod find;
mod list;
mod remove;
mod restore;

use domain::StaffMember;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::Versioned;

endpoints! {
    list::list_staff,
    add::add_staff_member,
    find::find_staff_member,
    change::change_staff_member,
    remove::remove_staff_member,
    restore::restore_staff_member,
}

/// A person who works for an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StaffMember)]
pub(crate) struct StaffMemberBody {
    /// The staff member's id.
    #[schema(example = "staff_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The id of the staff member's account.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// The staff member's name.
    #[schema(example = "Ann")]
    name: String,
    /// The staff member's email address, or null.
    #[schema(required, example = "ann@example.com")]
    email: Option<String>,
    /// The time when the staff member was added.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
    /// The id of the user who added the staff member, with a login or an API key.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    created_by: String,
    /// The time when the staff member was removed, or null.
    #[schema(required, format = DateTime)]
    deleted_at: Option<String>,
    #[serde(skip)]
    version: u32,
}

impl From<StaffMember> for StaffMemberBody {
    fn from(member: StaffMember) -> Self {
        Self {
            id: member.id.to_string(),
            account_id: member.account_id.to_string(),
            name: member.name.to_string(),
            email: member.email.map(|email| email.to_string()),
            created_at: member.created_at.to_string(),
            created_by: member.created_by.user_id.to_string(),
            deleted_at: member.deleted_at.map(|at| at.to_string()),
            version: member.version,
        }
    }
}

impl Versioned for StaffMemberBody {
    fn version(&self) -> String {
        self.version.to_string()
    }
}

/// The example of a staff member for the document.
fn example() -> Value {
    json!({
        "id": "staff_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
        "name": "Ann", "email": "ann@example.com", "created_at": "2026-03-29T08:00:00Z",
        "created_by": "user_01h455vb4pex5vsknk084sn02q", "deleted_at": null,
    })
}
