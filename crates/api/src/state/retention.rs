//! Retention: how long bookings and usage records are kept, and the tasks that remove older ones.

use std::sync::{Arc, Mutex, PoisonError};

use domain::ports::Clock;
use domain::{Retained, use_cases};
use storage::MaintenanceTask;

use super::DISCARDED_ROWS_MAX;

/// For how many days rows are kept; `None` for ever.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Retention {
    /// Bookings, from the end of their day.
    pub booking_days: Option<u32>,
    /// Usage records, from the end of their day.
    pub usage_days: Option<u32>,
}

impl Retention {
    /// The tasks that remove older rows.
    pub(super) fn tasks(self, clock: &Arc<dyn Clock>) -> Vec<MaintenanceTask> {
        let task = |name, retained, days: Option<u32>| {
            let (days, clock) = (days?, Arc::clone(clock));
            // A step that is rolled back may skip an account, until the task begins again.
            let position = Mutex::new(None);
            Some(MaintenanceTask::new(name, move |tx| {
                let mut position = position.lock().unwrap_or_else(PoisonError::into_inner);
                let (now, after) = (clock.now(), *position);
                *position = use_cases::remove_old_records(tx, retained, days, now, after, DISCARDED_ROWS_MAX)?;
                Ok(position.is_some())
            }))
        };
        let bookings = task("remove old bookings", Retained::Bookings, self.booking_days);
        let usage = task("remove old usage records", Retained::UsageRecords, self.usage_days);
        bookings.into_iter().chain(usage).collect()
    }
}
