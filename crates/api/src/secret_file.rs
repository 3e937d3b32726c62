//! The secret that tokens are signed with when none is given: made once, kept beside the database, for its owner only.

use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use secrecy::SecretString;
use thiserror::Error;

use crate::config::JWT_SECRET_BYTES_MIN;

/// Why the secret could not be used.
#[derive(Debug, Error)]
pub enum SecretFileError {
    /// The file could not be read or written.
    #[error("cannot use the JWT secret in {path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// What stood in the way.
        source: std::io::Error,
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
    /// The file is not one that was made here.
    #[error("{path} holds fewer than {JWT_SECRET_BYTES_MIN} bytes: delete it to have a new secret made")]
    TooShort {
        /// The file.
        path: PathBuf,
    },
    /// The machine has no randomness to give.
    #[error("cannot make a JWT secret: {0}")]
    Random(getrandom::Error),
}

/// Reads the secret, or makes one of 256 random bits if there is no file. Of several processes that start at once, all
/// end up with the same.
///
/// # Errors
/// [`SecretFileError`].
pub(crate) fn read_or_create(path: &Path) -> Result<SecretString, SecretFileError> {
    let file_error = |source| SecretFileError::File { path: path.into(), source };
    match read(path) {
        Err(SecretFileError::File { source, .. }) if source.kind() == ErrorKind::NotFound => {}
        result => return result,
    }
    // Written whole under a name of its own first: another process sees all of it or nothing.
    let draft = draft_path(path)?;
    let created = write_new(&draft).and_then(|()| match fs::hard_link(&draft, path) {
        Err(source) if source.kind() != ErrorKind::AlreadyExists => Err(file_error(source)),
        _ => Ok(()),
    });
    fs::remove_file(&draft).map_err(file_error)?;
    created?;
    // The name, too, outlives a power cut.
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(file_error)?;
    read(path)
}

/// A name that no other process uses, not even one of the same number in another container.
fn draft_path(path: &Path) -> Result<PathBuf, SecretFileError> {
    let mut draft = path.as_os_str().to_owned();
    draft.push(format!(".{:016x}", getrandom::u64().map_err(SecretFileError::Random)?));
    Ok(draft.into())
}

fn read(path: &Path) -> Result<SecretString, SecretFileError> {
    let file_error = |source| SecretFileError::File { path: path.into(), source };
    let mode = fs::metadata(path).map_err(file_error)?.mode() & 0o777;
    if mode & 0o077 != 0 {
        return Err(SecretFileError::Exposed { path: path.into(), mode });
    }
    let secret = fs::read_to_string(path).map_err(file_error)?;
    if secret.trim().len() < JWT_SECRET_BYTES_MIN {
        return Err(SecretFileError::TooShort { path: path.into() });
    }
    Ok(SecretString::from(secret.trim()))
}

fn write_new(path: &Path) -> Result<(), SecretFileError> {
    let mut halves = [[0_u8; 16]; 2];
    getrandom::fill(halves.as_flattened_mut()).map_err(SecretFileError::Random)?;
    let [first, second] = halves.map(u128::from_ne_bytes);
    let write = || {
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
        writeln!(file, "{first:032x}{second:032x}")?;
        file.sync_all()
    };
    write().map_err(|source| SecretFileError::File { path: path.into(), source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_secret_is_made_once_for_its_owner_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db.jwt-secret");
        let secret = read_or_create(&path).unwrap();
        assert_eq!(secret.expose_secret().len(), 64);
        assert_eq!(read_or_create(&path).unwrap().expose_secret(), secret.expose_secret());
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn processes_that_start_at_once_have_the_same_secret() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jwt-secret");
        write_new(&path).unwrap();
        let theirs = read(&path).unwrap();
        assert_eq!(read_or_create(&path).unwrap().expose_secret(), theirs.expose_secret());
    }

    #[test]
    fn a_secret_that_others_can_read_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jwt-secret");
        read_or_create(&path).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(read_or_create(&path), Err(SecretFileError::Exposed { mode: 0o644, .. })));
    }

    #[test]
    fn a_file_without_a_secret_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("jwt-secret");
        write_new(&path).unwrap();
        fs::write(&path, "short\n").unwrap();
        assert!(matches!(read_or_create(&path), Err(SecretFileError::TooShort { .. })));
    }
}
