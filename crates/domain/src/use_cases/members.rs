//! The members of an account. An account always has an owner who has accepted. A user made an owner
//! by another user is pending until they accept: a pending owner does not count as the owner that
//! an account must have, and can leave at any time.

use jiff::Timestamp;

use super::lookup::lock;
use crate::error::{MemberError, StorageResult};
use crate::ports::{Accounts, Members, ReadMembers, ReadUsers};
use crate::{AccountId, Member, Role, UserId};

/// Makes a user a member, or changes a member's role, unless the account would have no owner. A new
/// owner is pending until they accept: by calling this for themselves (`user == by`).
///
/// # Errors
/// [`MemberError`].
pub fn put_member(
    tx: &mut (impl Accounts + Members + ReadUsers + ?Sized),
    account: AccountId,
    user: UserId,
    role: Role,
    by: UserId,
    now: Timestamp,
) -> Result<Member, MemberError> {
    lock(tx, account)?.ok_or(MemberError::AccountNotFound)?;
    tx.find_user(user)?.ok_or(MemberError::UnknownUser)?;
    if role < Role::Owner {
        check_another_owner(tx, account, user)?;
    }
    if role < Role::Owner || user == by || is_owner(tx, account, user)? {
        tx.put_member(account, user, role, now)?;
    } else {
        tx.put_pending_owner(account, user, now)?;
    }
    tx.find_member(account, user)?.ok_or(MemberError::UnknownUser)
}

/// Removes a member, unless they are the last owner of an account that is not removed. Returns
/// whether they were a member.
///
/// # Errors
/// [`MemberError`].
pub fn remove_member(
    tx: &mut (impl Accounts + Members + ?Sized),
    account: AccountId,
    user: UserId,
) -> Result<bool, MemberError> {
    let is_removed = tx.lock_account(account)?.ok_or(MemberError::AccountNotFound)?.deleted_at.is_some();
    if !is_removed {
        check_another_owner(tx, account, user)?;
    }
    let was_member = tx.find_role(account, user)?.is_some();
    tx.delete_member(account, user)?;
    Ok(was_member)
}

/// Transfers an account: `to` becomes an owner and `from`, the caller, a manager. If `to` is
/// pending, the account needs another owner.
///
/// # Errors
/// [`MemberError`].
pub fn transfer_ownership(
    tx: &mut (impl Accounts + Members + ReadUsers + ?Sized),
    account: AccountId,
    from: UserId,
    to: UserId,
    now: Timestamp,
) -> Result<Member, MemberError> {
    let owner = put_member(tx, account, to, Role::Owner, from, now)?;
    if from != to && tx.find_role(account, from)? == Some(Role::Owner) {
        put_member(tx, account, from, Role::Manager, from, now)?;
    }
    Ok(owner)
}

/// Checks that the account has another owner, if the user is an owner.
fn check_another_owner(tx: &mut (impl Members + ?Sized), account: AccountId, user: UserId) -> Result<(), MemberError> {
    if !is_owner(tx, account, user)? || tx.count_owners(account)? > 1 { Ok(()) } else { Err(MemberError::LastOwner) }
}

/// Whether the user is an owner of the account, and not pending.
pub(super) fn is_owner(tx: &mut (impl ReadMembers + ?Sized), account: AccountId, user: UserId) -> StorageResult<bool> {
    let member = tx.find_member(account, user)?;
    Ok(member.is_some_and(|member| member.role == Role::Owner && !member.is_pending))
}
