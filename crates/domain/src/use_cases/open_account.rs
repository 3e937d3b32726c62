//! Opens an account.

use jiff::Timestamp;

use crate::error::StorageError;
use crate::ports::{Accounts, Members};
use crate::{Account, AccountId, NewAccount, Role, UserId};

/// Opens an account, which is on no plan yet and belongs to `owner`.
///
/// # Errors
/// [`StorageError`].
pub fn open_account(
    tx: &mut (impl Accounts + Members + ?Sized),
    new: &NewAccount,
    id: AccountId,
    owner: UserId,
    now: Timestamp,
) -> Result<Account, StorageError> {
    let account = Account { id, name: new.name.clone(), zone: new.zone.clone(), subscription: None, created_at: now };
    tx.insert_account(&account)?;
    tx.put_member(id, owner, Role::Owner, now)?;
    Ok(account)
}
