//! Lists of accounts: those of a user or all, newest first, and those that a search finds.

use std::collections::BTreeSet;

use domain::error::StorageError;
use domain::ports::{Page, ReadAccounts};
use domain::{Account, AccountId, AccountPosition, AccountSearch, UserId, Uuid};

use super::{END, SqlTx, limit};
use crate::tables::{self, ACCOUNTS, Value, sql};

/// How many accounts are read for one page of a list, whether or not they are listed.
const READ_MAX: usize = 1_000;
/// The minimum size of a read whose accounts are likely to be filtered out.
const FILTERED_READ_MIN: usize = 200;

impl SqlTx<'_> {
    /// Up to `max` accounts of `user`, or of all for `None`, by descending id.
    pub(super) fn list_page_of_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> Result<Page<Account, AccountId>, StorageError> {
        let is_admitted = |account: &Account| is_listed(account, include_deleted);
        let (mut items, last) = self.walk_accounts(user, include_deleted, after, max, 1, is_admitted)?;
        let mut next = last.map(|last| last.id);
        if items.len() > max {
            items.truncate(max);
            next = items.last().map(|last| last.id).or(after);
        }
        Ok(Page { items: self.all_with_overrides(items)?, next })
    }

    /// Up to `max` accounts of `user` that match, by descending id.
    pub(super) fn search_accounts_of(
        &mut self,
        user: UserId,
        search: &AccountSearch,
        include_deleted: bool,
        after: Option<&AccountPosition>,
        max: usize,
    ) -> Result<Page<Account, AccountPosition>, StorageError> {
        let is_admitted = |account: &Account| is_listed(account, include_deleted) && search.matches(account);
        let after_id = after.map(|after| after.id);
        let (mut items, last) =
            self.walk_accounts(Some(user), include_deleted, after_id, max, FILTERED_READ_MIN, is_admitted)?;
        let mut next = last.as_ref().map(Account::position);
        if items.len() > max {
            items.truncate(max);
            next = items.last().map(Account::position).or_else(|| after.cloned());
        }
        Ok(Page { items: self.all_with_overrides(items)?, next })
    }

    /// Up to `max` of all accounts that match, by ascending position: those whose names begin with
    /// the text are next to each other in an index, and the two that may match as a whole are
    /// found by their keys.
    pub(super) fn search_all_accounts(
        &mut self,
        search: &AccountSearch,
        include_deleted: bool,
        after: Option<&AccountPosition>,
        max: usize,
    ) -> Result<Page<Account, AccountPosition>, StorageError> {
        let (mut items, mut next) = self.walk_names(search, include_deleted, after, max)?;
        let exact = self.read_exact_matches(search)?;
        items.extend(exact.into_iter().filter(|account| {
            let position = account.position();
            is_listed(account, include_deleted)
                && !search.matches_name(&position.name)
                && after.is_none_or(|after| *after < position)
                && next.as_ref().is_none_or(|next| position <= *next)
        }));
        items.sort_by_cached_key(Account::position);
        if items.len() > max {
            items.truncate(max);
            next = items.last().map(Account::position).or_else(|| after.cloned());
        }
        Ok(Page { items: self.all_with_overrides(items)?, next })
    }

    /// Accounts that `admits` accepts, by descending id, and the last one that was read if there are
    /// more. One account more than `max` shows that there is another page. The work is bounded.
    fn walk_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
        at_least: usize,
        admits: impl Fn(&Account) -> bool,
    ) -> Result<(Vec<Account>, Option<Account>), StorageError> {
        let (mut items, mut last, mut read) = (Vec::new(), None::<Account>, 0);
        while items.len() <= max && read < READ_MAX {
            let wanted = (max.saturating_add(1) - items.len()).clamp(at_least, READ_MAX);
            let begin = last.map(|last| last.id).or(after);
            let found = self.read_accounts(user, include_deleted, begin, wanted)?;
            let is_end = found.len() < wanted;
            read += found.len();
            last = found.last().filter(|_| !is_end).cloned();
            items.extend(found.into_iter().filter(|account| admits(account)));
            if is_end {
                break;
            }
        }
        Ok((items, last))
    }

    /// Accounts whose names match, by ascending position, and the position of the last one that was
    /// read if there are more. As many as [`SqlTx::walk_accounts`] returns.
    fn walk_names(
        &mut self,
        search: &AccountSearch,
        include_deleted: bool,
        after: Option<&AccountPosition>,
        max: usize,
    ) -> Result<(Vec<Account>, Option<AccountPosition>), StorageError> {
        let first = AccountPosition { name: search.prefix().clone(), id: AccountId::from_uuid(Uuid::nil()) };
        let mut begin = after.filter(|after| first < **after).cloned().unwrap_or(first);
        let (mut items, mut read) = (Vec::new(), 0);
        while items.len() <= max && read < READ_MAX {
            // A name that many removed accounts have needs larger reads.
            let at_least = if read == 0 { 1 } else { FILTERED_READ_MIN };
            let wanted = (max.saturating_add(1) - items.len()).clamp(at_least, READ_MAX);
            let mut found = self.read_accounts_by_name(&begin, wanted)?;
            read += found.len();
            found.retain(|account| search.matches_name(&account.name.folded()));
            let is_end = found.len() < wanted;
            let last = found.last().map(Account::position);
            items.extend(found.into_iter().filter(|account| is_listed(account, include_deleted)));
            match last {
                Some(last) if !is_end => begin = last,
                _ => return Ok((items, None)),
            }
        }
        Ok((items, Some(begin)))
    }

    /// Up to `max` accounts: those of `user`, removed ones included, or all.
    fn read_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> Result<Vec<Account>, StorageError> {
        let (after, max): (Value<'_>, _) = (after.map_or(END, AccountId::uuid).into(), limit(max));
        match user {
            Some(user) => self.list(
                sql!(
                    "SELECT {} FROM members m JOIN accounts a ON a.id = m.account_id
                     WHERE m.user_id = $1 AND m.account_id < $2 ORDER BY m.account_id DESC LIMIT $3",
                    ACCOUNTS.columns_of("a.")
                ),
                &[user.uuid().into(), after, max],
                tables::account,
            ),
            None if include_deleted => self.list(
                sql!("SELECT {} FROM accounts WHERE id < $1 ORDER BY id DESC LIMIT $2", ACCOUNTS.column_list()),
                &[after, max],
                tables::account,
            ),
            None => self.list(
                sql!(
                    "SELECT {} FROM accounts [INDEXED BY accounts_not_deleted]
                     WHERE id < $1 AND deleted_at IS NULL ORDER BY id DESC LIMIT $2",
                    ACCOUNTS.column_list()
                ),
                &[after, max],
                tables::account,
            ),
        }
    }

    /// Up to `max` accounts after a position, removed ones included, in the order of the index.
    fn read_accounts_by_name(&mut self, after: &AccountPosition, max: usize) -> Result<Vec<Account>, StorageError> {
        let sql = sql!(
            "SELECT {} FROM accounts [INDEXED BY accounts_by_name]
             WHERE (folded_name, id) > ($1, $2) ORDER BY folded_name, id LIMIT $3",
            ACCOUNTS.column_list()
        );
        self.list(sql, &[after.name.as_str().into(), after.id.uuid().into(), limit(max)], tables::account)
    }

    /// The accounts whose id, or external id, is what is searched for.
    fn read_exact_matches(&mut self, search: &AccountSearch) -> Result<Vec<Account>, StorageError> {
        let by_external_id = match search.external_id() {
            Some(external_id) => self.find_account_by_external_id(external_id)?,
            None => None,
        };
        let ids: BTreeSet<AccountId> = search.id().into_iter().chain(by_external_id).collect();
        let mut found = Vec::new();
        for id in ids {
            let sql = sql!("SELECT {} FROM accounts WHERE id = $1", ACCOUNTS.column_list());
            found.extend(self.find(sql, &[id.uuid().into()], tables::account)?);
        }
        Ok(found)
    }

    fn all_with_overrides(&mut self, accounts: Vec<Account>) -> Result<Vec<Account>, StorageError> {
        accounts.into_iter().map(|account| self.with_overrides(account)).collect()
    }
}

/// Whether a list has the account.
fn is_listed(account: &Account, include_deleted: bool) -> bool {
    account.deleted_at.is_none() || (include_deleted && account.erased_at.is_none())
}
