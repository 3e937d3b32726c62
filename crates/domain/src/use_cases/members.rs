//! Who belongs to an account. It always has an owner.

use jiff::Timestamp;

use super::lock;
use crate::error::MemberError;
use crate::ports::{Accounts, Members, ReadUsers};
use crate::{AccountId, Member, Role, UserId};

/// Makes a user a member, or gives a member another role, unless that would leave the account without an owner.
///
/// # Errors
/// [`MemberError`].
pub fn put_member(
    tx: &mut (impl Accounts + Members + ReadUsers + ?Sized),
    account: AccountId,
    user: UserId,
    role: Role,
    now: Timestamp,
) -> Result<Member, MemberError> {
    lock(tx, account)?.ok_or(MemberError::AccountNotFound)?;
    tx.find_user(user)?.ok_or(MemberError::UnknownUser)?;
    if role < Role::Owner {
        check_another_owner(tx, account, user)?;
    }
    tx.put_member(account, user, role, now)?;
    tx.find_member(account, user)?.ok_or(MemberError::UnknownUser)
}

/// Removes a member, unless they are the last owner of an account that was not removed itself. Answers whether they were
/// one.
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

/// Hands an account over: `to` becomes an owner and `from` a manager, in one step.
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
    let owner = put_member(tx, account, to, Role::Owner, now)?;
    if from != to && tx.find_role(account, from)? == Some(Role::Owner) {
        tx.put_member(account, from, Role::Manager, now)?;
    }
    Ok(owner)
}

/// Whether the account has an owner besides this user, if they are one.
fn check_another_owner(tx: &mut (impl Members + ?Sized), account: AccountId, user: UserId) -> Result<(), MemberError> {
    let is_owner = tx.find_role(account, user)? == Some(Role::Owner);
    if !is_owner || tx.count_owners(account)? > 1 { Ok(()) } else { Err(MemberError::LastOwner) }
}
