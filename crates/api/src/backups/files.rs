//! The files of scheduled backups: `<database>-20261129T043000Z.db`, the keys beside it, and a lock.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use domain::Timestamp;
use storage::backup::remove_abandoned;

use crate::auth::key_file;

const EXTENSION: &str = ".db";

/// The backups of one database in a directory.
pub(super) struct BackupFiles {
    dir: PathBuf,
    /// The name of the database, without its extension.
    stem: String,
}

impl BackupFiles {
    pub(super) fn new(dir: &Path, database: &Path) -> Self {
        let stem = database.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        Self { dir: dir.into(), stem }
    }

    /// The file of a backup that begins at an instant.
    pub(super) fn path(&self, at: Timestamp) -> PathBuf {
        self.dir.join(self.name(at))
    }

    fn name(&self, at: Timestamp) -> String {
        format!("{}-{}{EXTENSION}", self.stem, at.strftime("%Y%m%dT%H%M%SZ"))
    }

    /// The instant in the name of a backup.
    fn instant(&self, name: &str) -> Option<Timestamp> {
        let text = name.strip_prefix(&self.stem)?.strip_prefix('-')?.strip_suffix(EXTENSION)?;
        text.parse().ok().filter(|&at| self.name(at) == name)
    }

    /// The instants of all backups, the oldest first.
    pub(super) fn list(&self) -> io::Result<Vec<Timestamp>> {
        let names = self.names()?;
        let mut found: Vec<Timestamp> = names.iter().filter_map(|name| self.instant(name)).collect();
        found.sort_unstable();
        Ok(found)
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let entries = fs::read_dir(&self.dir)?;
        entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned())).collect()
    }

    /// Locks the directory for the backups of this database. `None` while another process has the
    /// lock, which the system releases if that process is killed.
    pub(super) fn lock(&self) -> io::Result<Option<File>> {
        let path = self.dir.join(format!("{}.lock", self.stem));
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).mode(0o600).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Removes what killed processes have left of unfinished backups.
    pub(super) fn remove_abandoned(&self) {
        for name in self.names().unwrap_or_default() {
            let Some((target, _)) = name.split_once(".partial") else { continue };
            if self.instant(target).is_some()
                && let Err(error) = remove_abandoned(&self.dir.join(target))
            {
                log::warn!("cannot remove an unfinished backup: {error}");
            }
        }
    }

    /// Removes all but the newest `keep` backups, and never the one of `latest`.
    pub(super) fn remove_old(&self, keep: usize, latest: Timestamp) -> io::Result<()> {
        let latest = self.name(latest);
        let mut names: Vec<String> = self.list()?.into_iter().map(|at| self.name(at)).collect();
        names.retain(|name| *name != latest);
        let surplus = names.len().saturating_sub(keep.saturating_sub(1));
        for name in names.into_iter().take(surplus) {
            let path = self.dir.join(name);
            // The database first: keys without a database are no backup.
            fs::remove_file(&path)?;
            match fs::remove_file(key_file::beside(&path)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_name_has_the_instant_in_utc() {
        let files = BackupFiles::new(Path::new("/backup"), Path::new("/var/lib/headroom.db"));
        let path = files.path(at("2026-11-29T05:30:00.75+01:00"));
        assert_eq!(path, Path::new("/backup/headroom-20261129T043000Z.db"));
        assert_eq!(files.instant("headroom-20261129T043000Z.db"), Some(at("2026-11-29T04:30:00Z")));
        for other in [
            "headroom-20261129T043000Z.db.keys",
            "headroom-20261129T043000Z.db.partial",
            "headroom-2026-11-29T04:30:00Z.db",
            "headroom-20261329T043000Z.db",
            "headroom-20261129T043000.5Z.db",
            "headroom.db",
            "other-20261129T043000Z.db",
        ] {
            assert_eq!(files.instant(other), None, "{other}");
        }
    }

    #[test]
    fn the_newest_are_kept_and_other_files_are_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let files = BackupFiles::new(dir.path(), Path::new("headroom.db"));
        let days = ["2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z", "2026-11-03T00:00:00Z", "2036-01-01T00:00:00Z"];
        let write = |path: &Path| fs::write(path, "").unwrap();
        for day in days {
            write(&files.path(at(day)));
            write(&key_file::beside(&files.path(at(day))));
        }
        let others = ["headroom.db", "notes.txt", "other-20261101T000000Z.db"].map(|name| dir.path().join(name));
        for path in &others {
            write(path);
        }
        // The clock was set back after the last of them.
        files.remove_old(2, at(days[2])).unwrap();
        assert_eq!(files.list().unwrap(), [at(days[2]), at(days[3])]);
        files.remove_old(1, at(days[2])).unwrap();
        assert_eq!(files.list().unwrap(), [at(days[2])]);
        assert!(others.iter().all(|path| path.exists()));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2 + others.len());
    }

    #[test]
    fn what_a_killed_process_left_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let files = BackupFiles::new(dir.path(), Path::new("headroom.db"));
        let kept = dir.path().join("headroom.db.partial");
        for name in ["headroom-20261129T043000Z.db.partial", "headroom-20261129T043000Z.db.partial-journal"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        fs::write(&kept, "").unwrap();
        files.remove_abandoned();
        assert!(kept.exists());
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_lock_is_held_by_one() {
        let dir = tempfile::tempdir().unwrap();
        let [one, other] = ["headroom.db", "headroom.db"].map(|name| BackupFiles::new(dir.path(), Path::new(name)));
        let lock = one.lock().unwrap();
        assert!(lock.is_some() && other.lock().unwrap().is_none());
        drop(lock);
        assert!(other.lock().unwrap().is_some());
    }
}
