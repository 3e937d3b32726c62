//! Verifies a PostgreSQL database. PostgreSQL itself guarantees references and uniqueness.

use domain::error::StorageError;

use super::connections::SNAPSHOT;
use super::error::StatementFailure;
use super::session::PgSession;
use super::transaction::Transaction;
use crate::verify::{OneSnapshot, ReadSnapshot, Snapshots, Verification, compare};

/// Takes each snapshot in a new transaction: a long transaction keeps dead rows from being
/// vacuumed.
struct NewSnapshots<'a>(&'a mut PgSession);

impl Snapshots for NewSnapshots<'_> {
    fn with_snapshot(&mut self, read: &mut ReadSnapshot<'_>) -> Result<(), StorageError> {
        self.0.end_reading();
        self.0.begin(SNAPSHOT, None);
        disable_timeouts(self.0)?;
        read(&mut Transaction::reading(self.0))
    }
}

/// Compares usage counters with the rows that they count, in chunks, each on a snapshot of its own.
pub(crate) fn verify_in_chunks(session: &mut PgSession) -> Result<Verification, StorageError> {
    compare(&mut NewSnapshots(session))
}

/// Compares usage counters with the rows that they count, inside the session's transaction.
pub(crate) fn verify(session: &mut PgSession) -> Result<Verification, StorageError> {
    disable_timeouts(session)?;
    compare(&mut OneSnapshot(Transaction::reading(session)))
}

/// Lets statements take as long as they need, until the transaction ends.
fn disable_timeouts(session: &mut PgSession) -> Result<(), StorageError> {
    session.remove_deadline();
    session.batch("SET LOCAL statement_timeout = 0").map_err(|error| StatementFailure::of(&error).error)
}
