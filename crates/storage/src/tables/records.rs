//! Audit entries, idempotency records, remembered erasures and the write probe.

use domain::error::StorageError;
use domain::{
    AccountId, ApiKeyId, AuditEntry, AuditEntryId, Erasure, ErasureSubject, Fingerprint, IdempotencyKey,
    IdempotencyRecord, Origin, UserId, Uuid,
};

use super::{Fields, SqlRow, Table, Value, bytes, corrupt, instant, integer, text, uuid};

/// The `account_id` of an audit entry about no account. The column is part of the key and cannot be
/// null.
const NO_ACCOUNT: Uuid = Uuid::nil();
/// The kinds of erasures.
const ACCOUNT: &str = "account";
const USER: &str = "user";

/// The audit log. It omits the creation of rows that carry their own origin.
pub(crate) static AUDIT_ENTRIES: Table = Table::new(
    "audit_entries",
    &["account_id", "id"],
    &[
        uuid("account_id"),
        uuid("id"),
        uuid("user_id"),
        uuid("api_key").nullable(),
        text("action"),
        text("resource"),
        text("address").nullable(),
        text("request_id"),
        instant("created_at"),
    ],
);

pub(crate) fn audit_entry(row: &dyn SqlRow) -> Result<AuditEntry, StorageError> {
    let mut fields = Fields::new(row, &AUDIT_ENTRIES);
    let account_id = Some(fields.uuid("account_id")?).filter(|id| *id != NO_ACCOUNT).map(AccountId::from_uuid);
    let id = AuditEntryId::from_uuid(fields.uuid("id")?);
    let user_id = UserId::from_uuid(fields.uuid("user_id")?);
    let api_key = fields.optional_uuid("api_key")?.map(ApiKeyId::from_uuid);
    let (action, resource) = (fields.parsed("action", str::parse)?, fields.text("resource")?.into());
    let address = fields.optional("address", str::parse)?;
    let origin = Origin { address, request_id: fields.text("request_id")?.into() };
    let created_at = fields.instant("created_at")?;
    Ok(AuditEntry { id, account_id, user_id, api_key, action, resource, origin, created_at })
}

pub(crate) fn audit_entry_values(entry: &AuditEntry) -> [Value<'_>; 9] {
    [
        entry.account_id.map_or(NO_ACCOUNT, AccountId::uuid).into(),
        entry.id.uuid().into(),
        entry.user_id.uuid().into(),
        entry.api_key.map(ApiKeyId::uuid).into(),
        entry.action.as_str().into(),
        (&*entry.resource).into(),
        entry.origin.address.map(|address| address.to_string()).into(),
        (&*entry.origin.request_id).into(),
        entry.created_at.into(),
    ]
}

/// The responses to idempotent requests.
pub(crate) static IDEMPOTENCY_RECORDS: Table = Table::new(
    "idempotency_records",
    &["key"],
    &[bytes("key"), bytes("fingerprint"), bytes("answer"), instant("created_at")],
);

pub(crate) fn idempotency_record(row: &dyn SqlRow) -> Result<IdempotencyRecord, StorageError> {
    let mut fields = Fields::new(row, &IDEMPOTENCY_RECORDS);
    Ok(IdempotencyRecord {
        key: IdempotencyKey(fields.hash("key")?),
        fingerprint: Fingerprint(fields.hash("fingerprint")?),
        answer: fields.bytes("answer")?.into(),
        created_at: fields.instant("created_at")?,
    })
}

pub(crate) fn idempotency_record_values(record: &IdempotencyRecord) -> [Value<'_>; 4] {
    [
        record.key.0.as_slice().into(),
        record.fingerprint.0.as_slice().into(),
        (&*record.answer).into(),
        record.created_at.into(),
    ]
}

/// The erasures that are not complete, and how far each is: the step, and the last row of it.
pub(crate) static ERASURES: Table = Table::new(
    "erasures",
    &["subject_id"],
    &[
        uuid("subject_id").fixed(),
        text("kind").fixed(),
        instant("requested_at").fixed(),
        integer("step"),
        uuid("after_account"),
        uuid("after_id"),
    ],
);

/// How far an erasure is: the step, and the account and id of the last row of it.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct ErasurePosition {
    pub(crate) step: u32,
    pub(crate) after_account: Uuid,
    pub(crate) after_id: Uuid,
}

pub(crate) fn erasure(row: &dyn SqlRow) -> Result<(Erasure, ErasurePosition), StorageError> {
    let mut fields = Fields::new(row, &ERASURES);
    let (id, kind) = (fields.uuid("subject_id")?, fields.text("kind")?);
    let subject = match kind {
        ACCOUNT => ErasureSubject::Account(AccountId::from_uuid(id)),
        USER => ErasureSubject::User(UserId::from_uuid(id)),
        other => return Err(corrupt("kind of an erasure", other)),
    };
    let erasure = Erasure { subject, requested_at: fields.instant("requested_at")? };
    let step = fields.integer("step")?;
    let (after_account, after_id) = (fields.uuid("after_account")?, fields.uuid("after_id")?);
    Ok((erasure, ErasurePosition { step, after_account, after_id }))
}

pub(crate) fn erasure_values(erasure: &Erasure, position: ErasurePosition) -> [Value<'static>; 6] {
    let (id, kind) = match erasure.subject {
        ErasureSubject::Account(id) => (id.uuid(), ACCOUNT),
        ErasureSubject::User(id) => (id.uuid(), USER),
    };
    let ErasurePosition { step, after_account, after_id } = position;
    [id.into(), kind.into(), erasure.requested_at.into(), step.into(), after_account.into(), after_id.into()]
}

/// One row, which is written to check that writes succeed.
pub(crate) static WRITE_PROBE: Table = Table::new("write_probe", &["id"], &[integer("id"), instant("written_at")]);
