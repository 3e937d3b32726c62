//! A file that gets its name when it is complete.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io;
#[cfg(target_os = "linux")]
use std::num::NonZeroU64;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::OFlags;
#[cfg(target_os = "linux")]
use rustix::fs::{Advice, fadvise};
use tempfile::TempPath;

use super::{BackupError, Overwrite};

/// What is appended to the name of a file until it is complete.
const SUFFIX: &str = ".partial";

/// A file beside its target. Dropping it removes it, and killing the process does not: the next
/// backup to the same target does.
pub(super) struct PartialFile {
    _logs: Logs,
    // Before the file, so that it is removed before the lock is released.
    path: TempPath,
    /// Locked (flock(2)), so that two processes never write the same file.
    file: File,
    target: PathBuf,
}

impl PartialFile {
    /// Creates an empty file with mode 0600 beside `target`.
    pub(super) fn create(target: &Path) -> Result<Self, BackupError> {
        let path = with_suffix(target, SUFFIX);
        let file = lock(&path, target)?;
        let partial = Self { _logs: Logs(path.clone()), path: temporary(path)?, file, target: target.into() };
        partial.io(partial.file.set_permissions(Permissions::from_mode(0o600)))?;
        partial.io(remove_logs(&partial.path))?;
        Ok(partial)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn target(&self) -> &Path {
        &self.target
    }

    pub(super) fn bytes(&self) -> Result<u64, BackupError> {
        self.io(self.file.metadata().map(|found| found.len()))
    }

    /// Begins to write a part of the content to the disk, without waiting for it. It is advice: what
    /// fails is written, or reported, by the next sync.
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "only Linux takes this advice"))]
    pub(super) fn begin_write(&self, offset: u64, bytes: u64) {
        // Linux writes a part of a file before it drops it from its cache.
        #[cfg(target_os = "linux")]
        let _ = fadvise(&self.file, offset, NonZeroU64::new(bytes), Advice::DontNeed);
    }

    /// Makes the content durable.
    pub(super) fn sync(&self) -> Result<(), BackupError> {
        self.io(self.file.sync_all())
    }

    /// Gives the file the name of its target, durably.
    pub(super) fn publish(self, overwrite: Overwrite) -> Result<(), BackupError> {
        self.sync()?;
        let Self { path, file, target, .. } = self;
        let failed = |source| BackupError::File { path: target.clone(), source };
        let renamed = match overwrite {
            Overwrite::Yes => path.persist(&target),
            Overwrite::No => path.persist_noclobber(&target),
        };
        renamed.map_err(|error| match error.error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists { path: target.clone() },
            _ => failed(error.error),
        })?;
        // The lock ends when it has its name: until then another process would take it for
        // abandoned.
        drop(file);
        File::open(folder_of(&target)).and_then(|folder| folder.sync_all()).map_err(failed)
    }

    fn io<T>(&self, result: io::Result<T>) -> Result<T, BackupError> {
        result.map_err(|source| BackupError::File { path: self.target.clone(), source })
    }
}

/// The logs that SQLite may leave beside an unfinished file when it fails. Dropping this removes
/// them.
struct Logs(PathBuf);

impl Drop for Logs {
    fn drop(&mut self) {
        // The next backup to the same target removes what is left.
        let _ = remove_logs(&self.0);
    }
}

/// Removes what a killed process has left of an unfinished file, unless a process writes it.
pub(super) fn remove_abandoned(target: &Path) -> Result<(), BackupError> {
    if with_suffix(target, SUFFIX).exists() {
        // Dropping it removes it.
        drop(PartialFile::create(target)?);
    }
    Ok(())
}

/// Opens and locks an empty file, and creates it if it does not exist.
fn lock(path: &Path, target: &Path) -> Result<File, BackupError> {
    let failed = |source| BackupError::File { path: target.into(), source };
    loop {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false).mode(0o600);
        // A link could lead to a file that must not be overwritten.
        options.custom_flags(OFlags::NOFOLLOW.bits().cast_signed());
        let file = options.open(path).map_err(failed)?;
        let found = file.metadata().map_err(failed)?;
        let is_ours = found.is_file() && found.uid() == rustix::process::geteuid().as_raw() && found.nlink() <= 1;
        if !is_ours {
            return Err(BackupError::InTheWay { path: path.into() });
        }
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BackupError::BeingWritten { path: target.into() }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // The process that held the lock may have renamed or removed the file meanwhile.
        match fs::symlink_metadata(path) {
            Ok(present) if (present.dev(), present.ino()) != (found.dev(), found.ino()) => {}
            Ok(present) if present.len() == 0 => return Ok(file),
            // What a killed process has left is removed instead of truncated: ext4 writes all of a
            // file to the disk when it is closed after it was truncated to nothing.
            Ok(_) => fs::remove_file(path).map_err(failed)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(source) => return Err(failed(source)),
        }
    }
}

fn temporary(path: PathBuf) -> Result<TempPath, BackupError> {
    TempPath::try_from_path(&path).map_err(|source| BackupError::File { path, source })
}

/// The path with a suffix after the name of the file.
pub(super) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// Removes the logs beside a database.
pub(super) fn remove_logs(path: &Path) -> io::Result<()> {
    ["-wal", "-shm", "-journal"].iter().try_for_each(|suffix| match fs::remove_file(with_suffix(path, suffix)) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
