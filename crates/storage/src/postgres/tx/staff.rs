//! Staff members, and how many of an account's are active.

use domain::error::StorageError;
use domain::ports::{ReadStaff, Staff};
use domain::{AccountId, EmailAddress, Name, StaffId, StaffMember, Uuid};
use postgres::Row;

use super::PgTx;
use crate::postgres::row::{self, Instant};

fn staff_member(account_id: AccountId, found: &Row) -> Result<StaffMember, StorageError> {
    Ok(StaffMember {
        id: StaffId::from_uuid(row::uuid(found, 0)?),
        account_id,
        name: row::parsed(found, 1, Name::parse)?,
        email: row::optional(found, 2, EmailAddress::parse)?,
        created_at: row::instant(found, 3)?,
        deleted_at: row::optional_instant(found, 4)?,
    })
}

impl ReadStaff for PgTx<'_> {
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> Result<Option<StaffMember>, StorageError> {
        self.find(
            "SELECT id, name, email, created_at, deleted_at FROM staff_members WHERE account_id = $1 AND id = $2",
            &[&account.uuid(), &id.uuid()],
            |found| staff_member(account, found),
        )
    }

    fn count_active_staff(&mut self, account: AccountId) -> Result<u32, StorageError> {
        let active = self.know(account)?.map_or(0, |known| known.active_staff);
        u32::try_from(active).map_err(|_| row::corrupt("number", active))
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
             WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3"
        } else {
            "SELECT id, name, email, created_at, deleted_at FROM staff_members
             WHERE account_id = $1 AND id < $2 AND deleted_at IS NULL ORDER BY id DESC LIMIT $3"
        };
        self.list(sql, &[&account.uuid(), &after.map_or(Uuid::max(), StaffId::uuid), &row::limit(max)], |found| {
            staff_member(account, found)
        })
    }
}

impl Staff for PgTx<'_> {
    fn insert_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO staff_members (account_id, id, name, email, created_at, deleted_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            &[
                &member.account_id.uuid(),
                &member.id.uuid(),
                &member.name.as_str(),
                &member.email.as_ref().map(EmailAddress::as_str),
                &Instant(member.created_at),
                &member.deleted_at.map(Instant),
            ],
        )?;
        self.change_known(member.account_id)?.active_staff += active(member);
        Ok(())
    }

    fn update_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        let missing = || StorageError::Backend(format!("there is no staff member {}", member.id));
        let known = self.find_staff_member(member.account_id, member.id)?.ok_or_else(missing)?;
        self.change(
            "staff member",
            "UPDATE staff_members SET name = $3, email = $4, deleted_at = $5 WHERE account_id = $1 AND id = $2",
            &[
                &member.account_id.uuid(),
                &member.id.uuid(),
                &member.name.as_str(),
                &member.email.as_ref().map(EmailAddress::as_str),
                &member.deleted_at.map(Instant),
            ],
        )?;
        let difference = active(member) - active(&known);
        if difference != 0 {
            self.change_known(member.account_id)?.active_staff += difference;
        }
        Ok(())
    }
}

/// How much somebody counts.
fn active(member: &StaffMember) -> i64 {
    i64::from(member.deleted_at.is_none())
}
