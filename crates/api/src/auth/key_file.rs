//! The key file: it is replaced atomically, so that every process reads the old or the new ring.

use std::path::{Path, PathBuf};

use domain::Timestamp;
use domain::ports::Clock;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::keys::{Algorithm, GenerateError, Key, KeyRing};
use super::private_file::{self, PrivateFileError};
use crate::clock::SystemClock;

/// Why the keys could not be used or changed.
#[derive(Debug, Error)]
pub enum KeyFileError {
    /// The file could not be used.
    #[error(transparent)]
    File(#[from] PrivateFileError),
    /// No key could be made.
    #[error(transparent)]
    Generate(#[from] GenerateError),
    /// The content of the file is invalid.
    #[error("{path} holds no keys of Headroom's: {fault}; restore it, or delete it: the next start creates a new key")]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: String,
    },
    /// The file does not exist.
    #[error("there are no keys at {path}: the first start of the server creates them")]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// No key has this id.
    #[error("there is no key {id}: headroom keys list shows all keys")]
    UnknownKey {
        /// The key.
        id: String,
    },
    /// The key signs, and cannot be removed.
    #[error("the key {id} is the newest, the one that signs: headroom keys rotate first")]
    NewestKey {
        /// The key.
        id: String,
    },
}

/// A key as it is stored.
#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct StoredKey {
    #[serde(rename = "kid")]
    pub(crate) id: String,
    #[serde(rename = "alg", with = "as_text")]
    pub(crate) algorithm: Algorithm,
    #[serde(with = "as_text")]
    pub(crate) created_at: Timestamp,
    #[serde(rename = "key", with = "as_base64url")]
    material: SecretSlice<u8>,
}

impl StoredKey {
    fn new(algorithm: Algorithm, material: SecretSlice<u8>) -> Option<Self> {
        let id = Key::new(algorithm, material.expose_secret()).ok()?.id;
        let now = SystemClock.now();
        let created_at = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Some(Self { id, algorithm, created_at, material })
    }

    fn generate(algorithm: Algorithm) -> Result<Self, GenerateError> {
        Self::new(algorithm, algorithm.generate()?).ok_or(GenerateError)
    }
}

/// The default path of a database's key file.
pub(crate) fn beside(database: &Path) -> PathBuf {
    let mut path = database.as_os_str().to_owned();
    path.push(".keys");
    path.into()
}

/// The file of the single secret of earlier versions.
fn single_secret_path(path: &Path) -> PathBuf {
    path.with_extension("jwt-secret")
}

/// Creates the file with one key, unless it exists. Processes that start concurrently end up with
/// the same key.
///
/// The single secret of an earlier version becomes the oldest key, and signs if it is of this
/// algorithm.
pub(crate) fn create_if_missing(path: &Path, algorithm: Algorithm) -> Result<(), KeyFileError> {
    match private_file::read(path) {
        Err(error) if error.is_not_found() => {}
        result => return Ok(result.map(drop)?),
    }
    let mut keys = Vec::from_iter(read_single_secret(&single_secret_path(path))?);
    if keys.last().is_none_or(|key| key.algorithm != algorithm) {
        keys.push(StoredKey::generate(algorithm)?);
    }
    private_file::create(path, &to_text(&keys))?;
    Ok(private_file::remove(&single_secret_path(path))?)
}

fn read_single_secret(path: &Path) -> Result<Option<StoredKey>, KeyFileError> {
    let secret = match private_file::read(path) {
        Err(error) if error.is_not_found() => return Ok(None),
        secret => secret?,
    };
    let material = secret.expose_secret().trim().as_bytes().to_vec().into();
    let key = StoredKey::new(Algorithm::Hs256, material);
    let too_short = || KeyFileError::Corrupt { path: path.into(), fault: "the secret is too short".into() };
    Ok(Some(key.ok_or_else(too_short)?))
}

/// The text of the file, and the ring in it.
pub(crate) fn read(path: &Path) -> Result<(SecretString, KeyRing), KeyFileError> {
    let text = read_text(path)?;
    let ring = parse(path, &text)?;
    Ok((text, ring))
}

pub(crate) fn read_text(path: &Path) -> Result<SecretString, KeyFileError> {
    Ok(private_file::read(path)?)
}

/// The text of the file, with valid keys; `None` if it does not exist.
pub(crate) fn find(path: &Path) -> Result<Option<SecretString>, KeyFileError> {
    match read(path) {
        Err(KeyFileError::File(error)) if error.is_not_found() => Ok(None),
        result => result.map(|(text, _)| Some(text)),
    }
}

/// Replaces the file by one with this text, or creates it.
pub(crate) fn put(path: &Path, text: &SecretString) -> Result<(), KeyFileError> {
    Ok(private_file::replace(path, text)?)
}

/// The ring in the text of a file.
pub(crate) fn parse(path: &Path, text: &SecretString) -> Result<KeyRing, KeyFileError> {
    let corrupt = |fault: String| KeyFileError::Corrupt { path: path.into(), fault };
    let keys = stored(path, text)?.into_iter().map(|stored| {
        let key = Key::new(stored.algorithm, stored.material.expose_secret());
        let key = key.map_err(|_| corrupt(format!("{} is no key for {}", stored.id, stored.algorithm)))?;
        // Tokens name the key by the stored id, even if ids are derived differently today.
        Ok(Key { id: stored.id, ..key })
    });
    let mut keys = keys.collect::<Result<Vec<_>, KeyFileError>>()?;
    let newest = keys.pop().ok_or_else(|| corrupt("it is empty".into()))?;
    Ok(KeyRing::new(newest, keys.into_iter().rev().map(Into::into)))
}

/// The keys of a file, the oldest first.
fn stored(path: &Path, text: &SecretString) -> Result<Vec<StoredKey>, KeyFileError> {
    let corrupt = |fault| KeyFileError::Corrupt { path: path.into(), fault };
    // Only the place of the fault: its description could quote a key.
    let keys: Vec<StoredKey> = serde_json::from_str(text.expose_secret())
        .map_err(|error| corrupt(format!("line {}, column {}", error.line(), error.column())))?;
    for (at, key) in keys.iter().enumerate() {
        let is_name = |id: &str| {
            (1..=64).contains(&id.len()) && id.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-' || it == b'_')
        };
        if !is_name(&key.id) || keys[..at].iter().any(|earlier| earlier.id == key.id) {
            return Err(corrupt(format!("key {} has an invalid or duplicate name", at + 1)));
        }
    }
    Ok(keys)
}

/// All keys, the oldest first.
pub(crate) fn list(path: &Path) -> Result<Vec<StoredKey>, KeyFileError> {
    match private_file::read(path) {
        Err(error) if error.is_not_found() => Err(KeyFileError::Missing { path: path.into() }),
        text => stored(path, &text?),
    }
}

/// Adds a new key, which signs from now on. The default algorithm is the newest key's.
pub(crate) fn rotate(path: &Path, algorithm: Option<Algorithm>) -> Result<StoredKey, KeyFileError> {
    if single_secret_path(path).exists() {
        create_if_missing(path, Algorithm::Hs256)?;
    }
    change(path, |keys| {
        let present = keys.last().map_or(Algorithm::Hs256, |key| key.algorithm);
        keys.push(StoredKey::generate(algorithm.unwrap_or(present))?);
        Ok(())
    })?
    .pop()
    .ok_or(KeyFileError::Generate(GenerateError))
}

/// Removes a key: its tokens are refused from now on.
pub(crate) fn remove(path: &Path, id: &str) -> Result<(), KeyFileError> {
    let change = change(path, |keys| {
        let unknown = || KeyFileError::UnknownKey { id: id.into() };
        let at = keys.iter().position(|key| key.id == id).ok_or_else(unknown)?;
        if at + 1 == keys.len() {
            return Err(KeyFileError::NewestKey { id: id.into() });
        }
        keys.remove(at);
        Ok(())
    });
    change.map(drop)
}

/// Reads, changes and writes the keys under the file's lock, and returns the new ones.
fn change(
    path: &Path,
    change: impl FnOnce(&mut Vec<StoredKey>) -> Result<(), KeyFileError>,
) -> Result<Vec<StoredKey>, KeyFileError> {
    let lock = match private_file::lock(path) {
        Err(error) if error.is_not_found() => return Err(KeyFileError::Missing { path: path.into() }),
        lock => lock?,
    };
    // An invalid ring is not overwritten.
    let text = read(path)?.0;
    let mut keys = stored(path, &text)?;
    change(&mut keys)?;
    private_file::replace(path, &to_text(&keys))?;
    drop(lock);
    Ok(keys)
}

fn to_text(keys: &[StoredKey]) -> SecretString {
    let mut text = serde_json::to_string_pretty(keys).unwrap_or_default();
    text.push('\n');
    text.into()
}

/// Serializes a value as its text.
mod as_text {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<T: Display, S: Serializer>(value: &T, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, T: FromStr, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(|_| D::Error::custom("invalid text"))
    }
}

/// Secret bytes.
mod as_base64url {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;
    use secrecy::{ExposeSecret, SecretSlice, SecretString};
    use serde::de::Error;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(bytes: &SecretSlice<u8>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&URL_SAFE_NO_PAD.encode(bytes.expose_secret()))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretSlice<u8>, D::Error> {
        let text = SecretString::from(String::deserialize(deserializer)?);
        let bytes = URL_SAFE_NO_PAD.decode(text.expose_secret()).map_err(|_| D::Error::custom("not base64url"))?;
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    use std::thread;

    fn new_ring(algorithm: Algorithm) -> (tempfile::TempDir, PathBuf) {
        let dir = tempfile::tempdir().unwrap();
        let path = beside(&dir.path().join("headroom.db"));
        create_if_missing(&path, algorithm).unwrap();
        (dir, path)
    }

    fn ids(path: &Path) -> Vec<String> {
        list(path).unwrap().into_iter().map(|key| key.id).collect()
    }

    #[test]
    fn a_new_file_has_one_key_and_is_private() {
        for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
            let (dir, path) = new_ring(algorithm);
            let made = ids(&path);
            create_if_missing(&path, Algorithm::Hs256).unwrap();
            assert_eq!((made.len(), ids(&path)), (1, made));
            assert_eq!(list(&path).unwrap()[0].algorithm, algorithm);
            assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
            assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        }
    }

    #[test]
    fn processes_that_start_concurrently_have_the_same_key() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db.keys");
        let started = thread::scope(|scope| {
            let start = || {
                create_if_missing(&path, Algorithm::Hs256).unwrap();
                ids(&path)
            };
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(start)).collect();
            threads.into_iter().map(|it| it.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(started.iter().all(|ids| *ids == started[0] && ids.len() == 1), "{started:?}");
    }

    #[test]
    fn a_new_key_signs_and_the_old_ones_verify_until_they_are_removed() {
        let (_dir, path) = new_ring(Algorithm::Hs256);
        let first = ids(&path).remove(0);
        let second = rotate(&path, Some(Algorithm::EdDsa)).unwrap().id;
        let third = rotate(&path, None).unwrap();
        assert_eq!(third.algorithm, Algorithm::EdDsa, "of the newest key's algorithm");
        let (_, ring) = read(&path).unwrap();
        assert_eq!(ring.newest().id, third.id);
        assert!(ring.find(&first).is_some() && ring.find(&second).is_some());
        assert!(matches!(remove(&path, &third.id), Err(KeyFileError::NewestKey { .. })));
        assert!(matches!(remove(&path, "another"), Err(KeyFileError::UnknownKey { .. })));
        remove(&path, &first).unwrap();
        assert_eq!(ids(&path), [second, third.id]);
        assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn keys_that_are_added_concurrently_are_all_stored() {
        let (_dir, path) = new_ring(Algorithm::Hs256);
        thread::scope(|scope| {
            (0..16).for_each(|_| drop(scope.spawn(|| rotate(&path, None).unwrap())));
        });
        assert_eq!(ids(&path).len(), 17);
    }

    #[test]
    fn the_secret_of_an_earlier_version_is_the_oldest_key() {
        for (algorithm, keys) in [(Algorithm::Hs256, 1), (Algorithm::EdDsa, 2)] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("headroom.db.keys");
            let (secret_path, secret) = (dir.path().join("headroom.db.jwt-secret"), "s".repeat(64));
            private_file::create(&secret_path, &format!("{secret}\n").into()).unwrap();
            create_if_missing(&path, algorithm).unwrap();
            let theirs = Key::new(Algorithm::Hs256, secret.as_bytes()).unwrap().id;
            assert_eq!((ids(&path).len(), &ids(&path)[0]), (keys, &theirs));
            assert!(!secret_path.exists(), "it is kept twice");
        }
    }

    #[test]
    fn an_invalid_secret_of_an_earlier_version_is_refused_and_kept() {
        let dir = tempfile::tempdir().unwrap();
        let (path, secret) = (dir.path().join("x.keys"), dir.path().join("x.jwt-secret"));
        private_file::create(&secret, &"short".into()).unwrap();
        assert!(matches!(create_if_missing(&path, Algorithm::Hs256), Err(KeyFileError::Corrupt { .. })));
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
        assert!(matches!(create_if_missing(&path, Algorithm::Hs256), Err(KeyFileError::File(_))));
        assert!(secret.exists() && !path.exists());
    }

    #[test]
    fn the_refusal_of_an_invalid_file_does_not_quote_a_key() {
        let (_dir, path) = new_ring(Algorithm::Hs256);
        let good = fs::read_to_string(&path).unwrap();
        let twice = format!("[{0},{0}]", good.trim().trim_matches(['[', ']']));
        let key = good.split("\"key\": \"").nth(1).unwrap().split('"').next().unwrap();
        for bad in [
            String::new(),
            "[]".into(),
            good[..good.len() / 2].into(),
            twice,
            good.replace("HS256", "none"),
            good.replace("HS256", key),
            good.replace("HS256", "EdDSA"),
            good.replace(key, &key[..20]),
            good.replace(key, &format!("{key}=")),
            good.replace(&format!("\"{key}\""), &format!("[\"{key}\"]")),
            good.replace("\"alg\"", "\"algorithm\""),
            good.replace(&ids_of(&good), "a name"),
        ] {
            fs::write(&path, &bad).unwrap();
            for refusal in [read(&path).map(drop), rotate(&path, None).map(drop)] {
                let message = refusal.expect_err(&bad).to_string();
                assert!(message.contains("headroom.db.keys holds no keys") && !message.contains(key), "{message}");
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), bad, "it is changed");
        }
    }

    fn ids_of(text: &str) -> String {
        text.split("\"kid\": \"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    }

    #[test]
    fn changes_without_a_key_file_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db.keys");
        for refusal in [list(&path).map(drop), rotate(&path, None).map(drop), remove(&path, "x")] {
            assert!(matches!(refusal, Err(KeyFileError::Missing { .. })));
        }
        assert!(!path.exists());
    }
}
