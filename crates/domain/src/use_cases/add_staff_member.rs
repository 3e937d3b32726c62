//! Adds or restores a staff member.

use jiff::Timestamp;

use super::admission::admit_staff;
use super::lookup::lock;
use crate::error::AddStaffMemberError;
use crate::ports::{Accounts, Staff};
use crate::{AccountId, Attribution, NewStaffMember, PlanCatalog, StaffId, StaffMember};

/// Adds a staff member, if the account's limit permits one more.
///
/// # Errors
/// [`AddStaffMemberError`].
pub fn add_staff_member(
    tx: &mut (impl Accounts + Staff + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    new: &NewStaffMember,
    id: StaffId,
    by: &Attribution,
    now: Timestamp,
) -> Result<StaffMember, AddStaffMemberError> {
    let account = lock(tx, account_id)?.ok_or(AddStaffMemberError::NotFound)?;
    admit_staff(tx, catalog, &account, 1, now)?;
    let (name, email) = (new.name.clone(), new.email.clone());
    let member = StaffMember {
        id,
        account_id,
        name,
        email,
        created_at: now,
        deleted_at: None,
        version: 1,
        created_by: by.clone(),
    };
    tx.insert_staff_member(&member)?;
    Ok(member)
}

/// Restores a removed staff member, if the account's limit permits one more. An active staff member
/// stays as they are. Also returns whether the staff member was removed.
///
/// # Errors
/// [`AddStaffMemberError`].
pub fn restore_staff_member(
    tx: &mut (impl Accounts + Staff + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    id: StaffId,
    now: Timestamp,
) -> Result<(StaffMember, bool), AddStaffMemberError> {
    let account = lock(tx, account_id)?.ok_or(AddStaffMemberError::NotFound)?;
    let member = tx.find_staff_member(account_id, id)?.ok_or(AddStaffMemberError::NotFound)?;
    if member.deleted_at.is_none() {
        return Ok((member, false));
    }
    admit_staff(tx, catalog, &account, 1, now)?;
    let member = StaffMember { deleted_at: None, version: member.version + 1, ..member };
    tx.update_staff_member(&member)?;
    Ok((member, true))
}
