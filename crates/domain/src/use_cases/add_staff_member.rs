//! Adds or restores a staff member.

use jiff::Timestamp;

use super::admission::{Demand, admit};
use super::lookup::lock;
use crate::error::{AddStaffMemberError, AdmissionError};
use crate::ports::{Accounts, ReadHolds, ReadUsage, Staff};
use crate::{Account, AccountId, Attribution, Meter, NewStaffMember, Occurrence, PlanCatalog, StaffId, StaffMember};

/// Adds a staff member, if the account's limit permits one more.
///
/// # Errors
/// [`AddStaffMemberError`].
pub fn add_staff_member(
    tx: &mut (impl Accounts + Staff + ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    new: &NewStaffMember,
    id: StaffId,
    by: &Attribution,
    now: Timestamp,
) -> Result<StaffMember, AddStaffMemberError> {
    let account = lock(tx, account_id)?.ok_or(AddStaffMemberError::NotFound)?;
    admit_one(tx, catalog, &account, now)?;
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
    tx: &mut (impl Accounts + Staff + ReadUsage + ReadHolds + ?Sized),
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
    admit_one(tx, catalog, &account, now)?;
    let member = StaffMember { deleted_at: None, version: member.version + 1, ..member };
    tx.update_staff_member(&member)?;
    Ok((member, true))
}

/// Checks that one more staff member is admitted.
fn admit_one(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    now: Timestamp,
) -> Result<(), AdmissionError> {
    let occurrence = Occurrence::new(now, &account.zone, account.subscription.as_ref());
    admit(tx, catalog, account, &[Demand { meter: &Meter::STAFF, occurrence, quantity: 1 }], None, now)
}
