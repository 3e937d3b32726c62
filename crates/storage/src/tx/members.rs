//! Members of accounts.

use domain::error::StorageError;
use domain::ports::{Members, Page, ReadMembers};
use domain::{Account, AccountId, Member, Role, Timestamp, UserId};

use super::{END, SqlTx, limit};
use crate::tables::{self, ACCOUNTS, MEMBERS, Value, parsed, sql};

/// How many accounts are read for one page of a list, removed ones included.
const READ_MAX: usize = 1_000;

impl SqlTx<'_> {
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

    /// Adds a member, or changes their role.
    fn write_member(
        &mut self,
        account: AccountId,
        user: UserId,
        role: Role,
        is_pending: bool,
        now: Timestamp,
    ) -> Result<(), StorageError> {
        let values = [account.uuid().into(), user.uuid().into(), role.as_str().into(), is_pending.into(), now.into()];
        self.upsert(&MEMBERS, &values)
    }
}

impl ReadMembers for SqlTx<'_> {
    fn find_role(&mut self, account: AccountId, user: UserId) -> Result<Option<Role>, StorageError> {
        self.find(
            sql!("SELECT role FROM members WHERE account_id = $1 AND user_id = $2"),
            &[account.uuid().into(), user.uuid().into()],
            |row| parsed(row.text(0)?, str::parse),
        )
    }

    fn find_member(&mut self, account: AccountId, user: UserId) -> Result<Option<Member>, StorageError> {
        self.find(
            sql!(
                "SELECT {}, u.username FROM members m JOIN users u ON u.id = m.user_id
                 WHERE m.account_id = $1 AND m.user_id = $2",
                MEMBERS.columns_of("m.")
            ),
            &[account.uuid().into(), user.uuid().into()],
            tables::member,
        )
    }

    fn list_members(
        &mut self,
        account: AccountId,
        after: Option<UserId>,
        max: usize,
    ) -> Result<Vec<Member>, StorageError> {
        self.list(
            sql!(
                "SELECT {}, u.username FROM members m JOIN users u ON u.id = m.user_id
                 WHERE m.account_id = $1 AND m.user_id < $2 ORDER BY m.user_id DESC LIMIT $3",
                MEMBERS.columns_of("m.")
            ),
            &[account.uuid().into(), after.map_or(END, UserId::uuid).into(), limit(max)],
            tables::member,
        )
    }

    fn count_owners(&mut self, account: AccountId) -> Result<u32, StorageError> {
        let sql = sql!("SELECT count(*) FROM members WHERE account_id = $1 AND role = 'owner' AND NOT is_pending");
        self.count(sql, &[account.uuid().into()])
    }

    fn list_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> Result<Page<Account, AccountId>, StorageError> {
        let (mut items, mut next, mut read) = (Vec::new(), after, 0);
        // One account more than the page holds shows that there is another page.
        while items.len() <= max && read < READ_MAX {
            let wanted = (max.saturating_add(1) - items.len()).min(READ_MAX);
            let found = self.read_accounts(user, include_deleted, next, wanted)?;
            let is_last = found.len() < wanted;
            read += found.len();
            next = found.last().map(|last| last.id).filter(|_| !is_last);
            items.extend(
                found
                    .into_iter()
                    .filter(|account| account.deleted_at.is_none() || (include_deleted && account.erased_at.is_none())),
            );
            if is_last {
                break;
            }
        }
        if items.len() > max {
            items.truncate(max);
            next = items.last().map(|last: &Account| last.id).or(after);
        }
        let items = items.into_iter().map(|account| self.with_overrides(account)).collect::<Result<_, _>>()?;
        Ok(Page { items, next })
    }
}

impl Members for SqlTx<'_> {
    fn put_member(&mut self, account: AccountId, user: UserId, role: Role, now: Timestamp) -> Result<(), StorageError> {
        self.write_member(account, user, role, false, now)
    }

    fn put_pending_owner(&mut self, account: AccountId, user: UserId, now: Timestamp) -> Result<(), StorageError> {
        self.write_member(account, user, Role::Owner, true, now)
    }

    fn delete_member(&mut self, account: AccountId, user: UserId) -> Result<(), StorageError> {
        let sql = sql!("DELETE FROM members WHERE account_id = $1 AND user_id = $2");
        self.execute(sql, &[account.uuid().into(), user.uuid().into()]).map(drop)
    }
}
