//! The endpoints of members, and the response body that they share.

mod find;
mod list;
mod put;
mod remove;
mod transfer;

use domain::error::StorageError;
use domain::ports::WriteTx;
use domain::{AccountId, Member, UserId};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::http::{Versioned, content_version};
use crate::openapi;

endpoints! {
    list::list_members,
    find::find_member,
    put::put_member,
    remove::remove_member,
    transfer::transfer_account,
}

/// A member: a user with a role in an account.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Member)]
pub(crate) struct MemberBody {
    /// The user's id.
    #[schema(example = "user_01h455vb4pex5vsknk084sn02q")]
    id: String,
    /// The account's id.
    #[schema(example = "acct_01h455vb4pex5vsknk084sn02q")]
    account_id: String,
    /// The user's username.
    #[schema(example = "ann")]
    username: String,
    /// The member's role.
    #[schema(value_type = openapi::Role)]
    role: &'static str,
    /// Whether another user made the member an owner, and the member has not accepted yet.
    #[schema(example = false)]
    is_pending: bool,
    /// The time when the user became a member.
    #[schema(format = DateTime, example = "2026-03-29T08:00:00Z")]
    created_at: String,
}

impl From<Member> for MemberBody {
    fn from(member: Member) -> Self {
        Self {
            id: member.user_id.to_string(),
            account_id: member.account_id.to_string(),
            username: member.username.to_string(),
            role: member.role.as_str(),
            is_pending: member.is_pending,
            created_at: member.created_at.to_string(),
        }
    }
}

impl Versioned for MemberBody {
    fn version(&self) -> String {
        content_version(self)
    }
}

/// The member, locked until the unit of work ends.
fn find_locked(tx: &mut dyn WriteTx, account: AccountId, user: UserId) -> Result<Option<MemberBody>, StorageError> {
    tx.lock_account(account)?;
    Ok(tx.find_member(account, user)?.map(MemberBody::from))
}

/// The example of a member for the document.
fn example() -> Value {
    json!({
        "id": "user_01h455vb4pex5vsknk084sn02q", "account_id": "acct_01h455vb4pex5vsknk084sn02q",
        "username": "ann", "role": "manager", "is_pending": false, "created_at": "2026-03-29T08:00:00Z",
    })
}
