//! Idempotency records, in memory.

use domain::error::StorageError;
use domain::ports::{Idempotency, ReadIdempotency, WriteProbe};
use domain::{IdempotencyKey, IdempotencyRecord, Timestamp};

use super::Draft;

impl ReadIdempotency for Draft {
    fn find_idempotency_record(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError> {
        Ok(self.0.idempotency.get(key).cloned())
    }
}

impl Idempotency for Draft {
    fn lock_idempotency_key(&mut self, key: &IdempotencyKey) -> Result<Option<IdempotencyRecord>, StorageError> {
        // Units run one after the other, so every key is locked already.
        self.find_idempotency_record(key)
    }

    fn put_idempotency_record(&mut self, record: &IdempotencyRecord) -> Result<(), StorageError> {
        self.change().idempotency.insert(record.key, record.clone());
        Ok(())
    }

    fn delete_idempotency_records(&mut self, until: Timestamp, max: usize) -> Result<usize, StorageError> {
        let mut old: Vec<_> = self.0.idempotency.values().filter(|record| record.created_at <= until).collect();
        old.sort_by_key(|record| record.created_at);
        let keys: Vec<IdempotencyKey> = old.into_iter().take(max).map(|record| record.key).collect();
        let state = self.change();
        for key in &keys {
            state.idempotency.remove(key);
        }
        Ok(keys.len())
    }
}

impl WriteProbe for Draft {
    /// Memory accepts every write.
    fn put_write_probe(&mut self, _: Timestamp) -> Result<(), StorageError> {
        Ok(())
    }
}
