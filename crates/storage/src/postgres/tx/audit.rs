//! The audit: for each account a chain of entries, from the newest back.

use domain::error::StorageError;
use domain::ports::{Audit, ReadAudit};
use domain::{AccountId, ApiKeyId, AuditEntry, AuditEntryId, Origin, UserId, Uuid};
use postgres::Row;

use super::PgTx;
use crate::postgres::row;

fn entry(found: &Row) -> Result<AuditEntry, StorageError> {
    Ok(AuditEntry {
        id: AuditEntryId::from_uuid(row::uuid(found, 0)?),
        account_id: row::optional_uuid(found, 1)?.map(AccountId::from_uuid),
        user_id: UserId::from_uuid(row::uuid(found, 2)?),
        api_key: row::optional_uuid(found, 3)?.map(ApiKeyId::from_uuid),
        action: row::parsed(found, 4, str::parse)?,
        resource: row::column::<&str>(found, 5)?.into(),
        origin: Origin {
            address: row::optional(found, 6, str::parse)?,
            request_id: row::column::<&str>(found, 7)?.into(),
        },
        created_at: row::instant(found, 8)?,
    })
}

impl PgTx<'_> {
    /// The entry before the one `after`, if that is the account's and has one.
    fn before(&mut self, account: AccountId, after: AuditEntryId) -> Result<Option<Uuid>, StorageError> {
        let sql = "SELECT previous FROM audit_entries WHERE id = $1 AND account_id = $2";
        let previous = self.find(sql, &[&after.uuid(), &account.uuid()], |found| row::optional_uuid(found, 0))?;
        Ok(previous.flatten())
    }
}

impl ReadAudit for PgTx<'_> {
    fn list_audit(
        &mut self,
        account: AccountId,
        after: Option<AuditEntryId>,
        max: usize,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let first = match after {
            None => self.know(account)?.and_then(|known| known.audit_head),
            Some(after) => self.before(account, after)?,
        };
        let Some(first) = first else { return Ok(Vec::new()) };
        // Whatever happened to the chain, nobody sees what others did to another account.
        let (entries, next) = {
            let rows = self.query(
                "WITH RECURSIVE chain AS (
                     SELECT e.*, 1::bigint AS number FROM audit_entries e WHERE e.id = $1 AND e.account_id = $2
                     UNION ALL
                     SELECT e.*, chain.number + 1 FROM chain JOIN audit_entries e ON e.id = chain.previous
                     WHERE e.account_id = $2 AND chain.number < $3
                 )
                 SELECT id, account_id, user_id, api_key, action, resource, address, request_id, created_at, previous
                 FROM chain ORDER BY number LIMIT $3",
                &[&first, &account.uuid(), &row::limit(max)],
            )?;
            let next = rows.last().map_or(Ok(Some(first)), |last| row::optional_uuid(last, 9))?;
            (rows.iter().map(entry).collect::<Result<Vec<_>, _>>()?, next)
        };
        match next {
            Some(missing) if entries.len() < max => {
                Err(StorageError::Corrupt(format!("the audit of {account} has no entry {missing}")))
            }
            _ => Ok(entries),
        }
    }
}

impl Audit for PgTx<'_> {
    fn append_audit(&mut self, entry: &AuditEntry) -> Result<(), StorageError> {
        let previous = match entry.account_id {
            // Before anything is written: a unit may go on after the refusal.
            Some(account) => self.change_known(account)?.audit_head.replace(entry.id.uuid()),
            None => None,
        };
        self.write_with_next(entry, previous)
    }
}
