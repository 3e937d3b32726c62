//! The pool of read-only connections.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use domain::error::StorageError;
use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use rusqlite::{Connection, ffi};

use super::connection::{BUSY_TIMEOUT, configure_reader, reader_flags};
use crate::OpenError;
use crate::readers::{ReadConnections, Readers, Work};

/// Opens `count` connections to the database at `path`, and starts as many readers.
pub(super) fn open(path: &Path, count: u32, queue_max: usize) -> Result<Readers<Connection>, OpenError> {
    let manager = SqliteConnectionManager::file(path).with_flags(reader_flags()).with_init(|connection| {
        configure_reader(connection).map_err(|error| {
            let code = ffi::Error::new(ffi::SQLITE_ERROR);
            rusqlite::Error::SqliteFailure(code, Some(error.to_string()))
        })?;
        // The first read opens the write-ahead log. Later the process may have no descriptor left.
        connection.pragma_query_value(None, "schema_version", |_| Ok(()))
    });
    let pool =
        Pool::builder().max_size(count).test_on_check_out(false).connection_timeout(BUSY_TIMEOUT).build(manager)?;
    Readers::start(&Arc::new(pool), count, queue_max)
}

impl ReadConnections for Pool<SqliteConnectionManager> {
    type Connection = Connection;

    fn with_connection(&self, _: Instant, work: Work<Connection>) {
        match self.get() {
            Ok(mut connection) => work(Ok(&mut connection)),
            Err(error) => work(Err(StorageError::Unavailable(error.to_string()))),
        }
    }
}
