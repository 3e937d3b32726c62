//! The responses to idempotent requests.

use std::sync::LazyLock;

use domain::error::StorageError;
use domain::ports::{Idempotency, ReadIdempotency};
use domain::{IdempotencyKey, IdempotencyRecord, Timestamp};

use super::{Dialect, SqlTx};
use crate::tables::{self, IDEMPOTENCY_RECORDS, Sql, sql};

impl ReadIdempotency for SqlTx<'_> {
    fn find_idempotency_record(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError> {
        self.find(
            sql!("SELECT {} FROM idempotency_records WHERE key = $1", IDEMPOTENCY_RECORDS.column_list()),
            &[key.0.as_slice().into()],
            tables::idempotency_record,
        )
    }
}

/// The advisory lock of a key. Two keys that share a lock wait for each other, which is harmless.
fn advisory_lock(key: &IdempotencyKey) -> i64 {
    key.0.iter().take(8).fold(0, |lock, byte| (lock << 8) | i64::from(*byte))
}

impl Idempotency for SqlTx<'_> {
    /// In SQLite `BEGIN IMMEDIATE` has locked the database. In PostgreSQL there may be no row to
    /// lock yet, so an advisory lock of the key is taken.
    fn lock_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError> {
        if self.connection.dialect() == Dialect::Postgres {
            self.execute(sql!("SELECT pg_advisory_xact_lock($1)"), &[advisory_lock(key).into()])?;
        }
        // A separate statement: the one that waits for the lock reads rows as they were before it
        // waited.
        self.find_idempotency_record(key)
    }

    fn put_idempotency_record(&mut self, record: &IdempotencyRecord) -> Result<(), StorageError> {
        self.upsert(&IDEMPOTENCY_RECORDS, &tables::idempotency_record_values(record))
    }

    fn delete_idempotency_records(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        static EXPIRED: LazyLock<Sql> = LazyLock::new(|| IDEMPOTENCY_RECORDS.delete_until("created_at"));
        self.delete(&EXPIRED, until, max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_advisory_lock_is_the_first_eight_bytes_of_its_key() {
        let mut key = [0xff; 32];
        for (first_bytes, lock) in [([1, 2, 3, 4, 5, 6, 7, 8], 0x0102_0304_0506_0708), ([0xff; 8], -1)] {
            key[..8].copy_from_slice(&first_bytes);
            assert_eq!(advisory_lock(&IdempotencyKey(key)), lock);
        }
    }
}
