//! Maintenance: removes expired rows, and rows that are older than they are kept, in bounded steps.
//!
//! Nothing depends on it: expired rows are ignored, whether or not they were removed. Each step
//! returns the number of removed rows; `max` means that there may be more.

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};

use crate::error::StorageResult;
use crate::ports::{Holds, Idempotency, Retention, Users};
use crate::{AccountId, EXPIRED_API_KEYS_KEPT_FOR, HOLDS_KEPT_FOR, IDEMPOTENCY_KEPT_FOR, Retained, day_of_window};

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

/// The first day that is kept if rows are kept for `days` days after their day has ended, in every
/// time zone.
fn first_kept(now: Timestamp, days: u32) -> Date {
    let kept_for = SignedDuration::from_hours(24 * (i64::from(days) + 1));
    now.checked_sub(kept_for).map_or(Date::MIN, day_of_window)
}

/// Removes up to `max` bookings or usage records whose day ended more than `days` days ago. Their
/// counters stay. `after` is what the previous step returned; returns `None` after the last step.
///
/// # Errors
/// The [`StorageResult`]'s.
pub fn remove_old_records(
    tx: &mut (impl Retention + ?Sized),
    retained: Retained,
    days: u32,
    now: Timestamp,
    after: Option<AccountId>,
    max: usize,
) -> StorageResult<Option<AccountId>> {
    tx.delete_before(retained, first_kept(now, days), after, max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_kept_until_it_has_ended_everywhere() {
        let now = "2026-03-20T11:00:00Z".parse().unwrap();
        for (days, first) in [(1, "2026-03-18"), (19, "2026-02-28"), (365, "2025-03-19")] {
            assert_eq!(first_kept(now, days).to_string(), first, "{days}");
        }
        assert_eq!(first_kept(Timestamp::MIN, 1), Date::MIN);
    }
}
