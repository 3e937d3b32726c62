//! A staff member of an account.

use jiff::Timestamp;

use crate::{AccountId, Attribution, Change, EmailAddress, FaultReason, Faults, HoldId, Name, StaffId};

/// A person who works for an account. Active staff members count towards the staff limit.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StaffMember {
    /// The id.
    pub id: StaffId,
    /// The account.
    pub account_id: AccountId,
    /// The name.
    pub name: Name,
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// When the staff member was added.
    pub created_at: Timestamp,
    /// When the staff member was removed; `None` while active.
    pub deleted_at: Option<Timestamp>,
    /// The version, from 1. The `ETag` names it.
    pub version: u32,
    /// The creator and the request.
    pub created_by: Attribution,
}

/// A change to a staff member.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StaffMemberPatch {
    /// The new name.
    pub name: Option<Name>,
    /// The e-mail address.
    pub email: Change<EmailAddress>,
}

impl StaffMemberPatch {
    /// Parses the fields that change.
    ///
    /// # Errors
    /// All faults in `name` and `email`.
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

/// The fields of a new staff member.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct NewStaffMember {
    /// The name.
    pub name: Name,
    /// The e-mail address.
    pub email: Option<EmailAddress>,
    /// The hold whose place is used.
    pub hold_id: Option<HoldId>,
}

impl NewStaffMember {
    /// Parses a name and an e-mail address. No hold is used.
    ///
    /// # Errors
    /// All faults in `name` and `email`.
    pub fn parse(name: Option<&str>, email: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let name = faults.take("name", name.ok_or(FaultReason::Required).and_then(Name::parse));
        let email = faults.take_optional("email", email.map(EmailAddress::parse));
        match (name, email) {
            (Some(name), Some(email)) => Ok(Self { name, email, hold_id: None }),
            _ => Err(faults),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_of_a_staff_member_are_parsed_or_refused_with_all_faults() {
        let (name, email) = (Name::parse("Ann").unwrap(), EmailAddress::parse("ann@example.com").unwrap());
        let new = NewStaffMember { name: name.clone(), email: Some(email.clone()), hold_id: None };
        assert_eq!(NewStaffMember::parse(Some("Ann"), Some("ann@example.com")), Ok(new));
        let patch = StaffMemberPatch { name: Some(name), email: Change::Set(email) };
        assert_eq!(StaffMemberPatch::parse(Some("Ann"), Change::Set("ann@example.com")), Ok(patch));
        let fields = |faults: Faults| faults.iter().map(|fault| fault.field).collect::<Vec<_>>();
        assert_eq!(fields(NewStaffMember::parse(None, Some("ann")).unwrap_err()), ["name", "email"]);
        assert_eq!(fields(StaffMemberPatch::parse(Some(""), Change::Set("ann")).unwrap_err()), ["name", "email"]);
    }
}
