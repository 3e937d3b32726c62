//! The row that is written to check that writes succeed.

use domain::Timestamp;
use domain::error::StorageError;
use domain::ports::WriteProbe;

use super::SqlTx;
use crate::tables::{Value, WRITE_PROBE};

impl WriteProbe for SqlTx<'_> {
    fn put_write_probe(&mut self, at: Timestamp) -> Result<(), StorageError> {
        self.upsert(&WRITE_PROBE, &[Value::Integer(1), at.into()])
    }
}
