//! Staff members, and the number of active ones.

use domain::error::StorageError;
use domain::ports::{ReadStaff, Staff};
use domain::{AccountId, StaffId, StaffMember, UNBOUNDED};

use super::{END, STAFF, SqlTx, limit};
use crate::tables::{self, STAFF_MEMBERS, sql};

impl ReadStaff for SqlTx<'_> {
    fn find_staff_member(&mut self, account: AccountId, id: StaffId) -> Result<Option<StaffMember>, StorageError> {
        self.find(
            sql!("SELECT {} FROM staff_members WHERE account_id = $1 AND id = $2", STAFF_MEMBERS.column_list()),
            &[account.uuid().into(), id.uuid().into()],
            tables::staff_member,
        )
    }

    fn list_staff(
        &mut self,
        account: AccountId,
        include_deleted: bool,
        after: Option<StaffId>,
        max: usize,
    ) -> Result<Vec<StaffMember>, StorageError> {
        let sql = if include_deleted {
            sql!(
                "SELECT {} FROM staff_members WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
                STAFF_MEMBERS.column_list()
            )
        } else {
            sql!(
                "SELECT {} FROM staff_members [INDEXED BY staff_members_not_deleted]
                 WHERE account_id = $1 AND id < $2 AND deleted_at IS NULL ORDER BY id DESC LIMIT $3",
                STAFF_MEMBERS.column_list()
            )
        };
        let params = [account.uuid().into(), after.map_or(END, StaffId::uuid).into(), limit(max)];
        self.list(sql, &params, tables::staff_member)
    }
}

impl Staff for SqlTx<'_> {
    fn insert_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        self.insert(&STAFF_MEMBERS, &tables::staff_member_values(member))?;
        if member.deleted_at.is_some() {
            return Ok(());
        }
        self.add_usage(member.account_id, STAFF, UNBOUNDED, 1)
    }

    fn update_staff_member(&mut self, member: &StaffMember) -> Result<(), StorageError> {
        let missing = || StorageError::Backend(format!("staff member {} does not exist", member.id));
        let previous = self.find_staff_member(member.account_id, member.id)?.ok_or_else(missing)?;
        let values = STAFF_MEMBERS.changing(tables::staff_member_values(member));
        self.change("staff member", STAFF_MEMBERS.update(), &values)?;
        match (previous.deleted_at.is_none(), member.deleted_at.is_none()) {
            (true, false) => self.remove_usage(member.account_id, STAFF, UNBOUNDED, 1),
            (false, true) => self.add_usage(member.account_id, STAFF, UNBOUNDED, 1),
            _ => Ok(()),
        }
    }
}
