//! The audit log.

use domain::error::StorageError;
use domain::ports::{Audit, ReadAudit};
use domain::{AccountId, AuditEntry, AuditEntryId};

use super::{END, SqlTx, limit};
use crate::tables::{self, AUDIT_ENTRIES, sql};

impl ReadAudit for SqlTx<'_> {
    fn list_audit(
        &mut self,
        account: AccountId,
        after: Option<AuditEntryId>,
        max: usize,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let sql = sql!(
            "SELECT {} FROM audit_entries WHERE account_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            AUDIT_ENTRIES.column_list()
        );
        let after = after.map_or(END, AuditEntryId::uuid);
        self.list(sql, &[account.uuid().into(), after.into(), limit(max)], tables::audit_entry)
    }
}

impl Audit for SqlTx<'_> {
    /// Entries outlive their accounts, so no foreign key checks that the account exists.
    fn append_audit(&mut self, entry: &AuditEntry) -> Result<(), StorageError> {
        if let Some(account) = entry.account_id
            && self.load_account(account)?.is_none()
        {
            return Err(StorageError::Backend(format!("account {account} does not exist")));
        }
        self.insert(&AUDIT_ENTRIES, &tables::audit_entry_values(entry))
    }
}
