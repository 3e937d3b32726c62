//! Opens an account.

use jiff::Timestamp;

use crate::error::OpenAccountError;
use crate::ports::{Accounts, Members};
use crate::{Account, AccountId, NewAccount, Role, UserId};

/// Opens an account without a plan, with `owner` as its owner.
///
/// # Errors
/// [`OpenAccountError::ExternalIdTaken`].
pub fn open_account(
    tx: &mut (impl Accounts + Members + ?Sized),
    new: &NewAccount,
    id: AccountId,
    owner: UserId,
    now: Timestamp,
) -> Result<Account, OpenAccountError> {
    if let Some(external_id) = &new.external_id
        && let Some(other) = tx.find_account_by_external_id(external_id)?
    {
        return Err(OpenAccountError::ExternalIdTaken(other));
    }
    let account = Account::new(id, new.clone(), now);
    tx.insert_account(&account)?;
    tx.put_member(id, owner, Role::Owner, now)?;
    Ok(account)
}
