//! The key ring of a running server: a rotation of the keys needs no restart.
//!
//! The file is read every second: that is cheap, and more reliable than its modification time. An
//! unknown key in a token makes it read immediately, at most once a second. If the file cannot be
//! read, the current ring stays in use.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant};

use actix_web::rt::time::interval;
use secrecy::{ExposeSecret, SecretString};

use super::key_file::{self, KeyFileError};
use super::keys::{Algorithm, Key, KeyRing};

/// How often the file is read.
const REFRESH_EVERY: Duration = Duration::from_secs(1);

/// The current keys.
pub struct LiveKeys {
    ring: RwLock<Arc<KeyRing>>,
    source: Option<Source>,
}

/// The file of keys that can change.
struct Source {
    path: PathBuf,
    /// The previous key of the environment. It still verifies.
    previous: Option<Arc<Key>>,
    seen: Mutex<Seen>,
}

/// The last content of the file.
struct Seen {
    text: SecretString,
    fault: Option<String>,
    /// When an unknown key last caused a read.
    asked_at: Option<Instant>,
}

impl LiveKeys {
    /// Keys that do not change.
    pub(crate) fn fixed(ring: KeyRing) -> Self {
        Self { ring: RwLock::new(Arc::new(ring)), source: None }
    }

    /// The keys of a file, which is created if missing, and `previous`.
    pub(crate) fn of_file(path: PathBuf, algorithm: Algorithm, previous: Option<Key>) -> Result<Self, KeyFileError> {
        key_file::create_if_missing(&path, algorithm)?;
        let previous = previous.map(Arc::new);
        let (text, ring) = key_file::read(&path)?;
        let ring = ring.with_oldest(previous.clone());
        let seen = Mutex::new(Seen { text, fault: None, asked_at: None });
        Ok(Self { ring: RwLock::new(Arc::new(ring)), source: Some(Source { path, previous, seen }) })
    }

    /// The current keys.
    pub(crate) fn ring(&self) -> Arc<KeyRing> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Finds a key by its id. For an unknown one, the file is read again, at most once a second.
    pub(crate) fn find(&self, id: &str) -> Option<Arc<Key>> {
        if let Some(key) = self.known(id) {
            return Some(key);
        }
        let source = self.source.as_ref()?;
        let mut seen = source.seen();
        if seen.asked_at.is_none_or(|at| at.elapsed() >= REFRESH_EVERY) {
            seen.asked_at = Some(Instant::now());
            self.refresh(source, &mut seen);
        }
        // Another thread may have read it while this one waited.
        drop(seen);
        self.known(id)
    }

    /// Follows the changes of the file, forever.
    pub(crate) async fn watch(&self) {
        let Some(source) = &self.source else { return };
        let mut ticks = interval(REFRESH_EVERY);
        loop {
            ticks.tick().await;
            self.refresh(source, &mut source.seen());
        }
    }

    fn known(&self, id: &str) -> Option<Arc<Key>> {
        self.ring.read().unwrap_or_else(PoisonError::into_inner).find(id).cloned()
    }

    fn refresh(&self, source: &Source, seen: &mut Seen) {
        let text = match key_file::read_text(&source.path) {
            Ok(text) if text.expose_secret() == seen.text.expose_secret() && seen.fault.is_none() => return,
            text => text,
        };
        let read = text.and_then(|text| Ok((key_file::parse(&source.path, &text)?, text)));
        match read {
            Ok((ring, text)) => {
                let ring = ring.with_oldest(source.previous.clone());
                log::info!(
                    "the signing keys have changed: {} of them, {} signs",
                    ring.iter().count(),
                    ring.newest().id
                );
                *self.ring.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(ring);
                (seen.text, seen.fault) = (text, None);
            }
            Err(error) => {
                let fault = error.to_string();
                // Logged when the fault changes, not every second.
                if seen.fault.as_ref() != Some(&fault) {
                    log::error!("the signing keys stay as they were: {fault}");
                    seen.fault = Some(fault);
                }
            }
        }
    }
}

impl Source {
    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn keys(path: &std::path::Path) -> LiveKeys {
        LiveKeys::of_file(path.into(), Algorithm::Hs256, None).unwrap()
    }

    fn ids(keys: &LiveKeys) -> Vec<String> {
        keys.ring().iter().map(|key| key.id.clone()).collect()
    }

    #[test]
    fn an_unknown_key_causes_one_read_a_second() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db.keys");
        let keys = keys(&path);
        let second = key_file::rotate(&path, Some(Algorithm::EdDsa)).unwrap().id;
        assert_eq!(keys.find(&second).map(|key| key.id.clone()), Some(second.clone()));
        assert_eq!(keys.ring().newest().id, second);
        let third = key_file::rotate(&path, None).unwrap().id;
        assert!(keys.find(&third).is_none(), "the file is not read again within a second");
        keys.source.as_ref().unwrap().seen().asked_at = None;
        assert!(keys.find(&third).is_some());
    }

    #[test]
    fn an_unreadable_file_leaves_the_current_ring_in_use() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db.keys");
        let keys = keys(&path);
        let source = keys.source.as_ref().unwrap();
        let (before, good) = (ids(&keys), fs::read(&path).unwrap());
        let faults = ["", "[]", "garbage"].map(|text| {
            fs::write(&path, text).unwrap();
            keys.refresh(source, &mut source.seen());
            assert_eq!(ids(&keys), before);
            source.seen().fault.clone().expect("the fault is noted")
        });
        assert!(faults.iter().all(|fault| fault.contains("headroom.db.keys")), "{faults:?}");
        fs::write(&path, good).unwrap();
        keys.refresh(source, &mut source.seen());
        assert_eq!((ids(&keys), source.seen().fault.clone()), (before, None));
    }

    #[test]
    fn the_previous_key_of_the_environment_stays_after_a_rotation() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("headroom.db.keys");
        let previous = Key::new(Algorithm::Hs256, &[7; 32]).unwrap();
        let id = previous.id.clone();
        let keys = LiveKeys::of_file(path.clone(), Algorithm::Hs256, Some(previous)).unwrap();
        assert!(keys.find(&id).is_some());
        let second = key_file::rotate(&path, None).unwrap().id;
        assert!(keys.find(&second).is_some() && keys.find(&id).is_some());
        assert_ne!(keys.ring().newest().id, id);
    }
}
