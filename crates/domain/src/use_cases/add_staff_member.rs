//! Adds or restores a staff member.

use jiff::Timestamp;

use super::admission::{Demand, Place, admit};
use super::holds::{live_hold, use_place};
use super::lookup::lock;
use crate::error::{AddStaffMemberError, AdmissionError};
use crate::ports::{Accounts, Holds, ReadHolds, ReadUsage, Staff};
use crate::{Account, AccountId, Attribution, Meter, NewStaffMember, PlanCatalog, StaffId, StaffMember};

/// Adds a staff member, if the account's limit permits one more, or a hold keeps a place free.
///
/// # Errors
/// [`AddStaffMemberError`].
pub fn add_staff_member(
    tx: &mut (impl Accounts + Staff + ReadUsage + Holds + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    new: &NewStaffMember,
    id: StaffId,
    by: &Attribution,
    now: Timestamp,
) -> Result<StaffMember, AddStaffMemberError> {
    let account = lock(tx, account_id)?.ok_or(AddStaffMemberError::NotFound)?;
    let hold = match new.hold_id {
        Some(id) => Some(live_hold(tx, account_id, &Meter::STAFF, id, now)?.ok_or(AddStaffMemberError::UnknownHold)?),
        None => None,
    };
    admit_one(tx, catalog, &account, hold.as_ref().map(|hold| Place::of_hold(hold, 1)).as_ref(), now)?;
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
    if let Some(hold) = hold {
        use_place(tx, hold, now)?;
    }
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
    admit_one(tx, catalog, &account, None, now)?;
    let member = StaffMember { deleted_at: None, version: member.version + 1, ..member };
    tx.update_staff_member(&member)?;
    Ok((member, true))
}

/// Checks that one more staff member is admitted. One for whom a place is held is.
fn admit_one(
    tx: &mut (impl ReadUsage + ReadHolds + ?Sized),
    catalog: &PlanCatalog,
    account: &Account,
    place: Option<&Place>,
    now: Timestamp,
) -> Result<(), AdmissionError> {
    let occurrence = account.occurrence(now);
    admit(tx, catalog, account, &[Demand { meter: &Meter::STAFF, occurrence, quantity: 1 }], place, now)
}
