//! Generated secrets that are shown only when they are created: API keys and refresh tokens.

use aws_lc_rs::digest::{SHA256, digest};
use domain::{ApiKeyId, Credential, SecretHash};
use jsonwebtoken::errors::Error as JwtError;
use secrecy::{ExposeSecret, SecretString};

use super::Key;

/// The prefix of API keys, by which people and scanners recognise a leaked one.
pub(crate) const API_KEY_PREFIX: &str = "hr_live_";
/// The prefix of refresh tokens.
const REFRESH_PREFIX: &str = "hr_refresh_";
/// The number of random bytes in a secret.
const SECRET_BYTES: usize = 32;

fn random_hex() -> Result<String, getrandom::Error> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}

/// The hash that a secret is stored as.
pub(crate) fn hash(secret: &str) -> SecretHash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, secret.as_bytes()).as_ref());
    SecretHash(hash)
}

/// A new refresh token.
pub(crate) fn new_refresh_token() -> Result<SecretString, getrandom::Error> {
    Ok(format!("{REFRESH_PREFIX}{}", random_hex()?).into())
}

/// The refresh token that replaces `token`. It is derived with the signing key and always the same,
/// so it can be sent again although only its hash is stored.
pub(crate) fn successor_of(token: &SecretString, key: &Key) -> Result<SecretString, JwtError> {
    let secret = key.secret_of(format!("refresh token after {}", token.expose_secret()).as_bytes())?;
    Ok(format!("{REFRESH_PREFIX}{}", hex::encode(secret)).into())
}

/// A new API key: prefix, id, secret.
pub(crate) fn new_api_key(id: ApiKeyId) -> Result<SecretString, getrandom::Error> {
    let id = id.to_string();
    let suffix = id.strip_prefix("key_").unwrap_or(&id);
    Ok(format!("{API_KEY_PREFIX}{suffix}_{}", random_hex()?).into())
}

/// The hash that an API key is stored as.
pub(crate) fn hash_of(secret: &SecretString) -> SecretHash {
    hash(secret.expose_secret())
}

/// The credential that the text of an API key claims; `None` if it is malformed.
pub(crate) fn parse_api_key(text: &str) -> Option<Credential> {
    let (suffix, _) = text.strip_prefix(API_KEY_PREFIX)?.split_once('_')?;
    let id = format!("{}_{suffix}", ApiKeyId::PREFIX).parse().ok()?;
    Some(Credential::ApiKey { id, secret: hash(text) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::Algorithm;
    use domain::Uuid;

    #[test]
    fn an_api_key_contains_its_id_and_is_parsed_whole() {
        let id = ApiKeyId::from_uuid(Uuid::from_u128(7));
        let key = new_api_key(id).unwrap();
        let Some(Credential::ApiKey { id: parsed, secret }) = parse_api_key(key.expose_secret()) else { panic!() };
        assert_eq!(parsed, id);
        assert!(secret.is(&hash_of(&key)) && !secret.is(&hash("hr_live_")));
        for garbage in ["", "hr_live_", "hr_live_x_y", "key_x", "hr_test_00000000000000000000000000_a"] {
            assert_eq!(parse_api_key(garbage), None, "{garbage:?}");
        }
    }

    #[test]
    fn the_successor_of_a_refresh_token_depends_on_token_and_key() {
        for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
            let [key, other] = [(); 2].map(|()| {
                let material = algorithm.generate().unwrap();
                Key::new(algorithm, material.expose_secret()).unwrap()
            });
            let (first, second) = (new_refresh_token().unwrap(), new_refresh_token().unwrap());
            let text = |token, key| successor_of(token, key).unwrap().expose_secret().to_owned();
            let successor = text(&first, &key);
            assert_eq!(text(&first, &key), successor);
            assert_eq!(successor.len(), first.expose_secret().len());
            for another in [text(&first, &other), text(&second, &key), text(&successor.clone().into(), &key)] {
                assert!(another.starts_with(REFRESH_PREFIX) && another != successor, "{another}");
            }
        }
    }

    #[test]
    fn no_two_secrets_are_equal() {
        let (one, other) = (new_refresh_token().unwrap(), new_refresh_token().unwrap());
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
