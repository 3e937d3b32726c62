//! Who belongs to which account.

use domain::error::StorageError;
use domain::ports::{Members, ReadMembers};
use domain::{Account, AccountId, Member, Role, Timestamp, UserId, Username};
use rusqlite::{Row, params};

use super::accounts::account_columns;
use super::{END, SqliteTx};
use crate::sqlite::row;

fn member(account_id: AccountId, found: &Row<'_>) -> Result<Member, StorageError> {
    Ok(Member {
        account_id,
        user_id: UserId::from_uuid(row::uuid(found, 0)?),
        role: row::parsed(found, 1, str::parse)?,
        created_at: row::instant(found, 2)?,
        username: row::parsed(found, 3, Username::parse)?,
    })
}

impl ReadMembers for SqliteTx<'_> {
    fn find_role(&mut self, account: AccountId, user: UserId) -> Result<Option<Role>, StorageError> {
        let Some(known) = self.know(account)? else { return Ok(None) };
        if let Some(roles) = &known.row.roles {
            return Ok(roles.of(user));
        }
        self.find(
            "SELECT role FROM members WHERE account_id = ?1 AND user_id = ?2",
            [row::id(account.uuid()), row::id(user.uuid())],
            |found| row::parsed(found, 0, str::parse),
        )
    }

    fn find_member(&mut self, account: AccountId, user: UserId) -> Result<Option<Member>, StorageError> {
        self.find(
            "SELECT m.user_id, m.role, m.created_at, u.username FROM members m JOIN users u ON u.id = m.user_id
             WHERE m.account_id = ?1 AND m.user_id = ?2",
            [row::id(account.uuid()), row::id(user.uuid())],
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
             WHERE m.account_id = ?1 AND m.user_id < ?2 ORDER BY m.user_id DESC LIMIT ?3",
            params![row::id(account.uuid()), after.map_or(END, |id| row::id(id.uuid())), row::limit(max)],
            |found| member(account, found),
        )
    }

    fn count_owners(&mut self, account: AccountId) -> Result<u32, StorageError> {
        self.count("SELECT count(*) FROM members WHERE account_id = ?1 AND role = 'owner'", [row::id(account.uuid())])
    }

    fn list_accounts(
        &mut self,
        user: Option<UserId>,
        include_deleted: bool,
        after: Option<AccountId>,
        max: usize,
    ) -> Result<Vec<Account>, StorageError> {
        let (after, max) = (after.map_or(END, |id| row::id(id.uuid())), row::limit(max));
        let found = match user {
            Some(user) => self.list(
                concat!(
                    "SELECT ",
                    account_columns!(),
                    " FROM members m JOIN accounts a ON a.id = m.account_id
                     WHERE m.user_id = ?1 AND m.account_id < ?2 AND (?4 OR a.deleted_at IS NULL)
                     ORDER BY m.account_id DESC LIMIT ?3"
                ),
                params![row::id(user.uuid()), after, max, include_deleted],
                row::account,
            ),
            None if include_deleted => self.list(
                concat!("SELECT ", account_columns!(), " FROM accounts a WHERE a.id < ?1 ORDER BY a.id DESC LIMIT ?2"),
                params![after, max],
                row::account,
            ),
            None => self.list(
                concat!(
                    "SELECT ",
                    account_columns!(),
                    " FROM accounts a INDEXED BY accounts_that_exist
                     WHERE a.id < ?1 AND a.deleted_at IS NULL ORDER BY a.id DESC LIMIT ?2"
                ),
                params![after, max],
                row::account,
            ),
        };
        found?.into_iter().map(|account| self.complete(account)).collect()
    }
}

impl Members for SqliteTx<'_> {
    fn put_member(&mut self, account: AccountId, user: UserId, role: Role, now: Timestamp) -> Result<(), StorageError> {
        self.forget_known(Some(account))?;
        self.change(
            "member",
            "INSERT INTO members (account_id, user_id, role, created_at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (account_id, user_id) DO UPDATE SET role = excluded.role",
            params![row::id(account.uuid()), row::id(user.uuid()), role.as_str(), now.as_microsecond()],
        )
    }

    fn delete_member(&mut self, account: AccountId, user: UserId) -> Result<(), StorageError> {
        self.forget_known(Some(account))?;
        self.execute(
            "DELETE FROM members WHERE account_id = ?1 AND user_id = ?2",
            [row::id(account.uuid()), row::id(user.uuid())],
        )
        .map(drop)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use domain::ports::{Accounts, Members, ReadMembers, Users};
    use domain::{Role, UserId};
    use rusqlite::Connection;
    use testkit::fixtures::{CountingIds, NOW, account, user};

    use super::SqliteTx;
    use crate::sqlite::{schema, verify::verify};

    #[test]
    fn a_role_is_the_same_whether_the_row_has_all_of_them_or_there_are_too_many() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "foreign_keys", "ON").unwrap();
        schema::migrate(&mut connection, Path::new("test.db")).unwrap();
        let ids = CountingIds::default();
        let (id, users) = (ids.account(), [(); 10].map(|()| ids.user()));
        let mut tx = SqliteTx::new(&connection);
        tx.insert_account(&account(id)).unwrap();
        let role = |number: usize| [Role::Viewer, Role::Manager, Role::Owner][number % 3];
        let check = |tx: &mut SqliteTx<'_>, there: &[UserId], what: &str| {
            for (number, user) in users.iter().enumerate() {
                let expected = there.contains(user).then(|| role(number));
                assert_eq!(tx.find_role(id, *user), Ok(expected), "{what}: {number} of {}", there.len());
            }
        };
        for (number, known) in users.iter().enumerate() {
            tx.insert_user(&user(*known, &format!("user{number}"))).unwrap();
            tx.put_member(id, *known, Role::Viewer, NOW).unwrap();
            tx.put_member(id, *known, role(number), NOW).unwrap();
            check(&mut tx, &users[..=number], "come");
        }
        for (number, known) in users.iter().enumerate() {
            if number % 2 == 0 { tx.delete_member(id, *known) } else { tx.delete_user(*known) }.unwrap();
            check(&mut tx, &users[number + 1..], "gone");
        }
        drop(tx);
        assert_eq!(verify(&mut connection), Ok(Vec::new()));
    }
}
