//! Files with secrets in them: for their owner only, written whole or not at all, and still there after a power cut.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use thiserror::Error;

/// Why a file with secrets could not be used.
#[derive(Debug, Error)]
pub enum PrivateFileError {
    /// The file could not be read or written.
    #[error("cannot use the secrets in {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What stood in the way.
        source: io::Error,
    },
    /// Others than its owner can read or write the file.
    #[error(
        "{path} can be read or written by others (mode {mode:03o}): chmod 600 {path}, and delete it if it may have been read"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
        /// Its permissions.
        mode: u32,
    },
    /// The machine has no randomness to give.
    #[error("cannot name a file: {0}")]
    Random(getrandom::Error),
}

impl PrivateFileError {
    /// Whether there is no such file.
    pub(crate) fn is_not_found(&self) -> bool {
        matches!(self, Self::File { source, .. } if source.kind() == ErrorKind::NotFound)
    }
}

/// Reads the file, if it is for its owner only.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn read(path: &Path) -> Result<SecretString, PrivateFileError> {
    let file_error = |source| PrivateFileError::File { path: path.into(), source };
    let mut file = File::open(path).map_err(file_error)?;
    let mode = file.metadata().map_err(file_error)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(PrivateFileError::Exposed { path: path.into(), mode });
    }
    let mut text = String::new();
    file.read_to_string(&mut text).map_err(file_error)?;
    Ok(text.into())
}

/// Makes the file, unless there is one: of several processes that do this at once, all find the same.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn create(path: &Path, content: &SecretString) -> Result<(), PrivateFileError> {
    publish(path, content, |draft| match fs::hard_link(draft, path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => fs::remove_file(draft),
    })
}

/// Puts another content in the file's place: whoever reads it sees all of the one or all of the other.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn replace(path: &Path, content: &SecretString) -> Result<(), PrivateFileError> {
    publish(path, content, |draft| fs::rename(draft, path))
}

/// Waits until no other process has the file locked, and locks it until the answer is dropped.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn lock(path: &Path) -> Result<File, PrivateFileError> {
    let lock = || {
        loop {
            let file = File::open(path)?;
            file.lock()?;
            let (held, present) = (file.metadata()?, fs::metadata(path)?);
            // Whoever held the lock may have put another file in its place meanwhile.
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
/// [`PrivateFileError`], but not for a file that is not there.
pub(crate) fn remove(path: &Path) -> Result<(), PrivateFileError> {
    match fs::remove_file(path) {
        Err(source) if source.kind() != ErrorKind::NotFound => {
            Err(PrivateFileError::File { path: path.into(), source })
        }
        _ => Ok(()),
    }
}

/// Writes a draft under a name of its own, and lets `give_name` put it where it belongs: others see all of it or nothing.
fn publish(
    path: &Path,
    content: &SecretString,
    give_name: impl FnOnce(&Path) -> io::Result<()>,
) -> Result<(), PrivateFileError> {
    let draft = draft_path(path)?;
    let result = write_new(&draft, content).and_then(|()| give_name(&draft));
    if result.is_err() {
        // What went wrong is told; that a draft is left is not worse.
        let _ = fs::remove_file(&draft);
    }
    // The name, too, outlives a power cut.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    result
        .and_then(|()| File::open(folder)?.sync_all())
        .map_err(|source| PrivateFileError::File { path: path.into(), source })
}

/// A name that no other process uses, not even one of the same number in another container.
fn draft_path(path: &Path) -> Result<PathBuf, PrivateFileError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", getrandom::u64().map_err(PrivateFileError::Random)?));
    Ok(draft.into())
}

fn write_new(path: &Path, content: &SecretString) -> io::Result<()> {
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content.expose_secret().as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn text(path: &Path) -> String {
        read(path).unwrap().expose_secret().to_owned()
    }

    #[test]
    fn a_file_is_made_once_for_its_owner_only_and_replaced_whole() {
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
    fn a_file_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        create(&path, &"one".into()).unwrap();
        for mode in [0o644, 0o640, 0o602] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            assert!(matches!(read(&path), Err(PrivateFileError::Exposed { mode: found, .. }) if found == mode));
        }
    }

    #[test]
    fn what_cannot_be_put_in_place_leaves_no_draft() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("secret");
        fs::create_dir(&path).unwrap();
        assert!(matches!(replace(&path, &"one".into()), Err(PrivateFileError::File { .. })));
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        assert!(read(&dir.path().join("another")).unwrap_err().is_not_found());
        remove(&dir.path().join("another")).unwrap();
    }
}
