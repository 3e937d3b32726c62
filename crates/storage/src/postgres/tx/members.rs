//! Who belongs to which account.

use domain::error::StorageError;
use domain::ports::{Members, ReadMembers};
use domain::{Account, AccountId, Member, Role, Timestamp, UserId, Username, Uuid};
use postgres::Row;

use super::PgTx;
use super::accounts::{account, account_columns};
use crate::postgres::row::{self, Instant};

fn member(account_id: AccountId, found: &Row) -> Result<Member, StorageError> {
    Ok(Member {
        account_id,
        user_id: UserId::from_uuid(row::uuid(found, 0)?),
        role: row::parsed(found, 1, str::parse)?,
        created_at: row::instant(found, 2)?,
        username: row::parsed(found, 3, Username::parse)?,
    })
}

impl ReadMembers for PgTx<'_> {
    fn find_role(&mut self, account: AccountId, user: UserId) -> Result<Option<Role>, StorageError> {
        self.find(
            "SELECT role FROM members WHERE account_id = $1 AND user_id = $2",
            &[&account.uuid(), &user.uuid()],
            |found| row::parsed(found, 0, str::parse),
        )
    }

    fn find_member(&mut self, account: AccountId, user: UserId) -> Result<Option<Member>, StorageError> {
        self.find(
            "SELECT m.user_id, m.role, m.created_at, u.username FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = $1 AND m.user_id = $2",
            &[&account.uuid(), &user.uuid()],
            |found| member(account, found),
        )
    }

    fn list_members(
        &mut self,
        account: AccountId,
        after: Option<UserId>,
        max: usize,
    ) -> Result<Vec<Member>, StorageError> {
        self.list(
            "SELECT m.user_id, m.role, m.created_at, u.username FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = $1 AND m.user_id < $2 ORDER BY m.user_id DESC LIMIT $3",
            &[&account.uuid(), &after.map_or(Uuid::max(), UserId::uuid), &row::limit(max)],
            |found| member(account, found),
        )
    }

    fn count_owners(&mut self, account: AccountId) -> Result<u32, StorageError> {
        let sql = "SELECT count(*) FROM members WHERE account_id = $1 AND role = 'owner'";
        Ok(self.find(sql, &[&account.uuid()], |found| row::count(found, 0))?.unwrap_or(0))
    }

    fn list_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> Result<Vec<Account>, StorageError> {
        let (after, max) = (after.map_or(Uuid::max(), AccountId::uuid), row::limit(max));
        let found = match user {
            Some(user) => self.list(
                concat!(
                    "SELECT ",
                    account_columns!(),
                    " FROM members m JOIN accounts a ON a.id = m.account_id
                     WHERE m.user_id = $1 AND m.account_id < $2 AND ($4 OR a.deleted_at IS NULL)
                     ORDER BY m.account_id DESC LIMIT $3"
                ),
                &[&user.uuid(), &after, &max, &include_deleted],
                account,
            ),
            None if include_deleted => self.list(
                concat!("SELECT ", account_columns!(), " FROM accounts a WHERE a.id < $1 ORDER BY a.id DESC LIMIT $2"),
                &[&after, &max],
                account,
            ),
            None => self.list(
                concat!(
                    "SELECT ",
                    account_columns!(),
                    " FROM accounts a WHERE a.id < $1 AND a.deleted_at IS NULL ORDER BY a.id DESC LIMIT $2"
                ),
                &[&after, &max],
                account,
            ),
        };
        found?.into_iter().map(|account| self.complete(account)).collect()
    }
}

impl Members for PgTx<'_> {
    fn put_member(&mut self, account: AccountId, user: UserId, role: Role, now: Timestamp) -> Result<(), StorageError> {
        self.change(
            "member",
            "INSERT INTO members (account_id, user_id, role, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id, user_id) DO UPDATE SET role = excluded.role",
            &[&account.uuid(), &user.uuid(), &role.as_str(), &Instant(now)],
        )
    }

    fn delete_member(&mut self, account: AccountId, user: UserId) -> Result<(), StorageError> {
        self.execute("DELETE FROM members WHERE account_id = $1 AND user_id = $2", &[&account.uuid(), &user.uuid()])
            .map(drop)
    }
}
