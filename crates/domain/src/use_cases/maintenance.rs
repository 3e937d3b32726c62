//! Removes what has expired, in bounded steps.
//!
//! Nothing depends on it: what has expired does not count, whether or not it was removed. Each step returns how many rows
//! it removed; `max` means that there may be more.

use jiff::Timestamp;

use crate::error::StorageResult;
use crate::ports::{Idempotency, Users};
use crate::{EXPIRED_API_KEYS_KEPT_FOR, IDEMPOTENCY_KEPT_FOR};

/// Removes up to `max` idempotency records that no longer count, the oldest first.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn remove_expired_idempotency_records(
    tx: &mut (impl Idempotency + ?Sized),
    now: Timestamp,
    max: usize,
) -> StorageResult<usize> {
    tx.delete_idempotency_records(now - IDEMPOTENCY_KEPT_FOR, max)
}

/// Removes up to `max` sessions that have expired and refresh tokens of such sessions, the oldest first.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn remove_expired_sessions(tx: &mut (impl Users + ?Sized), now: Timestamp, max: usize) -> StorageResult<usize> {
    tx.delete_expired_sessions(now, max)
}

/// Removes up to `max` API keys that expired [some time](EXPIRED_API_KEYS_KEPT_FOR) ago, the oldest first.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn remove_expired_api_keys(tx: &mut (impl Users + ?Sized), now: Timestamp, max: usize) -> StorageResult<usize> {
    tx.delete_expired_api_keys(now - EXPIRED_API_KEYS_KEPT_FOR, max)
}
