//! The settings of scheduled backups.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use storage::DatabaseUrl;

use super::faults::ConfigFaults;
use super::number;
use crate::backups::BackupSchedule;

/// The settings as text.
#[derive(Args)]
#[expect(clippy::struct_field_names, reason = "the names are those of the flags")]
pub(super) struct BackupSettings {
    /// The directory for scheduled backups of an SQLite database; none are made if left out
    #[arg(long, global = true, env = "HEADROOM_BACKUP_DIR")]
    backup_dir: Option<String>,
    /// The time between two scheduled backups, in seconds: 1 to 31536000
    #[arg(long, global = true, env = "HEADROOM_BACKUP_EVERY", default_value = "86400")]
    backup_every: String,
    /// How many scheduled backups are kept: 1 to 10000
    #[arg(long, global = true, env = "HEADROOM_BACKUP_KEEP", default_value = "7")]
    backup_keep: String,
}

impl BackupSettings {
    /// Parses the settings, and collects all faults. Returns `None` without a directory, or after a
    /// fault.
    pub(super) fn parse(self, database: Option<&DatabaseUrl>, faults: &mut ConfigFaults) -> Option<BackupSchedule> {
        let every = number(&self.backup_every, 1..=31_536_000);
        let every = faults.take("backup-every", &self.backup_every, "1 to 31536000 seconds", every);
        let keep = number(&self.backup_keep, 1..=10_000);
        let keep = faults.take("backup-keep", &self.backup_keep, "1 to 10000", keep);
        if self.backup_dir.as_deref() == Some("") {
            faults.note("backup-dir", "takes the path of a directory");
        }
        if self.backup_dir.is_some() && matches!(database, Some(DatabaseUrl::Postgres(_))) {
            faults.note("backup-dir", "is for SQLite: back up PostgreSQL with its own programs, such as pg_dump");
        }
        let (every, keep) = (Duration::from_secs(every?), keep?);
        self.backup_dir.map(|dir| BackupSchedule { dir: PathBuf::from(dir), every, keep })
    }
}
