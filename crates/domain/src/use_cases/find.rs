//! Finds and lists resources. Each is found within its account only.

use jiff::Timestamp;

use super::lookup::{existing_account, existing_booking, existing_staff_member};
use crate::error::{FindError, StorageResult};
use crate::ports::{Page, ReadAccounts, ReadBookings, ReadMembers, ReadStaff, ReadSubscriptions, ReadUsers};
use crate::{
    Account, AccountId, AccountPosition, AccountSearch, ApiKey, ApiKeyId, Booking, BookingId, PlanCatalog, StaffId,
    StaffMember, Subscription, SubscriptionChange, SubscriptionChangeId, User, UserId, Username,
};

/// The account at `now`, unless it was removed.
///
/// # Errors
/// [`FindError`].
pub fn find_account(
    tx: &mut (impl ReadAccounts + ?Sized),
    catalog: &PlanCatalog,
    id: AccountId,
    now: Timestamp,
) -> Result<Account, FindError> {
    Ok(existing_account(tx, id)?.ok_or(FindError::NotFound)?.settle(catalog, now).0)
}

/// The account's subscription at `now`.
///
/// # Errors
/// [`FindError`].
pub fn find_subscription(
    tx: &mut (impl ReadAccounts + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    now: Timestamp,
) -> Result<Subscription, FindError> {
    find_account(tx, catalog, account, now)?.subscription.ok_or(FindError::NotFound)
}

/// A staff member of the account, unless removed.
///
/// # Errors
/// [`FindError`].
pub fn find_staff_member(
    tx: &mut (impl ReadStaff + ?Sized),
    account: AccountId,
    id: StaffId,
) -> Result<StaffMember, FindError> {
    existing_staff_member(tx, account, id)?.ok_or(FindError::NotFound)
}

/// The user with this id or username.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn find_user(tx: &mut (impl ReadUsers + ?Sized), id_or_name: &str) -> StorageResult<Option<User>> {
    if let Ok(id) = id_or_name.parse() {
        return tx.find_user(id);
    }
    match Username::parse(id_or_name) {
        Ok(name) => tx.find_user_named(&name),
        Err(_) => Ok(None),
    }
}

/// An API key of the user.
///
/// # Errors
/// [`FindError::NotFound`] if the key does not exist, or is another user's.
pub fn find_api_key(tx: &mut (impl ReadUsers + ?Sized), id: ApiKeyId, user: UserId) -> Result<ApiKey, FindError> {
    tx.find_api_key(id)?.filter(|key| key.user_id == user).ok_or(FindError::NotFound)
}

/// A booking of the account, unless it was removed.
///
/// # Errors
/// [`FindError`].
pub fn find_booking(
    tx: &mut (impl ReadBookings + ?Sized),
    account: AccountId,
    id: BookingId,
) -> Result<Booking, FindError> {
    existing_booking(tx, account, id)?.ok_or(FindError::NotFound)
}

/// Like [`ReadMembers::list_accounts`], with each account at `now`.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn list_accounts(
    tx: &mut (impl ReadMembers + ?Sized),
    catalog: &PlanCatalog,
    user: Option<UserId>,
    include_deleted: bool,
    after: Option<AccountId>,
    max: usize,
    now: Timestamp,
) -> StorageResult<Page<Account, AccountId>> {
    let Page { items, next } = tx.list_accounts(user, include_deleted, after, max)?;
    Ok(Page { items: items.into_iter().map(|account| account.settle(catalog, now).0).collect(), next })
}

/// Like [`ReadMembers::search_accounts`], with each account at `now`.
///
/// # Errors
/// The [`StorageResult`]'s.
#[expect(clippy::too_many_arguments, reason = "those of the repository, and what an account at an instant needs")]
pub fn search_accounts(
    tx: &mut (impl ReadMembers + ?Sized),
    catalog: &PlanCatalog,
    user: Option<UserId>,
    search: &AccountSearch,
    include_deleted: bool,
    after: Option<&AccountPosition>,
    max: usize,
    now: Timestamp,
) -> StorageResult<Page<Account, AccountPosition>> {
    let Page { items, next } = tx.search_accounts(user, search, include_deleted, after, max)?;
    Ok(Page { items: items.into_iter().map(|account| account.settle(catalog, now).0).collect(), next })
}

/// Up to `max` changes of the account's subscription that have taken effect by `now`, after
/// `after`, newest first.
///
/// # Errors
/// [`FindError`].
pub fn list_subscription_changes(
    tx: &mut (impl ReadAccounts + ReadSubscriptions + ?Sized),
    catalog: &PlanCatalog,
    account: AccountId,
    after: Option<SubscriptionChangeId>,
    max: usize,
    now: Timestamp,
) -> Result<Vec<SubscriptionChange>, FindError> {
    let found = existing_account(tx, account)?.ok_or(FindError::NotFound)?;
    // The newest change may have taken effect since the last write: it is not in the stored history
    // yet.
    let (_, due) = found.settle(catalog, now);
    let due = due.filter(|due| after.is_none_or(|after| due.id < after));
    let written = tx.list_subscription_changes(account, after, max.saturating_sub(usize::from(due.is_some())))?;
    Ok(due.into_iter().chain(written).take(max).collect())
}
