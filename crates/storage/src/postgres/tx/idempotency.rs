//! The answers to requests that are to be done once.

use domain::error::StorageError;
use domain::ports::{Idempotency, ReadIdempotency};
use domain::{Fingerprint, IdempotencyKey, IdempotencyRecord, Timestamp};

use super::PgTx;
use crate::postgres::row::{self, Instant};

/// What is locked for a key. Of two keys that share it, one waits for the other for nothing.
fn lock_of(key: &IdempotencyKey) -> i64 {
    key.0.iter().take(8).fold(0, |lock, byte| (lock << 8) | i64::from(*byte))
}

impl ReadIdempotency for PgTx<'_> {
    fn find_idempotency_record(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError> {
        let sql = "SELECT fingerprint, answer, created_at FROM idempotency_records WHERE key = $1";
        self.find(sql, &[&key.0.as_slice()], |found| {
            let answer = row::column::<&[u8]>(found, 1)?.into();
            let (fingerprint, created_at) = (Fingerprint(row::hash(found, 0)?), row::instant(found, 2)?);
            Ok(IdempotencyRecord { key: *key, fingerprint, answer, created_at })
        })
    }
}

impl Idempotency for PgTx<'_> {
    /// There may be no row yet that could be held.
    fn lock_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError> {
        self.execute("SELECT pg_advisory_xact_lock($1)", &[&lock_of(key)])?;
        // A statement of its own: the one that waited sees what there was before it waited.
        self.find_idempotency_record(key)
    }

    fn put_idempotency_record(&mut self, record: &IdempotencyRecord) -> Result<(), StorageError> {
        self.execute(
            "INSERT INTO idempotency_records (key, fingerprint, answer, created_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (key) DO UPDATE SET fingerprint = excluded.fingerprint, answer = excluded.answer,
                 created_at = excluded.created_at",
            &[
                &record.key.0.as_slice(),
                &record.fingerprint.0.as_slice(),
                &&*record.answer,
                &Instant(record.created_at),
            ],
        )
        .map(drop)
    }

    fn delete_idempotency_records(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        // What another process is clearing up is left to it. As an array, so that they are looked for once.
        let deleted = self.execute(
            "DELETE FROM idempotency_records WHERE key = ANY (ARRAY(
                 SELECT key FROM idempotency_records WHERE created_at <= $1 ORDER BY created_at LIMIT $2
                 FOR UPDATE SKIP LOCKED))",
            &[&Instant(until), &row::limit(max)],
        )?;
        Ok(usize::try_from(deleted).unwrap_or(usize::MAX))
    }
}
