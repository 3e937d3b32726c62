//! Staff members, and how many of an account's are active.

use domain::error::StorageError;
use domain::ports::{ReadStaff, Staff};
use domain::{AccountId, EmailAddress, StaffId, StaffMember, Timestamp};
use rusqlite::params;

use super::{END, SqliteTx};
use crate::sqlite::row;

impl SqliteTx<'_> {
    fn count_staff_member(&mut self, account: AccountId, difference: i32) -> Result<(), StorageError> {
        let params = params![row::id(account.uuid()), difference];
        let sql = "UPDATE staff_counters SET active = active + ?2 WHERE account_id = ?1";
        match self.execute(sql, params)? {
            0 => self.execute("INSERT INTO staff_counters (account_id, active) VALUES (?1, ?2)", params).map(drop),
            _ => Ok(()),
        }
    }
}

impl ReadStaff for SqliteTx<'_> {
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> Result<Option<StaffMember>, StorageError> {
        self.find(
            "SELECT id, name, email, created_at, deleted_at FROM staff_members WHERE account_id = ?1 AND id = ?2",
            [row::id(account.uuid()), row::id(id.uuid())],
            |found| row::staff_member(account, found),
        )
    }

    fn count_active_staff(&mut self, account: AccountId) -> Result<u32, StorageError> {
        self.count("SELECT active FROM staff_counters WHERE account_id = ?1", [row::id(account.uuid())])
    }

    fn list_staff(
        &mut self,
        account: AccountId,
        include_deleted: bool,
        after: Option<StaffId>,
        max: usize,
    ) -> Result<Vec<StaffMember>, StorageError> {
        let sql = if include_deleted {
            "SELECT id, name, email, created_at, deleted_at FROM staff_members
             WHERE account_id = ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
        } else {
            "SELECT id, name, email, created_at, deleted_at
             FROM staff_members INDEXED BY staff_members_that_are_active
             WHERE account_id = ?1 AND id < ?2 AND deleted_at IS NULL ORDER BY id DESC LIMIT ?3"
        };
        let params = params![row::id(account.uuid()), after.map_or(END, |id| row::id(id.uuid())), row::limit(max)];
        self.list(sql, params, |found| row::staff_member(account, found))
    }
}

impl Staff for SqliteTx<'_> {
    fn insert_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO staff_members (account_id, id, name, email, created_at, deleted_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            params![
                row::id(member.account_id.uuid()),
                row::id(member.id.uuid()),
                member.name.as_str(),
                member.email.as_ref().map(EmailAddress::as_str),
                member.created_at.as_microsecond(),
                member.deleted_at.map(Timestamp::as_microsecond)
            ],
        )?;
        self.count_staff_member(member.account_id, active(member))
    }

    fn update_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        let missing = || StorageError::Backend(format!("there is no staff member {}", member.id));
        let known = self.find_staff_member(member.account_id, member.id)?.ok_or_else(missing)?;
        self.change(
            "staff member",
            "UPDATE staff_members SET name = ?3, email = ?4, deleted_at = ?5 WHERE account_id = ?1 AND id = ?2",
            params![
                row::id(member.account_id.uuid()),
                row::id(member.id.uuid()),
                member.name.as_str(),
                member.email.as_ref().map(EmailAddress::as_str),
                member.deleted_at.map(Timestamp::as_microsecond)
            ],
        )?;
        match active(member) - active(&known) {
            0 => Ok(()),
            difference => self.count_staff_member(member.account_id, difference),
        }
    }
}

/// How much somebody counts.
fn active(member: &StaffMember) -> i32 {
    i32::from(member.deleted_at.is_none())
}
