//! Grants on top of the limits of accounts.

use domain::error::StorageError;
use domain::{AccountId, Grant, GrantId, Notes, Reference, UserId};

use super::{Fields, SqlRow, Table, Value, instant, integer, text, uuid};

/// Grants on top of an account's limits.
pub(crate) static GRANTS: Table = Table::new(
    "grants",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        text("metric"),
        integer("quantity"),
        text("reason"),
        text("reference").nullable(),
        instant("expires_at").nullable(),
        uuid("created_by"),
        instant("created_at"),
    ],
);

pub(crate) fn grant(row: &dyn SqlRow) -> Result<Grant, StorageError> {
    let mut fields = Fields::new(row, &GRANTS);
    let _account_id = fields.uuid("account_id")?;
    Ok(Grant {
        id: GrantId::from_uuid(fields.uuid("id")?),
        metric: fields.parsed("metric", str::parse)?,
        quantity: fields.quantity("quantity")?,
        reason: fields.parsed("reason", Notes::parse)?,
        reference: fields.optional("reference", Reference::parse)?,
        expires_at: fields.optional_instant("expires_at")?,
        created_by: UserId::from_uuid(fields.uuid("created_by")?),
        created_at: fields.instant("created_at")?,
    })
}

pub(crate) fn grant_values(account: AccountId, grant: &Grant) -> [Value<'_>; 9] {
    [
        account.uuid().into(),
        grant.id.uuid().into(),
        grant.metric.as_str().into(),
        grant.quantity.into(),
        grant.reason.as_str().into(),
        grant.reference.as_ref().map(Reference::as_str).into(),
        grant.expires_at.into(),
        grant.created_by.uuid().into(),
        grant.created_at.into(),
    ]
}

/// The unique index of `accounts.external_id`.
pub(crate) static EXTERNAL_IDS: Table =
    Table::new("external_ids", &["external_id"], &[text("external_id"), uuid("account_id")]);
