//! How a stored response is sealed: the database alone reveals neither the response nor the
//! request.
//!
//! Both are sealed with a signing key of the server and the request's `Idempotency-Key`, which is
//! not stored. So a response may contain an API key's secret, and a body a password.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::hmac::{self, HMAC_SHA256};
use domain::Fingerprint;
use domain::error::StorageError;

use crate::auth::Key;

/// The parts of a sealed response: one byte with the length of the key's name, the name, the nonce,
/// the ciphertext.
pub(super) struct Sealed<'a> {
    /// The name of its signing key.
    pub(super) key_id: &'a str,
    nonce: [u8; NONCE_LEN],
    text: &'a [u8],
}

impl<'a> Sealed<'a> {
    /// Parses the result of [`Secrets::seal`].
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, StorageError> {
        let parts = || {
            let (length, rest) = bytes.split_first()?;
            let (key_id, rest) = rest.split_at_checked(usize::from(*length))?;
            let (nonce, text) = rest.split_first_chunk()?;
            Some(Self { key_id: str::from_utf8(key_id).ok()?, nonce: *nonce, text })
        };
        parts().ok_or_else(|| StorageError::Corrupt("a stored response is not sealed".to_owned()))
    }
}

/// The keys of one request's fingerprint and response.
pub(super) struct Secrets {
    fingerprint: hmac::Key,
    answer: RandomizedNonceKey,
}

impl Secrets {
    /// The keys of the request of this `scope`, which includes its `Idempotency-Key`.
    pub(super) fn of(key: &Key, scope: &[u8]) -> Result<Self, StorageError> {
        let secret = key.secret_of(scope).map_err(|_| failed())?;
        let secret = hmac::Key::new(HMAC_SHA256, &secret);
        let of = |use_of_it: &[u8]| hmac::sign(&secret, use_of_it);
        let answer = RandomizedNonceKey::new(&AES_256_GCM, of(b"answer").as_ref()).map_err(|_| failed())?;
        Ok(Self { fingerprint: hmac::Key::new(HMAC_SHA256, of(b"fingerprint").as_ref()), answer })
    }

    /// The fingerprint of a request of this scope.
    pub(super) fn fingerprint(&self, content: &[u8]) -> Fingerprint {
        let mut fingerprint = [0; 32];
        fingerprint.copy_from_slice(hmac::sign(&self.fingerprint, content).as_ref());
        Fingerprint(fingerprint)
    }

    /// Seals `text` with the signing key of this name.
    pub(super) fn seal(&self, key_id: &str, mut text: Vec<u8>) -> Result<Box<[u8]>, StorageError> {
        let length = u8::try_from(key_id.len()).map_err(|_| failed())?;
        let nonce = self.answer.seal_in_place_append_tag(Aad::empty(), &mut text).map_err(|_| failed())?;
        Ok([&[length][..], key_id.as_bytes(), nonce.as_ref(), &text].concat().into())
    }

    /// Opens a sealed text.
    pub(super) fn open(&self, sealed: &Sealed<'_>) -> Result<Vec<u8>, StorageError> {
        let (nonce, mut text) = (Nonce::assume_unique_for_key(sealed.nonce), sealed.text.to_vec());
        let corrupt = |_| StorageError::Corrupt("the seal of a stored response is broken".to_owned());
        let length = self.answer.open_in_place(nonce, Aad::empty(), &mut text).map_err(corrupt)?.len();
        text.truncate(length);
        Ok(text)
    }
}

fn failed() -> StorageError {
    StorageError::Backend("cannot seal a response".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Algorithm;
    use secrecy::ExposeSecret;

    fn key(algorithm: Algorithm) -> Key {
        Key::new(algorithm, algorithm.generate().unwrap().expose_secret()).unwrap()
    }

    #[test]
    fn a_response_is_opened_by_the_same_key_and_scope_only() {
        for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
            let (key, other) = (key(algorithm), key(algorithm));
            let secrets = |key, scope: &[u8]| Secrets::of(key, scope).unwrap();
            let sealed = secrets(&key, b"scope").seal(&key.id, b"secret".to_vec()).unwrap();
            assert!(!sealed.windows(6).any(|bytes| bytes == b"secret"));
            assert_eq!(Sealed::parse(&sealed).unwrap().key_id, key.id);
            let opened = |key, scope| secrets(key, scope).open(&Sealed::parse(&sealed).unwrap());
            assert_eq!(opened(&key, b"scope").as_deref(), Ok(&b"secret"[..]));
            assert!(opened(&key, b"scopes").is_err() && opened(&other, b"scope").is_err());
            let mut changed = sealed.clone();
            *changed.last_mut().unwrap() ^= 1;
            assert!(secrets(&key, b"scope").open(&Sealed::parse(&changed).unwrap()).is_err());
        }
    }

    #[test]
    fn a_fingerprint_depends_on_request_key_and_scope() {
        let (key, other) = (key(Algorithm::Hs256), key(Algorithm::Hs256));
        let fingerprint = |key, scope: &[u8], content: &[u8]| Secrets::of(key, scope).unwrap().fingerprint(content);
        let first = fingerprint(&key, b"scope", b"content");
        assert_eq!(fingerprint(&key, b"scope", b"content"), first);
        for another in [
            fingerprint(&key, b"scope", b"content more"),
            fingerprint(&key, b"scopes", b"content"),
            fingerprint(&other, b"scope", b"content"),
        ] {
            assert_ne!(another, first);
        }
    }

    #[test]
    fn unsealed_bytes_are_corrupt() {
        let short = [2, b'k', b'i', 0, 1, 2];
        for bytes in [&[][..], &[1], &short, &[[1, 0xff].as_slice(), &[0; 40]].concat()] {
            assert!(matches!(Sealed::parse(bytes), Err(StorageError::Corrupt(_))), "{bytes:?}");
        }
    }
}
