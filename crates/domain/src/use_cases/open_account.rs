//! Opens an account.

use jiff::Timestamp;

use crate::error::StorageError;
use crate::ports::Accounts;
use crate::{Account, AccountId, NewAccount};

/// Opens an account, which is on no plan yet.
///
/// # Errors
/// [`StorageError`].
pub fn open_account(
    tx: &mut (impl Accounts + ?Sized),
    new: &NewAccount,
    id: AccountId,
    now: Timestamp,
) -> Result<Account, StorageError> {
    let account = Account { id, name: new.name.clone(), zone: new.zone.clone(), subscription: None, created_at: now };
    tx.insert_account(&account)?;
    Ok(account)
}
