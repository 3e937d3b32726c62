//! A staff member of an account.

use jiff::Timestamp;

use crate::{AccountId, Attribution, Change, EmailAddress, FaultReason, Faults, Name, StaffId};

/// Somebody who works for an account, and counts towards its plan's staff limit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StaffMember {
    /// Their id.
    pub id: StaffId,
    /// The account they work for.
    pub account_id: AccountId,
    /// What they are called.
    pub name: Name,
    /// Where they can be written to.
    pub email: Option<EmailAddress>,
    /// When they were added.
    pub created_at: Timestamp,
    /// When they were removed, if they were: they do not count then.
    pub deleted_at: Option<Timestamp>,
    /// Counts the changes of this staff member, from 1: it names the version in an `ETag`.
    pub version: u32,
    /// Who added them, and by which request.
    pub created_by: Attribution,
}

/// What is to change about a staff member.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StaffMemberPatch {
    /// What they are called from now on, if that changes.
    pub name: Option<Name>,
    /// Where they can be written to.
    pub email: Change<EmailAddress>,
}

impl StaffMemberPatch {
    /// Reads the fields that change.
    ///
    /// # Errors
    /// Every fault in `name` and `email`.
    pub fn parse(name: Option<&str>, email: Change<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let name = faults.take_optional("name", name.map(Name::parse));
        let email = faults.take("email", email.parse(EmailAddress::parse));
        match (name, email) {
            (Some(name), Some(email)) => Ok(Self { name, email }),
            _ => Err(faults),
        }
    }
}

/// What it takes to add a staff member.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewStaffMember {
    /// What they are called.
    pub name: Name,
    /// Where they can be written to.
    pub email: Option<EmailAddress>,
}

impl NewStaffMember {
    /// Reads a staff member's name and e-mail address.
    ///
    /// # Errors
    /// Every fault in `name` and `email`.
    pub fn parse(name: Option<&str>, email: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let name = faults.take("name", name.ok_or(FaultReason::Required).and_then(Name::parse));
        let email = faults.take_optional("email", email.map(EmailAddress::parse));
        match (name, email) {
            (Some(name), Some(email)) => Ok(Self { name, email }),
            _ => Err(faults),
        }
    }
}
