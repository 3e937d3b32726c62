//! Snapshots of a database, and the rows of queries on them.

use std::ops::ControlFlow;

use domain::error::StorageError;

use crate::tables::{Sql, SqlRow, Value};
use crate::tx::SqlConnection;

/// A function that reads from a snapshot.
pub(crate) type ReadSnapshot<'a> = dyn FnMut(&mut dyn SqlConnection) -> Result<(), StorageError> + 'a;

/// A source of snapshots.
pub(crate) trait Snapshots {
    /// Calls `read` with a connection on a snapshot.
    fn with_snapshot(&mut self, read: &mut ReadSnapshot<'_>) -> Result<(), StorageError>;
}

/// The snapshot of a connection that is already in a transaction.
pub(crate) struct OneSnapshot<C>(pub(crate) C);

impl<C: SqlConnection> Snapshots for OneSnapshot<C> {
    fn with_snapshot(&mut self, read: &mut ReadSnapshot<'_>) -> Result<(), StorageError> {
        read(&mut self.0)
    }
}

/// Calls `read` with each row of a query.
pub(super) fn visit(
    connection: &mut dyn SqlConnection,
    sql: &'static Sql,
    params: &[Value<'_>],
    mut read: impl FnMut(&dyn SqlRow) -> Result<(), StorageError>,
) -> Result<(), StorageError> {
    connection.query(sql, params, &mut |row| read(row).map(ControlFlow::Continue))
}
