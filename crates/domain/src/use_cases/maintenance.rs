//! Maintenance: removes expired rows in bounded steps.
//!
//! Nothing depends on it: expired rows are ignored, whether or not they were removed. Each step
//! returns the number of removed rows; `max` means that there may be more.

use jiff::Timestamp;

use crate::error::StorageResult;
use crate::ports::{Holds, Idempotency, Users};
use crate::{EXPIRED_API_KEYS_KEPT_FOR, HOLDS_KEPT_FOR, IDEMPOTENCY_KEPT_FOR};

/// Removes up to `max` expired idempotency records, oldest first.
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

/// Removes up to `max` expired sessions and refresh tokens of such sessions, oldest first.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn remove_expired_sessions(tx: &mut (impl Users + ?Sized), now: Timestamp, max: usize) -> StorageResult<usize> {
    tx.delete_expired_sessions(now, max)
}

/// Removes up to `max` API keys that expired longer ago than [`EXPIRED_API_KEYS_KEPT_FOR`], oldest
/// first.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn remove_expired_api_keys(tx: &mut (impl Users + ?Sized), now: Timestamp, max: usize) -> StorageResult<usize> {
    tx.delete_expired_api_keys(now - EXPIRED_API_KEYS_KEPT_FOR, max)
}

/// Removes up to `max` holds that expired longer ago than [`HOLDS_KEPT_FOR`], oldest first.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn remove_expired_holds(tx: &mut (impl Holds + ?Sized), now: Timestamp, max: usize) -> StorageResult<usize> {
    tx.delete_expired_holds(now - HOLDS_KEPT_FOR, max)
}
