//! Adds a staff member to an account.

use jiff::Timestamp;

use super::subscribed_plan;
use crate::error::{AddStaffMemberError, LimitRefusal};
use crate::ports::{Accounts, Staff};
use crate::{AccountId, NewStaffMember, PlanCatalog, StaffId, StaffMember, rules};

/// Adds a staff member, if the account's plan permits one more.
///
/// # Errors
/// [`AddStaffMemberError`].
pub fn add_staff_member(
    tx: &mut (impl Accounts + Staff + ?Sized),
    catalog: &PlanCatalog,
    account_id: AccountId,
    new: &NewStaffMember,
    id: StaffId,
    now: Timestamp,
) -> Result<StaffMember, AddStaffMemberError> {
    let account = tx.lock_account(account_id)?.ok_or(AddStaffMemberError::AccountNotFound)?;
    let plan = subscribed_plan(catalog, rules::check_subscription(&account)?)?;
    let active = tx.count_active_staff(account_id)?;
    if let Err(exceeded) = rules::check_staff_limit(plan, active, 1) {
        let refusal = LimitRefusal::new(exceeded, catalog, None, None);
        return Err(AddStaffMemberError::LimitExceeded(Box::new(refusal)));
    }
    let member = StaffMember { id, account_id, name: new.name.clone(), email: new.email.clone(), created_at: now };
    tx.insert_staff_member(&member)?;
    Ok(member)
}
