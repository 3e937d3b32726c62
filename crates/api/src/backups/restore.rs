//! Puts a backup in the place of the database, and its keys in the place of the signing keys.

use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use storage::backup::{BackupError, Draft, Overwrite, WatchProgress, WriteBack};

use super::{BackupFailure, DatabaseFiles, count_findings};
use crate::auth::key_file;

/// A database that was restored.
#[derive(Debug)]
pub(crate) struct Restored {
    pub(crate) bytes: u64,
    pub(crate) keys: RestoredKeys,
    /// How many counters of the database differ from their rows.
    pub(crate) findings: u64,
}

/// What a restore did with the signing keys.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum RestoredKeys {
    /// They are those of the backup.
    Restored(PathBuf),
    /// They are as they were: the environment has the keys.
    Environment,
    /// They are as they were: the backup has no key file of this name.
    NotInBackup(PathBuf),
}

/// Puts the backup `file`, and the keys beside it, in the place of a database.
///
/// # Errors
/// [`BackupFailure`], also while a process has the database open. The database is as it was.
pub(crate) fn restore(
    file: &Path,
    target: &DatabaseFiles,
    overwrite: Overwrite,
    watch: &mut WatchProgress<'_>,
) -> Result<Restored, BackupFailure> {
    let backup_keys = key_file::beside(file);
    let keys = target.key_file.as_deref().map(|path| key_file::find(&backup_keys).map(|text| (path, text)));
    let keys = keys.transpose()?;
    if let Some((path, Some(text))) = &keys {
        check_key_file(path, text, overwrite)?;
    }
    let draft = Draft::copy(file, &target.database, overwrite, WriteBack::AtOnce, watch)?;
    let (bytes, findings) = (draft.bytes(), count_findings(&draft));
    // Before the database: with the keys of the backup, a database that was not replaced after all
    // refuses tokens, and the same command again completes the restore.
    let keys = match keys {
        None => RestoredKeys::Environment,
        Some((_, None)) => RestoredKeys::NotInBackup(backup_keys),
        Some((path, Some(text))) => {
            key_file::put(path, &text)?;
            RestoredKeys::Restored(path.into())
        }
    };
    draft.publish()?;
    Ok(Restored { bytes, keys, findings })
}

/// Refuses to replace other keys, unless it was asked for.
fn check_key_file(path: &Path, text: &SecretString, overwrite: Overwrite) -> Result<(), BackupFailure> {
    match (overwrite, key_file::find(path)) {
        // Keys that cannot be read may be a reason for the restore.
        (Overwrite::Yes, _) => Ok(()),
        (Overwrite::No, present) => match present? {
            Some(present) if present.expose_secret() != text.expose_secret() => {
                Err(BackupError::Exists { path: path.into() }.into())
            }
            _ => Ok(()),
        },
    }
}
