//! The keys of access tokens: the newest signs, all verify, each by its own algorithm only.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::jwk::{Jwk, ThumbprintHash};
use jsonwebtoken::{Algorithm as JwtAlgorithm, DecodingKey, EncodingKey};
use secrecy::SecretSlice;
use thiserror::Error;

/// The fewest bytes of a secret: as many as the hash has (RFC 7518, section 3.2).
pub const JWT_SECRET_BYTES_MIN: usize = 32;

/// How a key signs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Algorithm {
    /// HMAC with SHA-256: the same secret verifies and signs.
    Hs256,
    /// Ed25519: the public key verifies.
    EdDsa,
}

impl Algorithm {
    /// The name in a token's header and in a key set (RFC 7518, RFC 8037).
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::EdDsa => "EdDSA",
        }
    }

    pub(crate) fn of_tokens(self) -> JwtAlgorithm {
        match self {
            Self::Hs256 => JwtAlgorithm::HS256,
            Self::EdDsa => JwtAlgorithm::EdDSA,
        }
    }

    /// The material of a new key.
    pub(crate) fn generate(self) -> Result<SecretSlice<u8>, GenerateError> {
        match self {
            Self::Hs256 => {
                let mut bytes = vec![0; JWT_SECRET_BYTES_MIN];
                getrandom::fill(&mut bytes).map_err(|_| GenerateError)?;
                Ok(bytes.into())
            }
            Self::EdDsa => {
                let pkcs8 = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1()).map_err(|_| GenerateError)?;
                Ok(pkcs8.as_ref().to_vec().into())
            }
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Algorithm {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        [Self::Hs256, Self::EdDsa].into_iter().find(|it| it.as_str() == text).ok_or("it takes HS256 or EdDSA")
    }
}

/// The machine has no randomness.
#[derive(Debug, Error)]
#[error("cannot make a key: the machine has no randomness")]
pub struct GenerateError;

/// A key that signs and verifies.
pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) algorithm: Algorithm,
    pub(crate) encoding: EncodingKey,
    pub(crate) decoding: DecodingKey,
}

impl Key {
    /// A key from its material: for HS256 the secret itself, for EdDSA a PKCS#8 document.
    pub(crate) fn new(algorithm: Algorithm, material: &[u8]) -> Result<Self, JwtError> {
        match algorithm {
            Algorithm::Hs256 => Self::hmac(material),
            Algorithm::EdDsa => Self::ed25519(material),
        }
    }

    fn hmac(secret: &[u8]) -> Result<Self, JwtError> {
        if secret.len() < JWT_SECRET_BYTES_MIN {
            return Err(ErrorKind::InvalidKeyFormat.into());
        }
        let (encoding, decoding) = (EncodingKey::from_secret(secret), DecodingKey::from_secret(secret));
        // The id reveals nothing about the key: it is a keyed hash of a constant.
        let mut id = jsonwebtoken::crypto::sign(b"headroom key id", &encoding, JwtAlgorithm::HS256)?;
        id.truncate(16);
        Ok(Self { id, algorithm: Algorithm::Hs256, encoding, decoding })
    }

    fn ed25519(pkcs8: &[u8]) -> Result<Self, JwtError> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| ErrorKind::InvalidEddsaKey)?;
        let decoding = DecodingKey::from_ed_der(pair.public_key().as_ref());
        let id = Jwk::from_decoding_key(&decoding, None)?.thumbprint(ThumbprintHash::SHA256)?;
        Ok(Self { id, algorithm: Algorithm::EdDsa, encoding: EncodingKey::from_ed_der(pkcs8), decoding })
    }

    /// The first 132 bits of a signature over a text that cannot be a token. Both algorithms are
    /// deterministic.
    pub(crate) fn seal(&self, text: &str) -> Result<String, JwtError> {
        let text = format!("headroom seal {text}");
        let mut seal = jsonwebtoken::crypto::sign(text.as_bytes(), &self.encoding, self.algorithm.of_tokens())?;
        seal.truncate(22);
        Ok(seal)
    }

    /// A secret derived for `purpose`, always the same: a hash of a signature that is never
    /// disclosed.
    pub(crate) fn secret_of(&self, purpose: &[u8]) -> Result<[u8; 32], JwtError> {
        let text = [b"headroom secret ", purpose].concat();
        let signature = jsonwebtoken::crypto::sign(&text, &self.encoding, self.algorithm.of_tokens())?;
        let mut secret = [0; 32];
        secret.copy_from_slice(digest(&SHA256, signature.as_bytes()).as_ref());
        Ok(secret)
    }

    /// The public key that verifies this key's tokens (RFC 8037, the member `x`); `None` for a
    /// secret key.
    pub(crate) fn public(&self) -> Option<String> {
        match self.algorithm {
            Algorithm::Hs256 => None,
            Algorithm::EdDsa => self.decoding.try_get_as_bytes().ok().map(|bytes| URL_SAFE_NO_PAD.encode(bytes)),
        }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

/// The keys at one moment. It is never empty: one key signs.
#[derive(Clone, Debug)]
pub(crate) struct KeyRing {
    newest: Arc<Key>,
    older: Vec<Arc<Key>>,
}

impl KeyRing {
    pub(crate) fn new(newest: impl Into<Arc<Key>>, older: impl IntoIterator<Item = Arc<Key>>) -> Self {
        Self { newest: newest.into(), older: older.into_iter().collect() }
    }

    /// Adds a key that is older than all others.
    pub(crate) fn with_oldest(mut self, oldest: Option<Arc<Key>>) -> Self {
        self.older.extend(oldest);
        self
    }

    /// The key that signs.
    pub(crate) fn newest(&self) -> &Arc<Key> {
        &self.newest
    }

    /// Finds a key by its id.
    pub(crate) fn find(&self, id: &str) -> Option<&Arc<Key>> {
        self.iter().find(|key| key.id == id)
    }

    /// All keys, the newest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Arc<Key>> {
        std::iter::once(&self.newest).chain(&self.older)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret;

    #[test]
    fn the_id_of_a_key_is_derived_from_it_and_does_not_reveal_it() {
        for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
            let material = algorithm.generate().unwrap();
            let [key, same] = [(); 2].map(|()| Key::new(algorithm, material.expose_secret()).unwrap());
            let other = Key::new(algorithm, algorithm.generate().unwrap().expose_secret()).unwrap();
            assert!(key.id == same.id && key.id != other.id);
            let shown = format!("{key:?} {:?}", KeyRing::new(other, [Arc::new(same)]));
            let rest = shown.replace(&key.id, "");
            assert!(rest.contains("Key { id: \"\", algorithm: "), "{rest}");
            let encoded = URL_SAFE_NO_PAD.encode(material.expose_secret());
            assert!(!rest.contains(&encoded) && !rest.contains(&format!("{:?}", material.expose_secret())));
        }
    }

    #[test]
    fn material_of_another_algorithm_is_refused() {
        let [secret, pkcs8] = [Algorithm::Hs256, Algorithm::EdDsa].map(|it| it.generate().unwrap());
        assert!(Key::new(Algorithm::EdDsa, secret.expose_secret()).is_err());
        assert!(Key::new(Algorithm::EdDsa, &pkcs8.expose_secret()[1..]).is_err());
        assert!(Key::new(Algorithm::Hs256, &secret.expose_secret()[1..]).is_err());
    }

    #[test]
    fn only_the_key_of_a_pair_is_public() {
        let public = |algorithm: Algorithm| {
            let material = algorithm.generate().unwrap();
            Key::new(algorithm, material.expose_secret()).unwrap().public()
        };
        assert_eq!(public(Algorithm::Hs256), None);
        assert_eq!(public(Algorithm::EdDsa).map(|x| x.len()), Some(43));
    }
}
