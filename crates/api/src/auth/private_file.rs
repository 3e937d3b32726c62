//! Files with secrets in them: closed to others, written whole or not at all, and still there after a power cut.

use std::fs::{self, File, Metadata, OpenOptions, Permissions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use secrecy::{ExposeSecret, SecretString};
use storage::secret_file::{self, SecretFileError};
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
        /// What stood in the way.
        source: io::Error,
    },
    /// The file is not there, or others can get at it.
    #[error(transparent)]
    Secret(#[from] SecretFileError),
    /// The machine has no randomness to give.
    #[error("cannot name a file: {0}")]
    Random(getrandom::Error),
}

impl PrivateFileError {
    /// Whether there is no such file.
    pub(crate) fn is_not_found(&self) -> bool {
        match self {
            Self::File { source, .. } | Self::Secret(SecretFileError::File { source, .. }) => {
                source.kind() == ErrorKind::NotFound
            }
            _ => false,
        }
    }
}

/// Reads the file, if others cannot get at it.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn read(path: &Path) -> Result<SecretString, PrivateFileError> {
    let mut text = String::new();
    let read = secret_file::open(path)?.read_to_string(&mut text);
    read.map_err(|source| PrivateFileError::File { path: path.into(), source })?;
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

/// Replaces the content of the file: a reader sees all of the old one or all of the new one. What the file's
/// group may do with it stays.
///
/// # Errors
/// [`PrivateFileError`].
pub(crate) fn replace(path: &Path, content: &SecretString) -> Result<(), PrivateFileError> {
    publish(path, content, |draft| {
        match fs::metadata(path) {
            Ok(present) if present.mode() & GROUP != 0 => open_to_group(draft, &present)?,
            _ => {}
        }
        fs::rename(draft, path)
    })
}

/// Gives a draft to the group of the file that it replaces, with the same permissions.
fn open_to_group(draft: &Path, present: &Metadata) -> io::Result<()> {
    let file = File::open(draft)?;
    if file.metadata()?.gid() != present.gid() {
        fchown(&file, None, Some(present.gid()))?;
    }
    file.set_permissions(Permissions::from_mode(0o600 | present.mode() & GROUP))?;
    file.sync_all()
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
    fn a_file_that_others_can_get_at_is_refused() {
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
    fn what_the_group_may_do_with_a_file_stays_when_it_is_replaced() {
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
