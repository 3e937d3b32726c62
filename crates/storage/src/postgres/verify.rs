//! Verifies a PostgreSQL database. References and uniqueness are PostgreSQL's own to keep.

use domain::error::StorageError;

use super::connections::SNAPSHOT;
use super::error::Fault;
use super::session::Session;
use super::transaction::Transaction;
use crate::verify::{Look, OneSnapshot, Snapshots, Verification, compare};

/// A session whose transaction ends where a new snapshot is taken: one that is held for long keeps dead rows from being
/// vacuumed.
struct NewSnapshots<'a>(&'a mut Session);

impl Snapshots for NewSnapshots<'_> {
    fn show(&mut self, look: &mut Look<'_>) -> Result<(), StorageError> {
        self.0.end_reading();
        self.0.begin(SNAPSHOT, None);
        wait_as_long_as_it_takes(self.0)?;
        look(&mut Transaction::reading(self.0))
    }
}

/// Compares counters with rows, in chunks, each on a snapshot of its own.
pub(crate) fn verify_in_chunks(session: &mut Session) -> Result<Verification, StorageError> {
    compare(&mut NewSnapshots(session))
}

/// Compares counters with rows, inside the transaction that the session is in.
pub(crate) fn verify(session: &mut Session) -> Result<Verification, StorageError> {
    wait_as_long_as_it_takes(session)?;
    compare(&mut OneSnapshot(Transaction::reading(session)))
}

/// However much there is to compare.
fn wait_as_long_as_it_takes(session: &mut Session) -> Result<(), StorageError> {
    session.wait_without_limit();
    session.batch("SET LOCAL statement_timeout = 0").map_err(|error| Fault::of(&error).error)
}
