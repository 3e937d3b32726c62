//! Access tokens: JWTs (RFC 7519) in the profile of RFC 9068, signed with the newest key of the
//! ring.
//!
//! Every claim is required and checked, and so is the type of the token in the header. The
//! algorithm is that of the key that `kid` names; `jwk`, `jku` and `x5u` in the header are ignored.

use std::sync::Arc;

use domain::{Timestamp, Uuid};
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::{Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::keys::{Algorithm, Key, KeyRing};
use super::live::LiveKeys;
use crate::problem::Code;

const ISSUER: &str = "headroom";
const AUDIENCE: &str = "headroom-api";
/// The media type of access tokens (RFC 9068, section 2.1).
const TYPE: &str = "at+jwt";
/// The largest accepted difference between the clocks of two machines.
const LEEWAY_SECONDS: u64 = 30;
/// Longer tokens are refused before they are parsed. Issued ones are shorter.
const TOKEN_BYTES_MAX: usize = 4096;

/// The claims of an access token, all of them required.
#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    sid: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// The claims of a verified token.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct VerifiedToken {
    /// The user that it was issued to.
    pub subject: String,
    /// The session that it belongs to; nil if it has no session.
    pub session: Uuid,
}

/// Issues and verifies access tokens.
pub struct Tokens {
    keys: LiveKeys,
    hs256: Validation,
    eddsa: Validation,
    /// How long a token is accepted, in seconds.
    pub lifetime_seconds: u32,
}

impl Tokens {
    /// Signs with `secret`, and accepts tokens signed with `secret` or `previous`.
    ///
    /// # Errors
    /// If a secret cannot serve as a key.
    pub fn new(
        secret: &SecretString,
        previous: Option<&SecretString>,
        lifetime_seconds: u32,
    ) -> Result<Self, JwtError> {
        let key = |secret: &SecretString| Key::new(Algorithm::Hs256, secret.expose_secret().as_bytes());
        let ring = KeyRing::new(key(secret)?, previous.map(key).transpose()?.map(Into::into));
        Ok(Self::with_keys(LiveKeys::fixed(ring), lifetime_seconds))
    }

    /// Signs with the newest of `keys`, and accepts tokens signed with any of them.
    #[must_use]
    pub fn with_keys(keys: LiveKeys, lifetime_seconds: u32) -> Self {
        let [hs256, eddsa] = [Algorithm::Hs256, Algorithm::EdDsa].map(validation);
        Self { keys, hs256, eddsa, lifetime_seconds }
    }

    /// The current signing keys.
    pub(crate) fn keys(&self) -> &LiveKeys {
        &self.keys
    }

    /// A token for `subject` in a `session`, with the token id `id`, valid from `now` on.
    ///
    /// # Errors
    /// If signing fails.
    pub fn issue(&self, subject: &str, session: Uuid, id: Uuid, now: Timestamp) -> Result<String, JwtError> {
        let now = now.as_second();
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: subject.into(),
            sid: session.to_string(),
            jti: id.simple().to_string(),
            iat: now,
            nbf: now,
            exp: now + i64::from(self.lifetime_seconds),
        };
        let ring = self.keys.ring();
        let key = ring.newest();
        let algorithm = key.algorithm.of_tokens();
        let header = Header { typ: Some(TYPE.into()), kid: Some(key.id.clone()), ..Header::new(algorithm) };
        jsonwebtoken::encode(&header, &claims, &key.encoding)
    }

    /// A message authentication code of `text`: it proves that this server wrote the text.
    ///
    /// # Errors
    /// If signing fails.
    pub(crate) fn seal(&self, text: &str) -> Result<String, JwtError> {
        self.keys.ring().newest().seal(text)
    }

    /// Whether `seal` is the result of [`Tokens::seal`] for `text` with any of the keys.
    pub(crate) fn is_sealed(&self, text: &str, seal: &str) -> bool {
        let is = |key: &Arc<Key>| key.seal(text).is_ok_and(|right| right.as_bytes().ct_eq(seal.as_bytes()).into());
        self.keys.ring().iter().any(is)
    }

    /// The claims of a valid token.
    ///
    /// # Errors
    /// [`Code::TokenExpired`] for a token that was valid, else [`Code::InvalidToken`].
    pub fn verify(&self, token: &str) -> Result<VerifiedToken, Code> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Code::InvalidToken);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Code::InvalidToken)?;
        // Critical extensions (RFC 7515, section 4.1.11) are not supported.
        if header.typ.as_deref() != Some(TYPE) || header.crit.is_some() {
            return Err(Code::InvalidToken);
        }
        let key = header.kid.and_then(|id| self.keys.find(&id)).ok_or(Code::InvalidToken)?;
        let validation = match key.algorithm {
            Algorithm::Hs256 => &self.hs256,
            Algorithm::EdDsa => &self.eddsa,
        };
        match jsonwebtoken::decode::<Claims>(token, &key.decoding, validation) {
            Ok(token) => {
                let session = Uuid::parse_str(&token.claims.sid).map_err(|_| Code::InvalidToken)?;
                Ok(VerifiedToken { subject: token.claims.sub, session })
            }
            Err(error) if *error.kind() == ErrorKind::ExpiredSignature => Err(Code::TokenExpired),
            Err(_) => Err(Code::InvalidToken),
        }
    }
}

/// The checks of a token of this algorithm.
fn validation(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm.of_tokens());
    validation.leeway = LEEWAY_SECONDS;
    validation.validate_nbf = true;
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["iss", "aud", "sub", "nbf", "exp"]);
    validation
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use domain::ports::Clock;
    use jsonwebtoken::jwk::Jwk;
    use jsonwebtoken::{Algorithm as JwtAlgorithm, EncodingKey};
    use serde_json::{Value, json};
    use std::sync::Arc;

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.repeat(32))
    }

    fn tokens() -> Tokens {
        Tokens::new(&secret("a"), None, 60).unwrap()
    }

    fn with_new_key(algorithm: Algorithm) -> Tokens {
        let key = Key::new(algorithm, algorithm.generate().unwrap().expose_secret()).unwrap();
        Tokens::with_keys(LiveKeys::fixed(KeyRing::new(key, [])), 60)
    }

    fn key(tokens: &Tokens) -> Arc<Key> {
        tokens.keys.ring().newest().clone()
    }

    fn claims() -> Value {
        let now = SystemClock.now().as_second();
        let session = Uuid::nil().to_string();
        json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "user", "sid": session, "jti": "1",
            "iat": now, "nbf": now, "exp": now + 60})
    }

    fn header(tokens: &Tokens) -> Header {
        let key = key(tokens);
        Header { typ: Some(TYPE.into()), kid: Some(key.id.clone()), ..Header::new(key.algorithm.of_tokens()) }
    }

    fn signed(header: &Header, key: &EncodingKey) -> String {
        jsonwebtoken::encode(header, &claims(), key).unwrap()
    }

    /// The code with which a token is refused whose claims are changed so.
    fn refusal(change: impl FnOnce(&mut Value)) -> Option<Code> {
        let (tokens, mut claims) = (tokens(), claims());
        change(&mut claims);
        let token = jsonwebtoken::encode(&header(&tokens), &claims, &key(&tokens).encoding).unwrap();
        tokens.verify(&token).err()
    }

    #[test]
    fn a_token_has_its_subject_and_session() {
        for algorithm in [Algorithm::Hs256, Algorithm::EdDsa] {
            let tokens = with_new_key(algorithm);
            let session = Uuid::from_u128(7);
            let token = tokens.issue("user", session, Uuid::nil(), SystemClock.now()).unwrap();
            assert_eq!(tokens.verify(&token), Ok(VerifiedToken { subject: "user".into(), session }));
            let header = jsonwebtoken::decode_header(&token).unwrap();
            assert_eq!((header.typ.as_deref(), header.alg), (Some("at+jwt"), algorithm.of_tokens()));
        }
        assert_eq!(refusal(|_| ()), None);
    }

    #[test]
    fn every_claim_is_required() {
        let all: Vec<String> = claims().as_object().unwrap().keys().cloned().collect();
        assert_eq!(all, ["iss", "aud", "sub", "sid", "jti", "iat", "nbf", "exp"]);
        for claim in all {
            let refusal = refusal(|claims| {
                claims.as_object_mut().unwrap().remove(&claim);
            });
            assert_eq!(refusal, Some(Code::InvalidToken), "{claim}");
        }
    }

    #[test]
    fn a_claim_with_another_value_is_refused() {
        let now = SystemClock.now().as_second();
        for (claim, value, code) in [
            ("iss", json!("another-issuer"), Code::InvalidToken),
            ("aud", json!("another-api"), Code::InvalidToken),
            ("nbf", json!(now + 60), Code::InvalidToken),
            ("exp", json!(now - 31), Code::TokenExpired),
            ("exp", json!("never"), Code::InvalidToken),
            ("sub", json!(7), Code::InvalidToken),
            ("sid", json!("the first"), Code::InvalidToken),
            ("sid", json!(""), Code::InvalidToken),
        ] {
            assert_eq!(refusal(|claims| claims[claim] = value.clone()), Some(code), "{claim} {value}");
        }
    }

    #[test]
    fn clocks_may_be_30_seconds_apart() {
        let now = SystemClock.now().as_second();
        // Two seconds less, for a machine that is busy.
        assert_eq!(refusal(|claims| claims["exp"] = json!(now - 28)), None);
        assert_eq!(refusal(|claims| claims["nbf"] = json!(now + 30)), None);
    }

    #[test]
    fn tokens_of_another_type_are_refused() {
        let tokens = tokens();
        let of_type =
            |typ: Option<&str>| signed(&Header { typ: typ.map(Into::into), ..header(&tokens) }, &key(&tokens).encoding);
        assert!(tokens.verify(&of_type(Some(TYPE))).is_ok());
        for typ in [None, Some("JWT"), Some("rt+jwt"), Some("id+jwt"), Some("")] {
            assert_eq!(tokens.verify(&of_type(typ)), Err(Code::InvalidToken), "{typ:?}");
        }
    }

    #[test]
    fn another_key_another_algorithm_and_no_algorithm_are_refused() {
        let tokens = tokens();
        let other = Tokens::new(&secret("b"), None, 60).unwrap();
        let (ours, theirs) = (key(&tokens), key(&other));
        let key_of_another = signed(&header(&other), &theirs.encoding);
        let named_like_ours = signed(&header(&tokens), &theirs.encoding);
        let other_algorithm = signed(&Header { alg: JwtAlgorithm::HS512, ..header(&tokens) }, &ours.encoding);
        let unnamed = signed(&Header { kid: None, ..header(&tokens) }, &ours.encoding);
        let critical = signed(&Header { crit: Some(vec!["b64".into()]), ..header(&tokens) }, &ours.encoding);
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", unnamed.split('.').nth(1).unwrap());
        let garbage = ["garbage".into(), "a".repeat(5000)];
        let refused = [key_of_another, named_like_ours, other_algorithm, unnamed, critical, unsigned];
        for token in refused.into_iter().chain(garbage) {
            assert_eq!(tokens.verify(&token), Err(Code::InvalidToken), "{token}");
        }
    }

    /// Algorithm confusion: a public key used as a secret, and a secret as a public key.
    #[test]
    fn a_key_verifies_by_its_own_algorithm_only() {
        let [hs256, eddsa] = [Algorithm::Hs256, Algorithm::EdDsa].map(with_new_key);
        let (secret, pair) = (key(&hs256), key(&eddsa));
        let public = pair.decoding.try_get_as_bytes().unwrap();
        let hmac = |kid: &str| Header { kid: Some(kid.into()), ..header(&hs256) };
        let ed25519 = |kid: &str| Header { kid: Some(kid.into()), ..header(&eddsa) };
        for bytes in [public, pair.public().unwrap().as_bytes()] {
            let forged = signed(&hmac(&pair.id), &EncodingKey::from_secret(bytes));
            assert_eq!(eddsa.verify(&forged), Err(Code::InvalidToken));
        }
        let forged = signed(&ed25519(&secret.id), &pair.encoding);
        assert_eq!(hs256.verify(&forged), Err(Code::InvalidToken));
        // The same holds for a ring with keys of both algorithms.
        let [secret_key, pair_key] = [&secret, &pair].map(Arc::clone);
        let newest = Key::new(Algorithm::Hs256, &[7; 32]).unwrap();
        let both = Tokens::with_keys(LiveKeys::fixed(KeyRing::new(newest, [secret_key, pair_key])), 60);
        assert!(both.verify(&signed(&hmac(&secret.id), &secret.encoding)).is_ok());
        assert!(both.verify(&signed(&ed25519(&pair.id), &pair.encoding)).is_ok());
        for crossed in [
            signed(&hmac(&pair.id), &secret.encoding),
            signed(&hmac(&pair.id), &EncodingKey::from_secret(public)),
            signed(&ed25519(&secret.id), &pair.encoding),
        ] {
            assert_eq!(both.verify(&crossed), Err(Code::InvalidToken), "{crossed}");
        }
    }

    #[test]
    fn a_key_in_the_header_of_a_token_is_ignored() {
        let [ours, theirs] = [Algorithm::EdDsa; 2].map(with_new_key);
        let (our_key, their_key) = (key(&ours), key(&theirs));
        let brings = Header {
            jwk: Some(Jwk::from_decoding_key(&their_key.decoding, Some(JwtAlgorithm::EdDSA)).unwrap()),
            jku: Some("https://example.com/jwks.json".into()),
            x5u: Some("https://example.com/x5u.pem".into()),
            ..header(&ours)
        };
        assert!(ours.verify(&signed(&brings, &our_key.encoding)).is_ok());
        assert_eq!(ours.verify(&signed(&brings, &their_key.encoding)), Err(Code::InvalidToken));
        let unnamed = Header { kid: None, ..brings };
        assert_eq!(ours.verify(&signed(&unnamed, &their_key.encoding)), Err(Code::InvalidToken));
    }

    #[test]
    fn a_token_is_valid_while_its_key_is_the_previous_one() {
        let old = tokens().issue("user", Uuid::nil(), Uuid::nil(), SystemClock.now()).unwrap();
        let rotated = Tokens::new(&secret("b"), Some(&secret("a")), 60).unwrap();
        assert!(rotated.verify(&old).is_ok());
        let rotated_again = Tokens::new(&secret("c"), Some(&secret("b")), 60).unwrap();
        assert_eq!(rotated_again.verify(&old), Err(Code::InvalidToken));
    }
}
