//! Changes or removes a staff member.

use jiff::Timestamp;

use super::lookup::{existing_staff_member, lock};
use crate::error::ChangeError;
use crate::ports::{Accounts, Staff};
use crate::{AccountId, StaffId, StaffMember, StaffMemberPatch};

/// Changes a staff member's name or e-mail address, if `is_expected` accepts the current version.
/// Also returns whether anything changed.
///
/// # Errors
/// [`ChangeError`].
pub fn change_staff_member(
    tx: &mut (impl Accounts + Staff + ?Sized),
    account: AccountId,
    id: StaffId,
    patch: &StaffMemberPatch,
    is_expected: impl FnOnce(&StaffMember) -> bool,
) -> Result<(StaffMember, bool), ChangeError> {
    lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    let member = existing_staff_member(tx, account, id)?.ok_or(ChangeError::NotFound)?;
    if !is_expected(&member) {
        return Err(ChangeError::PreconditionFailed);
    }
    let StaffMemberPatch { name, email } = patch.clone();
    let changed = StaffMember {
        name: name.unwrap_or_else(|| member.name.clone()),
        email: email.apply(member.email.clone()),
        ..member.clone()
    };
    if changed == member {
        return Ok((member, false));
    }
    let changed = StaffMember { version: member.version + 1, ..changed };
    tx.update_staff_member(&changed)?;
    Ok((changed, true))
}

/// Removes a staff member, who no longer counts. Their bookings stay. Returns whether the staff
/// member existed.
///
/// # Errors
/// [`ChangeError`].
pub fn remove_staff_member(
    tx: &mut (impl Accounts + Staff + ?Sized),
    account: AccountId,
    id: StaffId,
    is_expected: impl FnOnce(&StaffMember) -> bool,
    now: Timestamp,
) -> Result<bool, ChangeError> {
    lock(tx, account)?.ok_or(ChangeError::NotFound)?;
    let member = tx.find_staff_member(account, id)?.ok_or(ChangeError::NotFound)?;
    if member.deleted_at.is_some() {
        return Ok(false);
    }
    if !is_expected(&member) {
        return Err(ChangeError::PreconditionFailed);
    }
    tx.update_staff_member(&StaffMember { deleted_at: Some(now), version: member.version + 1, ..member })?;
    Ok(true)
}
