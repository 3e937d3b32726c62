//! The row that shows that writes succeed.

use domain::Timestamp;
use domain::error::StorageError;
use domain::ports::WriteProbe;

use super::SqlTx;
use crate::tables::{Value, WRITE_PROBE, sql};

impl WriteProbe for SqlTx<'_> {
    fn put_write_probe(&mut self, at: Timestamp) -> Result<(), StorageError> {
        let sql = sql!("{} ON CONFLICT (id) DO UPDATE SET written_at = excluded.written_at", WRITE_PROBE.insert_text());
        self.execute(sql, &[Value::Integer(1), at.into()]).map(drop)
    }
}
