//! The deadline of a unit of work.

use std::time::{Duration, Instant};

use domain::error::StorageError;

/// How long a unit may wait for the answer to its first statement, from when it is queued: in the
/// queue, for a connection and for a lock. Each later statement has as long.
pub(super) const UNIT_TIMEOUT: Duration = Duration::from_millis(4500);
/// A unit that has less time left than this does not begin: its connection would be lost if it took
/// longer.
const UNIT_TIME_MIN: Duration = Duration::from_millis(250);

/// Checks that a unit with this deadline still has time to begin.
pub(super) fn check_deadline(deadline: Instant) -> Result<(), StorageError> {
    if Instant::now() + UNIT_TIME_MIN < deadline {
        Ok(())
    } else {
        Err(StorageError::Unavailable("the unit has waited too long for the database".into()))
    }
}
