//! Backups of an SQLite database and of its signing keys, on request and at intervals.

mod files;
mod restore;
mod schedule;
mod status;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use storage::backup::{BackupError, Draft, Overwrite, WatchProgress, WriteBack, is_same_file};
use thiserror::Error;

use crate::auth::KeyFileError;
use crate::auth::key_file;
pub(crate) use restore::{Restored, RestoredKeys, restore};
pub(crate) use schedule::{BackupScheduler, ScheduledDatabase};
pub use status::{BackupMonitor, BackupStatus};

/// When backups are made, and where.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BackupSchedule {
    /// The directory of the backups.
    pub dir: PathBuf,
    /// The time between two backups.
    pub every: Duration,
    /// How many backups are kept.
    pub keep: usize,
}

/// Why a backup or a restore failed.
#[derive(Debug, Error)]
pub(crate) enum BackupFailure {
    /// The database could not be copied.
    #[error(transparent)]
    Database(#[from] BackupError),
    /// The signing keys could not be copied.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
}

/// A database and its signing keys.
#[derive(Clone, Debug)]
pub(crate) struct DatabaseFiles {
    pub(crate) database: PathBuf,
    /// `None` if `HEADROOM_JWT_SECRET` signs.
    pub(crate) key_file: Option<PathBuf>,
}

/// A backup that was made.
#[derive(Debug)]
pub(crate) struct Backup {
    pub(crate) bytes: u64,
    pub(crate) took: Duration,
    pub(crate) keys: BackedUpKeys,
    /// How many counters of the database differ from their rows.
    pub(crate) findings: u64,
}

/// What a backup has of the signing keys.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum BackedUpKeys {
    /// A copy of the key file.
    Copied(PathBuf),
    /// Nothing: they are in the environment.
    Environment,
    /// Nothing: the key file does not exist.
    Missing(PathBuf),
}

/// Backs up the database to `file`, and its key file beside that.
///
/// # Errors
/// [`BackupFailure`]. No file of this name exists then, or it is as it was.
pub(crate) fn create(
    source: &DatabaseFiles,
    file: &Path,
    overwrite: Overwrite,
    watch: &mut WatchProgress<'_>,
) -> Result<Backup, BackupFailure> {
    let begun = Instant::now();
    let keys_copy = key_file::beside(file);
    if let Some(keys) = &source.key_file
        && let Some(path) = [file, &keys_copy].into_iter().find(|path| is_same_file(path, keys))
    {
        return Err(BackupError::Same { path: path.into() }.into());
    }
    if overwrite == Overwrite::No && keys_copy.exists() {
        return Err(BackupError::Exists { path: keys_copy }.into());
    }
    let draft = Draft::copy(&source.database, file, overwrite, WriteBack::Paced, watch)?;
    // After the database, so that every key is in it that has signed or sealed what the database
    // has. Before the database gets its name, so that no backup lacks its keys.
    let keys = copy_keys(source.key_file.as_deref(), keys_copy)?;
    let (bytes, findings) = (draft.bytes(), count_findings(&draft));
    draft.publish()?;
    Ok(Backup { bytes, took: begun.elapsed(), keys, findings })
}

fn copy_keys(key_file: Option<&Path>, copy: PathBuf) -> Result<BackedUpKeys, KeyFileError> {
    let Some(path) = key_file else { return Ok(BackedUpKeys::Environment) };
    let Some(text) = key_file::find(path)? else { return Ok(BackedUpKeys::Missing(path.into())) };
    key_file::put(&copy, &text)?;
    Ok(BackedUpKeys::Copied(copy))
}

/// How many counters of the copy differ from their rows.
fn count_findings(draft: &Draft) -> u64 {
    draft.verification().map_or(0, |verification| verification.findings_total)
}
