//! Members of accounts.

use domain::error::StorageError;
use domain::ports::{Members, Page, ReadMembers};
use domain::{Account, AccountId, AccountPosition, AccountSearch, Member, Role, Timestamp, UserId};

use super::{END, SqlTx, limit};
use crate::tables::{self, MEMBERS, parsed, sql};

impl SqlTx<'_> {
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
        self.list_page_of_accounts(user, include_deleted, after, max)
    }

    fn search_accounts(
        &mut self,
        user: Option<UserId>,
        search: &AccountSearch,
        include_deleted: bool,
        after: Option<&AccountPosition>,
        max: usize,
    ) -> Result<Page<Account, AccountPosition>, StorageError> {
        match user {
            Some(user) => self.search_accounts_of(user, search, include_deleted, after, max),
            None => self.search_all_accounts(search, include_deleted, after, max),
        }
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
