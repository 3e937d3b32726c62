//! Verifies a PostgreSQL database. References and uniqueness are PostgreSQL's own to keep.

use domain::error::StorageError;

use super::error::Fault;
use super::session::Session;
use super::transaction::Transaction;
use crate::verify::{Look, OneSnapshot, Snapshots, Verification, compare};

/// A session outside of a transaction.
pub(crate) struct SessionSnapshots<'a>(pub(crate) &'a mut Session);

impl Snapshots for SessionSnapshots<'_> {
    fn show(&mut self, look: &mut Look<'_>) -> Result<(), StorageError> {
        let fault = |error: postgres::Error| Fault::of(&error).error;
        self.0.batch("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").map_err(fault)?;
        look(&mut Transaction::reading(self.0))?;
        self.0.batch("COMMIT").map_err(fault)
    }
}

/// Compares counters with rows. The session is in a transaction that has a snapshot.
pub(crate) fn verify(session: &mut Session) -> Result<Verification, StorageError> {
    // However much there is to compare, it takes its time.
    session.batch("SET LOCAL statement_timeout = 0").map_err(|error| Fault::of(&error).error)?;
    compare(&mut OneSnapshot(Transaction::reading(session)))
}
