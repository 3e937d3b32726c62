//! Counts of staff members and bookings, as the usage counters say.

use domain::error::StorageResult;
use domain::ports::ReadUsage;
use domain::{AccountId, Date, Metric, UNBOUNDED, day_of_window, window_of_day};

/// The number of active staff members of the account.
///
/// # Errors
/// That of the store.
pub fn count_staff(tx: &mut (impl ReadUsage + ?Sized), account: AccountId) -> StorageResult<u64> {
    tx.used(account, &Metric::STAFF, UNBOUNDED)
}

/// The number of bookings of the account that count on `day`.
///
/// # Errors
/// That of the store.
pub fn count_bookings(tx: &mut (impl ReadUsage + ?Sized), account: AccountId, day: Date) -> StorageResult<u64> {
    tx.used(account, &Metric::BOOKINGS_PER_DAY, window_of_day(day))
}

/// The number of bookings of the account on each of these days, which are in ascending order. Days
/// without bookings are left out.
///
/// # Errors
/// That of the store.
pub fn count_bookings_on(
    tx: &mut (impl ReadUsage + ?Sized),
    account: AccountId,
    days: &[Date],
) -> StorageResult<Vec<(Date, u64)>> {
    let windows: Vec<_> = days.iter().copied().map(window_of_day).collect();
    let used = tx.used_in(account, &Metric::BOOKINGS_PER_DAY, &windows)?;
    Ok(used.into_iter().map(|(window, used)| (day_of_window(window), used)).collect())
}
