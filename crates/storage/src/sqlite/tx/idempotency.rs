//! The answers to requests that are to be done once.

use domain::error::StorageError;
use domain::ports::{Idempotency, ReadIdempotency};
use domain::{Fingerprint, IdempotencyKey, IdempotencyRecord, Timestamp};
use rusqlite::params;

use super::SqliteTx;
use crate::sqlite::row;

impl ReadIdempotency for SqliteTx<'_> {
    fn find_idempotency_record(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError> {
        self.find("SELECT fingerprint, answer, created_at FROM idempotency_records WHERE key = ?1", [key.0], |found| {
            let answer = row::column::<Vec<u8>>(found, 1)?.into();
            let (fingerprint, created_at) = (Fingerprint(row::column(found, 0)?), row::instant(found, 2)?);
            Ok(IdempotencyRecord { key: *key, fingerprint, answer, created_at })
        })
    }
}

impl Idempotency for SqliteTx<'_> {
    /// The whole database is locked already: the transaction began with `BEGIN IMMEDIATE`.
    fn lock_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError> {
        self.find_idempotency_record(key)
    }

    fn put_idempotency_record(&mut self, record: &IdempotencyRecord) -> Result<(), StorageError> {
        // Replaced whole, not updated: the new answer stands where its time has it.
        self.execute(
            "INSERT OR REPLACE INTO idempotency_records (key, fingerprint, answer, created_at) VALUES (?1, ?2, ?3, ?4)",
            params![record.key.0, record.fingerprint.0, record.answer, record.created_at.as_microsecond()],
        )
        .map(drop)
    }

    fn delete_idempotency_records(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        self.execute(
            "DELETE FROM idempotency_records WHERE rowid IN (
                 SELECT rowid FROM idempotency_records WHERE created_at <= ?1 ORDER BY created_at LIMIT ?2)",
            params![until.as_microsecond(), row::limit(max)],
        )
    }
}
