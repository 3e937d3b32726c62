//! What an account's members may, in the account's own row, which every request for the account reads anyway.

use domain::error::StorageError;
use domain::{Role, UserId, Uuid};

/// Each member, and what they may.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Roles(Vec<(UserId, Role)>);

impl Roles {
    /// Reads what the triggers on `members` write: for each member the 16 bytes of their id and one of their role.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, StorageError> {
        let corrupt = || StorageError::Corrupt(format!("{} bytes are no list of roles", bytes.len()));
        let (entries, []) = bytes.as_chunks::<17>() else { return Err(corrupt()) };
        let entry = |&[ref id @ .., role]: &[u8; 17]| {
            let role = match role {
                0 => Role::Viewer,
                1 => Role::Manager,
                2 => Role::Owner,
                _ => return None,
            };
            Some((UserId::from_uuid(Uuid::from_bytes(*id)), role))
        };
        entries.iter().map(entry).collect::<Option<_>>().map(Self).ok_or_else(corrupt)
    }

    /// What this user may, if they are a member.
    pub(super) fn of(&self, user: UserId) -> Option<Role> {
        self.0.iter().find(|(member, _)| *member == user).map(|(_, role)| *role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_list_of_roles_is_corrupt() {
        let (user, other) = ([7; 16], UserId::from_uuid(Uuid::from_bytes([8; 16])));
        let owner = [&user[..], &[2]].concat();
        let roles = Roles::parse(&owner).unwrap();
        assert_eq!((roles.of(UserId::from_uuid(Uuid::from_bytes(user))), roles.of(other)), (Some(Role::Owner), None));
        assert_eq!(Roles::parse(&[]), Ok(Roles(Vec::new())));
        for bad in [&[0][..], &user, &[&user[..], &[3]].concat(), &[&owner[..], &[0]].concat()] {
            assert!(Roles::parse(bad).is_err(), "{bad:?}");
        }
    }
}
