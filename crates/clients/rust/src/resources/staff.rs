//! Staff members, which the metric `staff` limits: the seats of an account.

use domain::{AccountId, HoldId, StaffId, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::{AccountClient, account_path};
use crate::call::Call;
use crate::change::Change;
use crate::pages::List;
use crate::request::Request;

/// A staff member.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct StaffMember {
    /// The id.
    pub id: StaffId,
    /// The account.
    pub account_id: AccountId,
    /// The name.
    pub name: String,
    /// The e-mail address.
    pub email: Option<String>,
    /// When they were added.
    pub created_at: Timestamp,
    /// The user who added them.
    pub created_by: UserId,
    /// When they were removed.
    pub deleted_at: Option<Timestamp>,
}

/// The fields of a new staff member.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct NewStaffMember {
    /// The name.
    pub name: String,
    /// The e-mail address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The hold whose place they take.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold_id: Option<HoldId>,
}

impl From<&str> for NewStaffMember {
    fn from(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }
}

/// The fields of a staff member to change.
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize)]
pub struct StaffMemberChange {
    /// The new name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The new e-mail address.
    #[serde(skip_serializing_if = "Change::is_keep")]
    pub email: Change<String>,
}

/// The operations on the staff members of an account.
#[derive(Clone, Debug)]
pub struct Staff(pub(super) AccountClient);

impl Staff {
    /// Adds a staff member, if the plan has room.
    pub fn add(&self, new: impl Into<NewStaffMember>) -> Request<StaffMember> {
        Request::with_json(&self.0.transport, Call::post(account_path!(self.0, "staff")), &new.into())
    }

    /// The staff members, the newest first.
    pub fn list(&self) -> List<StaffMember> {
        List::new(&self.0.transport, Call::get(account_path!(self.0, "staff")))
    }

    /// A staff member.
    pub fn find(&self, id: StaffId) -> Request<StaffMember> {
        Request::new(&self.0.transport, Call::get(account_path!(self.0, "staff", &id.to_string())))
    }

    /// Changes fields of a staff member.
    pub fn change(&self, id: StaffId, change: &StaffMemberChange) -> Request<StaffMember> {
        Request::with_json(&self.0.transport, Call::patch(account_path!(self.0, "staff", &id.to_string())), change)
    }

    /// Removes a staff member. Their place is free at once.
    pub fn remove(&self, id: StaffId) -> Request<()> {
        Request::new(&self.0.transport, Call::delete(account_path!(self.0, "staff", &id.to_string())))
    }

    /// Restores a removed staff member, if the plan has room.
    pub fn restore(&self, id: StaffId) -> Request<StaffMember> {
        Request::new(&self.0.transport, Call::post(account_path!(self.0, "staff", &id.to_string(), "restore")))
    }
}

impl List<StaffMember> {
    /// Removed staff members, too.
    pub fn include_deleted(self) -> Self {
        self.with("include_deleted", true)
    }
}
