//! Files with secrets, such as keys, which are opened only if other users of the machine can
//! neither read nor write them.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use thiserror::Error;

/// The permissions of users who are neither the owner of a file nor in its group.
pub(crate) const OTHERS: u32 = 0o007;

/// Why a file with secrets was refused.
#[derive(Debug, Error)]
pub enum SecretFileError {
    /// The file cannot be opened.
    #[error("cannot use the secrets in {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
    /// Users who are neither its owner nor in its group can read or write the file.
    #[error(
        "{path} can be read or written by others (mode {mode:03o}): chmod o-rwx {path}, and replace its keys if they may \
         have been read"
    )]
    Others {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The file belongs to another user, who can change it regardless of its permissions.
    #[error(
        "{path} belongs to user {owner}, and this process runs as user {user}: run it as user {owner}, or \
         chown {user} {path}"
    )]
    Owner {
        /// The file.
        path: PathBuf,
        /// The id of its owner.
        owner: u32,
        /// The id of the user of this process.
        user: u32,
    },
}

/// Opens a file with secrets for reading. The permissions of a symbolic link are those of its
/// target.
///
/// The group may have any permission: in Kubernetes the files of a Secret belong to root and to the
/// pod's `fsGroup`.
///
/// # Errors
/// [`SecretFileError`].
pub fn open(path: &Path) -> Result<File, SecretFileError> {
    let file_error = |source| SecretFileError::File { path: path.into(), source };
    let file = File::open(path).map_err(file_error)?;
    let found = file.metadata().map_err(file_error)?;
    check_access(path, found.mode() & 0o777, found.uid(), rustix::process::geteuid().as_raw())?;
    Ok(file)
}

/// Checks that only `user`, root and the group can access a file with this mode and owner.
fn check_access(path: &Path, mode: u32, owner: u32, user: u32) -> Result<(), SecretFileError> {
    if mode & OTHERS != 0 {
        Err(SecretFileError::Others { path: path.into(), mode })
    } else if owner == user || owner == 0 {
        Ok(())
    } else {
        Err(SecretFileError::Owner { path: path.into(), owner, user })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, Permissions};
    use std::os::unix::fs::{PermissionsExt, symlink};

    #[test]
    fn a_secret_file_belongs_to_its_user_or_root_and_excludes_others() {
        let (ours, theirs) = (1000, 1001);
        for (mode, owner, refused) in [
            (0o600, ours, None),
            (0o400, ours, None),
            (0o640, ours, None),
            (0o660, ours, None),
            (0o770, ours, None),
            // As Kubernetes mounts a Secret for an fsGroup.
            (0o440, 0, None),
            (0o400, 0, None),
            (0o601, ours, Some("chmod o-rwx /run/key")),
            (0o602, ours, Some("chmod o-rwx /run/key")),
            (0o604, ours, Some("(mode 604)")),
            (0o644, 0, Some("(mode 644)")),
            (0o666, theirs, Some("can be read or written by others")),
            (0o600, theirs, Some("chown 1000 /run/key")),
            (0o640, theirs, Some("belongs to user 1001, and this process runs as user 1000")),
        ] {
            let checked = check_access(Path::new("/run/key"), mode, owner, ours);
            match (checked, refused) {
                (Ok(()), None) => {}
                (Err(error), Some(words)) => assert!(error.to_string().contains(words), "{error}"),
                (checked, _) => panic!("{mode:o} {owner}: {checked:?}"),
            }
        }
        // Root is no exception: a file that another user can change is not root's secret.
        assert!(check_access(Path::new("key"), 0o600, ours, 0).is_err());
        assert!(check_access(Path::new("key"), 0o600, 0, 0).is_ok());
    }

    #[test]
    fn the_permissions_of_a_link_are_those_of_its_target() {
        let dir = tempfile::tempdir().unwrap();
        let (data, link) = (dir.path().join("..data"), dir.path().join("key"));
        fs::write(&data, "secret").unwrap();
        symlink(&data, &link).unwrap();
        for (mode, is_good) in [(0o640, true), (0o600, true), (0o644, false), (0o602, false)] {
            fs::set_permissions(&data, Permissions::from_mode(mode)).unwrap();
            for path in [&data, &link] {
                assert_eq!(open(path).is_ok(), is_good, "{mode:o} {path:?}");
            }
        }
        assert!(matches!(open(&dir.path().join("none")), Err(SecretFileError::File { .. })));
    }
}
