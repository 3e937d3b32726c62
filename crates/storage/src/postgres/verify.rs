//! Verifies a PostgreSQL database. References and uniqueness are PostgreSQL's own to keep.

use domain::error::StorageError;

use super::error::Fault;
use super::session::Session;
use super::transaction::Transaction;
use crate::verify::{OneSnapshot, Verification, compare};

/// Compares counters with rows. The session is in a transaction that has a snapshot.
pub(crate) fn verify(session: &mut Session) -> Result<Verification, StorageError> {
    // However much there is to compare, it takes its time.
    session.wait_without_limit();
    session.batch("SET LOCAL statement_timeout = 0").map_err(|error| Fault::of(&error).error)?;
    compare(&mut OneSnapshot(Transaction::reading(session)))
}
