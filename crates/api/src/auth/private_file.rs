//! Files with secrets: private to their owner, written atomically, and durable after a power cut.

use std::fs::{self, File, Metadata, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use storage::secret_file::{self, SecretFileError};
use tempfile::{Builder, NamedTempFile, PersistError};
use thiserror::Error;

/// The permissions of a file's group.
const GROUP: u32 = 0o070;

/// Why a file with secrets could not be used.
#[derive(Debug, Error)]
pub enum PrivateFileError {
    /// The file could not be read or written.
    #[error("cannot use the secrets in {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: io::Error,
    },
    /// The file does not exist, or other users have access to it.
    #[error(transparent)]
    Secret(#[from] SecretFileError),
}

impl PrivateFileError {
    /// Whether the file does not exist.
    pub(crate) fn is_not_found(&self) -> bool {
        match self {
            Self::File { source, .. } | Self::Secret(SecretFileError::File { source, .. }) => {
                source.kind() == ErrorKind::NotFound
            }
            Self::Secret(_) => false,
        }
    }
}

/// Reads the file, unless other users have access to it.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn read(path: &Path) -> Result<SecretString, PrivateFileError> {
    let mut text = String::new();
    let read = secret_file::open(path)?.read_to_string(&mut text);
    read.map_err(|source| PrivateFileError::File { path: path.into(), source })?;
    Ok(text.into())
}

/// Creates the file, unless it exists. Processes that do this concurrently end up with the same
/// file.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn create(path: &Path, content: &SecretString) -> Result<(), PrivateFileError> {
    publish(path, content, |draft| match draft.persist_noclobber(path) {
        Err(PersistError { error, .. }) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    })
}

/// Replaces the content of the file atomically. The permissions of the file's group stay.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn replace(path: &Path, content: &SecretString) -> Result<(), PrivateFileError> {
    publish(path, content, |draft| {
        match fs::metadata(path) {
            Ok(present) if present.mode() & GROUP != 0 => open_to_group(draft.as_file(), &present)?,
            _ => {}
        }
        draft.persist(path).map_err(|error| error.error)?;
        Ok(())
    })
}

/// Gives a draft to the group of the file that it replaces, with the same permissions.
fn open_to_group(draft: &File, present: &Metadata) -> io::Result<()> {
    if draft.metadata()?.gid() != present.gid() {
        fchown(draft, None, Some(present.gid()))?;
    }
    draft.set_permissions(Permissions::from_mode(0o600 | present.mode() & GROUP))?;
    draft.sync_all()
}

/// Waits for the lock of the file, and holds it until the returned file is dropped.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn lock(path: &Path) -> Result<File, PrivateFileError> {
    let lock = || {
        loop {
            let file = File::open(path)?;
            file.lock()?;
            let (held, present) = (file.metadata()?, fs::metadata(path)?);
            // The process that held the lock may have replaced the file meanwhile.
            if (held.dev(), held.ino()) == (present.dev(), present.ino()) {
                return Ok(file);
            }
        }
    };
    lock().map_err(|source| PrivateFileError::File { path: path.into(), source })
}

/// Removes the file.
///
/// # Errors
/// [`PrivateFileError`], but not for a file that does not exist.
pub(crate) fn remove(path: &Path) -> Result<(), PrivateFileError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(PrivateFileError::File { path: path.into(), source })
        }
        _ => Ok(()),
    }
}

/// Writes a draft beside the file, and lets `give_name` move it to its place atomically. A draft
/// that is not moved is removed.
fn publish(
    path: &Path,
    content: &SecretString,
    give_name: impl FnOnce(NamedTempFile) -> io::Result<()>,
) -> Result<(), PrivateFileError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let write = || {
        let name = path.file_name().unwrap_or_default();
        // Readable and writable by its owner only.
        let mut draft = Builder::new().prefix(name).tempfile_in(folder)?;
        draft.write_all(content.expose_secret().as_bytes())?;
        draft.as_file().sync_all()?;
        give_name(draft)?;
        // The directory entry, too, survives a power cut.
        File::open(folder)?.sync_all()
    };
    write().map_err(|source| PrivateFileError::File { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(path: &Path) -> String {
        read(path).unwrap().expose_secret().to_owned()
    }

    #[test]
    fn a_file_is_created_private_and_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        create(&path, &"one".into()).unwrap();
        create(&path, &"two".into()).unwrap();
        assert_eq!(text(&path), "one");
        replace(&path, &"three".into()).unwrap();
        assert_eq!(text(&path), "three");
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_file_that_other_users_can_access_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        create(&path, &"one".into()).unwrap();
        for (mode, is_good) in [(0o640, true), (0o660, true), (0o644, false), (0o602, false)] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let refused = matches!(read(&path), Err(PrivateFileError::Secret(SecretFileError::Others { .. })));
            assert_eq!(refused, !is_good, "{mode:o}");
        }
    }

    #[test]
    fn the_groups_permissions_stay_when_a_file_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        create(&path, &"one".into()).unwrap();
        for (mode, left) in [(0o640, 0o640), (0o460, 0o660), (0o600, 0o600), (0o644, 0o640)] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let before = path.metadata().unwrap();
            replace(&path, &"two".into()).unwrap();
            let after = path.metadata().unwrap();
            assert_eq!((after.mode() & 0o777, after.gid()), (left, before.gid()), "{mode:o}");
            assert_eq!(text(&path), "two");
        }
    }

    #[test]
    fn a_failed_replacement_leaves_no_draft() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::create_dir(&path).unwrap();
        assert!(matches!(replace(&path, &"one".into()), Err(PrivateFileError::File { .. })));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(read(&dir.path().join("another")).unwrap_err().is_not_found());
        remove(&dir.path().join("another")).unwrap();
    }
}
