//! The state of scheduled backups, for metrics.

use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::Timestamp;

/// The state of scheduled backups. All is zero or `None` if no directory is configured.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BackupStatus {
    /// When the newest backup in the directory began, whichever process made it.
    pub last_success_at: Option<Timestamp>,
    /// Its size in bytes, without the keys.
    pub last_size_bytes: Option<u64>,
    /// How many backups this process has made.
    pub successes: u64,
    /// How many backups of this process have failed.
    pub failures: u64,
}

/// The current [`BackupStatus`] of this process.
#[derive(Debug, Default)]
pub struct BackupMonitor(Mutex<BackupStatus>);

impl BackupMonitor {
    /// The current values.
    #[must_use]
    pub fn status(&self) -> BackupStatus {
        *self.lock()
    }

    /// Sets the newest backup in the directory.
    pub(super) fn newest(&self, at: Timestamp, bytes: Option<u64>) {
        let mut status = self.lock();
        (status.last_success_at, status.last_size_bytes) = (Some(at), bytes);
    }

    /// Counts a backup that succeeded.
    pub(super) fn succeeded(&self, at: Timestamp, bytes: u64) {
        self.newest(at, Some(bytes));
        self.lock().successes += 1;
    }

    /// Counts a backup that failed.
    pub(super) fn failed(&self) {
        self.lock().failures += 1;
    }

    fn lock(&self) -> MutexGuard<'_, BackupStatus> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
