//! The permissions of the database's files. A user of the machine who can write them can act as any
//! user of Headroom, and one who can read them has the password hashes.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;

use crate::OpenError;
use crate::secret_file::OTHERS;

/// The suffixes of the names of the database, its logs and their index.
const SUFFIXES: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// Removes the permissions of others, who are neither the owner nor in the group, from the files of
/// a database, with a warning. Also warns if others can replace the database.
///
/// # Errors
/// [`OpenError::Exposed`] for a file whose permissions cannot be changed, [`OpenError::File`].
pub(super) fn restrict_files(path: &Path) -> Result<(), OpenError> {
    // SQLite's files are beside the database itself, not beside a link to it.
    let database = fs::canonicalize(path).map_err(|source| OpenError::File { path: path.into(), source })?;
    let mut repaired = Vec::new();
    for suffix in SUFFIXES {
        let mut file = OsString::from(&database);
        file.push(suffix);
        let file = Path::new(&file);
        if let Some(mode) = restrict(file, |file, permissions| fs::set_permissions(file, permissions))? {
            repaired.push(format!("{} (mode {mode:03o})", file.display()));
        }
    }
    if !repaired.is_empty() {
        log::warn!("others could read or write {}: removed their permissions (chmod o-rwx)", repaired.join(", "));
    }
    if let Some(folder) = database.parent()
        && fs::metadata(folder).is_ok_and(|found| can_others_replace(found.mode()))
    {
        let folder = folder.display();
        log::warn!("others can put another database in the place of the one in {folder}: chmod o-w {folder}");
    }
    Ok(())
}

/// Removes others' permissions from a file by `change`. Returns its former mode if they had any.
fn restrict(path: &Path, change: impl FnOnce(&Path, Permissions) -> io::Result<()>) -> Result<Option<u32>, OpenError> {
    let Some(mode) = mode(path)?.filter(|mode| mode & OTHERS != 0) else { return Ok(None) };
    let exposed = |source| OpenError::Exposed { path: path.into(), mode, source };
    change(path, Permissions::from_mode(mode & !OTHERS)).map_err(exposed)?;
    if self::mode(path)?.is_some_and(|mode| mode & OTHERS != 0) {
        return Err(exposed(io::Error::other("the file system does not store permissions")));
    }
    Ok(Some(mode))
}

/// The mode of a file, if it exists.
fn mode(path: &Path) -> Result<Option<u32>, OpenError> {
    match fs::metadata(path) {
        Ok(found) => Ok(Some(found.mode() & 0o777)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(OpenError::File { path: path.into(), source }),
    }
}

/// Whether others can replace files in a directory of this mode. With the sticky bit, as in `/tmp`,
/// they can replace only their own.
const fn can_others_replace(mode: u32) -> bool {
    mode & 0o1002 == 0o002
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::open_writer;
    use rusqlite::Connection;
    use std::os::unix::fs::symlink;

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn the_permissions_of_others_are_removed() {
        let dir = tempfile::tempdir().unwrap();
        let [path, link] = ["headroom.db", "link.db"].map(|name| dir.path().join(name));
        symlink(&path, &link).unwrap();
        let first = open_writer(&path).unwrap();
        first.execute_batch("PRAGMA user_version = 1").unwrap();
        let files = ["headroom.db", "headroom.db-wal", "headroom.db-shm"].map(|name| dir.path().join(name));
        for (found, left) in
            [(0o600, 0o600), (0o660, 0o660), (0o644, 0o640), (0o666, 0o660), (0o602, 0o600), (0o601, 0o600)]
        {
            for opened in [&path, &link] {
                for file in &files {
                    set_mode(file, found);
                }
                drop(open_writer(opened).unwrap());
                for file in &files {
                    assert_eq!(mode(file).unwrap(), Some(left), "{found:o} {file:?}");
                }
            }
        }
    }

    #[test]
    fn a_foreign_database_keeps_its_permissions() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("crm.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE customers (id INTEGER)").unwrap();
        set_mode(&path, 0o644);
        assert!(matches!(open_writer(&path), Err(OpenError::Foreign { .. })));
        assert_eq!(mode(&path).unwrap(), Some(0o644));
    }

    #[test]
    fn a_file_whose_permissions_cannot_be_changed_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db");
        fs::write(&path, "").unwrap();
        set_mode(&path, 0o646);
        let not_ours = restrict(&path, |_, _| Err(io::ErrorKind::PermissionDenied.into())).unwrap_err().to_string();
        let without_effect = restrict(&path, |_, _| Ok(())).unwrap_err().to_string();
        for (refusal, reason) in [(not_ours, "permission denied"), (without_effect, "does not store permissions")] {
            let advice = format!("chmod o-rwx {}", path.display());
            assert!(refusal.contains("(mode 646)") && refusal.contains(&advice), "{refusal}");
            assert!(refusal.contains(reason), "{refusal}");
        }
        assert!(matches!(restrict(&dir.path().join("headroom.db-wal"), |_, _| panic!("it is not there")), Ok(None)));
    }

    #[test]
    fn others_can_replace_files_without_a_sticky_bit() {
        for (mode, can) in
            [(0o755, false), (0o770, false), (0o1777, false), (0o777, true), (0o2777, true), (0o733, true)]
        {
            assert_eq!(can_others_replace(mode), can, "{mode:o}");
        }
    }
}
