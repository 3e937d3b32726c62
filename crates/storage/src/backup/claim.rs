//! Exclusive access to a database that will be replaced: no other process has it open, and none can
//! open it until it has been replaced.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};
use rustix::fs::{FlockOperation, fcntl_lock};
use rustix::io::Errno;

use super::partial::{remove_logs, with_suffix};
use super::{BackupError, Overwrite};
use crate::OpenError;
use crate::sqlite::schema;

/// How long to wait for a short transaction of another process, such as a command.
const BUSY_TIMEOUT: Duration = Duration::from_secs(1);

/// A database that this process alone can use.
pub(super) struct ClaimedDatabase {
    path: PathBuf,
    /// Held until the database has been replaced. SQLite uses locks of the same kind (fcntl(2)), so
    /// its connections in other processes can neither exist nor be opened.
    _lock: File,
}

impl ClaimedDatabase {
    /// Claims the database at `path` to replace it, and leaves it as one complete file without a
    /// log. Returns `None` if no file exists there.
    ///
    /// The file may also be damaged, since that is a reason to replace it, but not the database of
    /// another program.
    pub(super) fn claim(path: &Path, overwrite: Overwrite) -> Result<Option<Self>, BackupError> {
        let failed = |source| BackupError::File { path: path.into(), source };
        match fs::symlink_metadata(path) {
            Ok(_) if overwrite == Overwrite::No => return Err(BackupError::Exists { path: path.into() }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                // SQLite would apply such a log to the new file.
                let mut logs = ["-wal", "-journal"].map(|suffix| with_suffix(path, suffix)).into_iter();
                return match logs.find(|log| log.exists()) {
                    Some(path) => Err(BackupError::Orphan { path }),
                    None => Ok(None),
                };
            }
            Err(source) => return Err(failed(source)),
        }
        // The database itself is replaced, and not a link to it.
        let path = fs::canonicalize(path).map_err(failed)?;
        let is_complete = match fold_log(&path) {
            Ok(()) => true,
            Err(OpenError::Sqlite(error)) if is_busy(&error) => return Err(BackupError::InUse { path }),
            Err(OpenError::Foreign { path }) => return Err(OpenError::Foreign { path }.into()),
            Err(OpenError::Sqlite(error)) if is_damage(&error) => {
                log::warn!("{} is damaged: {error}", path.display());
                false
            }
            // Such as a full disk: its log may be needed.
            Err(error) => return Err(error.into()),
        };
        let lock = lock(&path)?;
        if is_complete && with_suffix(&path, "-wal").exists() {
            // A process has opened it since the log was folded.
            return Err(BackupError::InUse { path });
        }
        Ok(Some(Self { path, _lock: lock }))
    }

    /// Removes the log of a damaged database, just before that is replaced. Another one has none.
    pub(super) fn remove_logs(&self) -> Result<(), BackupError> {
        remove_logs(&self.path).map_err(|source| BackupError::File { path: self.path.clone(), source })
    }

    /// The path without links.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

/// Copies the log into the database and removes it, so that the file is complete until it is
/// replaced, even if this process is killed before. Fails while another process has it open.
fn fold_log(path: &Path) -> Result<(), OpenError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    match schema::check(&connection, path) {
        // An unknown schema is replaced as well: after a failed upgrade the backup is older.
        Ok(_)
        | Err(OpenError::NewerSchema { .. } | OpenError::ChangedMigration { .. } | OpenError::PreRelease { .. }) => {}
        Err(error) => return Err(error),
    }
    connection.pragma_update(None, "journal_mode", "DELETE")?;
    connection.close().map_err(|(_, error)| error.into())
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn lock(path: &Path) -> Result<File, BackupError> {
    let failed = |source| BackupError::File { path: path.into(), source };
    let file = OpenOptions::new().read(true).write(true).open(path).map_err(failed)?;
    match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::AGAIN | Errno::ACCESS) => Err(BackupError::InUse { path: path.into() }),
        Err(error) => Err(failed(error.into())),
    }
}
