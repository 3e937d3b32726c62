//! The audit: for each account a chain of entries, from the newest back.

use domain::error::StorageError;
use domain::ports::{Audit, ReadAudit};
use domain::{AccountId, ApiKeyId, AuditEntry, AuditEntryId, Origin, UserId, Uuid};
use rusqlite::{Row, params};

use super::SqliteTx;
use crate::sqlite::row;

/// An entry, and the one before it.
type Link = (AuditEntry, Option<Uuid>);

fn link(found: &Row<'_>) -> Result<Link, StorageError> {
    let entry = AuditEntry {
        id: AuditEntryId::from_uuid(row::uuid(found, 0)?),
        account_id: row::optional_uuid(found, 1)?.map(AccountId::from_uuid),
        user_id: UserId::from_uuid(row::uuid(found, 3)?),
        api_key: row::optional_uuid(found, 4)?.map(ApiKeyId::from_uuid),
        action: row::parsed(found, 5, str::parse)?,
        resource: row::column::<String>(found, 6)?.into(),
        origin: Origin {
            address: row::optional(found, 7, str::parse)?,
            request_id: row::column::<String>(found, 8)?.into(),
        },
        created_at: row::instant(found, 9)?,
    };
    Ok((entry, row::optional_uuid(found, 2)?))
}

impl SqliteTx<'_> {
    fn audit_link(&self, id: Uuid) -> Result<Option<Link>, StorageError> {
        self.find(
            "SELECT id, account_id, previous, user_id, api_key, action, resource, address, request_id, created_at
             FROM audit_entries WHERE id = ?1",
            [row::id(id)],
            link,
        )
    }
}

impl ReadAudit for SqliteTx<'_> {
    fn list_audit(
        &mut self,
        account: AccountId,
        after: Option<AuditEntryId>,
        max: usize,
    ) -> Result<Vec<AuditEntry>, StorageError> {
        let mut next = match after {
            None => self.know(account)?.and_then(|known| known.state.audit_head),
            Some(after) => match self.audit_link(after.uuid())? {
                Some((entry, previous)) if entry.account_id == Some(account) => previous,
                _ => None,
            },
        };
        let mut entries = Vec::new();
        while let Some(id) = next.filter(|_| entries.len() < max) {
            let broken = || StorageError::Corrupt(format!("the audit of {account} has no entry {id}"));
            // Whatever happened to the chain, nobody sees what others did to another account.
            let link = self.audit_link(id)?.filter(|(entry, _)| entry.account_id == Some(account));
            let (entry, previous) = link.ok_or_else(broken)?;
            entries.push(entry);
            next = previous;
        }
        Ok(entries)
    }
}

impl Audit for SqliteTx<'_> {
    fn append_audit(&mut self, entry: &AuditEntry) -> Result<(), StorageError> {
        let id = row::id(entry.id.uuid());
        let previous = match entry.account_id {
            // Before anything is written: a unit may go on after the refusal.
            Some(account) => self.change_state(account)?.audit_head,
            None => None,
        };
        self.execute(
            "INSERT INTO audit_entries
                 (id, account_id, previous, user_id, api_key, action, resource, address, request_id, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                id,
                entry.account_id.map(|id| row::id(id.uuid())),
                previous.map(row::id),
                row::id(entry.user_id.uuid()),
                entry.api_key.map(|id| row::id(id.uuid())),
                entry.action.as_str(),
                &*entry.resource,
                entry.origin.address.map(|address| address.to_string()),
                &*entry.origin.request_id,
                entry.created_at.as_microsecond()
            ],
        )?;
        if let Some(account) = entry.account_id {
            self.change_state(account)?.audit_head = Some(entry.id.uuid());
        }
        Ok(())
    }
}
