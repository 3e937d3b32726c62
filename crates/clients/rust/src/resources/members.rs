//! Members of an account: users with a role.

use domain::{AccountId, Role, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::pages::List;
use crate::request::Request;

/// A member.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Member {
    /// The user's id.
    pub id: UserId,
    /// The account.
    pub account_id: AccountId,
    /// The username.
    pub username: String,
    /// The role.
    pub role: Role,
    /// Whether an owner has not accepted yet.
    pub is_pending: bool,
    /// When they became a member.
    pub created_at: Timestamp,
}

/// The operations on the members of an account. A user is named by id or username.
#[derive(Clone, Debug)]
pub struct Members(pub(super) AccountClient);

impl Members {
    /// Adds a member, or changes their role.
    pub fn put(&self, user: impl ToString, role: Role) -> Request<Member> {
        let body = serde_json::json!({ "role": role });
        Request::with_json(&self.0.transport, Call::put(account_path!(self.0, "members", &user.to_string())), &body)
    }

    /// The members.
    pub fn list(&self) -> List<Member> {
        List::new(&self.0.transport, Call::get(account_path!(self.0, "members")))
    }

    /// A member.
    pub fn find(&self, user: impl ToString) -> Request<Member> {
        Request::new(&self.0.transport, Call::get(account_path!(self.0, "members", &user.to_string())))
    }

    /// Removes a member.
    pub fn remove(&self, user: impl ToString) -> Request<()> {
        Request::new(&self.0.transport, Call::delete(account_path!(self.0, "members", &user.to_string())))
    }

    /// Transfers the account to a user.
    pub fn transfer_to(&self, user: impl ToString) -> Request<Member> {
        let body = serde_json::json!({ "user": user.to_string() });
        Request::with_json(&self.0.transport, Call::post(account_path!(self.0, "transfer")), &body)
    }
}
