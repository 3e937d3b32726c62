//! Opens an account.

use jiff::Timestamp;

use crate::error::StorageResult;
use crate::ports::{Accounts, Members};
use crate::{Account, AccountId, NewAccount, Role, UserId};

/// Opens an account without a plan, with `owner` as its owner.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn open_account(
    tx: &mut (impl Accounts + Members + ?Sized),
    new: &NewAccount,
    id: AccountId,
    owner: UserId,
    now: Timestamp,
) -> StorageResult<Account> {
    let account = Account::new(id, new.clone(), now);
    tx.insert_account(&account)?;
    tx.put_member(id, owner, Role::Owner, now)?;
    Ok(account)
}
