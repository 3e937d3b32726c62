//! Clears away the answers that are kept no longer.

use jiff::Timestamp;

use crate::IDEMPOTENCY_KEPT_FOR;
use crate::error::StorageError;
use crate::ports::Idempotency;

/// Removes up to `max` of the records that no longer count, the oldest first; answers how many there were. As many as
/// `max` say that there may be more.
///
/// # Errors
/// [`StorageError`].
pub fn forget_old_records(
    tx: &mut (impl Idempotency + ?Sized),
    now: Timestamp,
    max: usize,
) -> Result<usize, StorageError> {
    tx.delete_idempotency_records(now - IDEMPOTENCY_KEPT_FOR, max)
}
