//! Retention: how long bookings and usage records are kept, and the tasks that remove older ones.

use std::sync::{Arc, Mutex, PoisonError};

use domain::error::StorageError;
use domain::ports::{Clock, WriteTx};
use domain::{AccountId, Timestamp, use_cases};
use storage::MaintenanceTask;

/// The maximum number of rows that a step removes. Each row takes several statements.
const ROWS_MAX: usize = 200;

/// For how many days rows are kept; `None` for ever.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Retention {
    /// Bookings, from the end of their day.
    pub booking_days: Option<u32>,
    /// Usage records, from the end of their day.
    pub usage_days: Option<u32>,
}

/// Removes up to a number of rows that are older than so many days, from an account on. Returns the
/// account to go on from.
type RemoveOld =
    fn(&mut dyn WriteTx, Timestamp, u32, Option<AccountId>, usize) -> Result<Option<AccountId>, StorageError>;

impl Retention {
    /// The tasks that remove older rows.
    pub(super) fn tasks(self, clock: &Arc<dyn Clock>) -> Vec<MaintenanceTask> {
        let task = |name, days, remove: RemoveOld| {
            let clock = Arc::clone(clock);
            // A step that is rolled back may skip an account, until the task begins again.
            let position = Mutex::new(None);
            MaintenanceTask::new(name, move |tx| {
                let mut position = position.lock().unwrap_or_else(PoisonError::into_inner);
                *position = remove(tx, clock.now(), days, *position, ROWS_MAX)?;
                Ok(position.is_some())
            })
        };
        let bookings = self.booking_days.map(|days| {
            task("remove old bookings", days, |tx, now, days, after, max| {
                use_cases::remove_old_bookings(tx, now, days, after, max)
            })
        });
        let usage = self.usage_days.map(|days| {
            task("remove old usage records", days, |tx, now, days, after, max| {
                use_cases::remove_old_usage_records(tx, now, days, after, max)
            })
        });
        bookings.into_iter().chain(usage).collect()
    }
}
