//! Who is calling: the credentials, the access tokens, and the extractor that a handler names to require one.
//!
//! An access token is a JWT (RFC 7519) signed with HMAC-SHA-256. Every claim it carries is required and checked, its
//! algorithm is pinned, and its `kid` says which key signed it, so that keys can be rotated.

use std::future::{Ready, ready};

use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload};
use domain::{Timestamp, Uuid};
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use crate::AppState;
use crate::problem::{Code, Problem};

const ISSUER: &str = "headroom";
const AUDIENCE: &str = "headroom-api";
/// How far two machines' clocks may be apart.
const LEEWAY_SECONDS: u64 = 5;
/// Longer tokens than any that are made here are refused unread.
const TOKEN_BYTES_MAX: usize = 4096;

/// The one shared user.
pub struct Credentials {
    /// What they are called.
    pub username: String,
    /// How they prove it.
    pub password: SecretString,
}

impl Credentials {
    /// Whether these are the credentials, in a time that does not depend on how much of them is right (but for their
    /// lengths).
    #[must_use]
    pub fn accept(&self, username: &str, password: &str) -> bool {
        let username_right = self.username.as_bytes().ct_eq(username.as_bytes());
        let password_right = self.password.expose_secret().as_bytes().ct_eq(password.as_bytes());
        (username_right & password_right).into()
    }
}

/// The claims of an access token, all of them required.
#[derive(Debug, Deserialize, Serialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    jti: String,
    iat: i64,
    nbf: i64,
    exp: i64,
}

/// Makes and checks access tokens.
pub struct Tokens {
    signing: Key,
    /// The keys that tokens are accepted from: the signing key, and the one before it while its tokens live.
    verifying: Vec<Key>,
    validation: Validation,
    /// How long a token is accepted, in seconds.
    pub lifetime_seconds: u32,
}

#[derive(Clone)]
struct Key {
    id: String,
    encoding: EncodingKey,
    decoding: DecodingKey,
}

impl Key {
    fn new(secret: &SecretString) -> Result<Self, JwtError> {
        let secret = secret.expose_secret().as_bytes();
        let encoding = EncodingKey::from_secret(secret);
        // Names the key without telling anything about it: a keyed hash of a constant.
        let mut id = jsonwebtoken::crypto::sign(b"headroom key id", &encoding, Algorithm::HS256)?;
        id.truncate(16);
        Ok(Self { id, encoding, decoding: DecodingKey::from_secret(secret) })
    }
}

impl Tokens {
    /// Signs with `secret` and accepts what was signed with `previous` too.
    ///
    /// # Errors
    /// If the secret cannot serve as a key.
    pub fn new(
        secret: &SecretString,
        previous: Option<&SecretString>,
        lifetime_seconds: u32,
    ) -> Result<Self, JwtError> {
        let signing = Key::new(secret)?;
        let mut verifying = vec![signing.clone()];
        if let Some(previous) = previous {
            verifying.push(Key::new(previous)?);
        }
        let mut validation = Validation::new(Algorithm::HS256);
        validation.leeway = LEEWAY_SECONDS;
        validation.validate_nbf = true;
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["iss", "aud", "sub", "nbf", "exp"]);
        Ok(Self { signing, verifying, validation, lifetime_seconds })
    }

    /// A token for `subject`, named `id`, that is accepted from `now` on.
    ///
    /// # Errors
    /// If signing fails.
    pub fn issue(&self, subject: &str, id: Uuid, now: Timestamp) -> Result<String, JwtError> {
        let now = now.as_second();
        let claims = Claims {
            iss: ISSUER.into(),
            aud: AUDIENCE.into(),
            sub: subject.into(),
            jti: id.simple().to_string(),
            iat: now,
            nbf: now,
            exp: now + i64::from(self.lifetime_seconds),
        };
        let header = Header { kid: Some(self.signing.id.clone()), ..Header::new(Algorithm::HS256) };
        jsonwebtoken::encode(&header, &claims, &self.signing.encoding)
    }

    /// Who a token was made for.
    fn verify(&self, token: &str) -> Result<String, Code> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(Code::InvalidToken);
        }
        let header = jsonwebtoken::decode_header(token).map_err(|_| Code::InvalidToken)?;
        let key = self.verifying.iter().find(|key| header.kid.as_deref() == Some(&key.id));
        let key = key.ok_or(Code::InvalidToken)?;
        match jsonwebtoken::decode::<Claims>(token, &key.decoding, &self.validation) {
            Ok(token) => Ok(token.claims.sub),
            Err(error) if *error.kind() == ErrorKind::ExpiredSignature => Err(Code::TokenExpired),
            Err(_) => Err(Code::InvalidToken),
        }
    }
}

/// Whoever holds a valid access token. A handler that names it as an argument requires one.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caller {
    /// What they are called.
    pub username: String,
}

impl FromRequest for Caller {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(authenticate(request))
    }
}

fn authenticate(request: &HttpRequest) -> Result<Caller, Problem> {
    let header = request.headers().get(AUTHORIZATION).ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let token = bearer(header).ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    let state = request.app_data::<Data<AppState>>().ok_or_else(|| Problem::internal("no state is registered"))?;
    let username = state.tokens.verify(token).map_err(Problem::new)?;
    let caller = Caller { username };
    request.extensions_mut().insert(caller.clone());
    Ok(caller)
}

/// The token of an `Authorization: Bearer …` header (RFC 6750, section 2.1); the scheme in any letter case.
fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SystemClock;
    use domain::ports::Clock;
    use serde_json::{Value, json};

    fn secret(text: &str) -> SecretString {
        SecretString::from(text.repeat(32))
    }

    fn tokens() -> Tokens {
        Tokens::new(&secret("a"), None, 60).unwrap()
    }

    fn claims() -> Value {
        let now = SystemClock.now().as_second();
        json!({"iss": ISSUER, "aud": AUDIENCE, "sub": "user", "jti": "1", "iat": now, "nbf": now, "exp": now + 60})
    }

    fn signed(tokens: &Tokens, header: &Header, claims: &Value) -> String {
        let header = Header { kid: header.kid.clone().or(Some(tokens.signing.id.clone())), ..header.clone() };
        jsonwebtoken::encode(&header, claims, &tokens.signing.encoding).unwrap()
    }

    fn refusal(change: impl FnOnce(&mut Value)) -> Option<Code> {
        let (tokens, mut claims) = (tokens(), claims());
        change(&mut claims);
        tokens.verify(&signed(&tokens, &Header::new(Algorithm::HS256), &claims)).err()
    }

    #[test]
    fn a_token_tells_who_it_was_made_for() {
        let tokens = tokens();
        let token = tokens.issue("user", Uuid::nil(), SystemClock.now()).unwrap();
        assert_eq!(tokens.verify(&token), Ok("user".into()));
        assert_eq!(refusal(|_| ()), None);
    }

    #[test]
    fn every_claim_is_required() {
        for claim in ["iss", "aud", "sub", "iat", "nbf", "exp"] {
            let refusal = refusal(|claims| {
                claims.as_object_mut().unwrap().remove(claim);
            });
            assert_eq!(refusal, Some(Code::InvalidToken), "{claim}");
        }
    }

    #[test]
    fn a_claim_with_another_value_is_refused() {
        let now = SystemClock.now().as_second();
        for (claim, value, code) in [
            ("iss", json!("somebody"), Code::InvalidToken),
            ("aud", json!("another-api"), Code::InvalidToken),
            ("nbf", json!(now + 60), Code::InvalidToken),
            ("exp", json!(now - 6), Code::TokenExpired),
            ("exp", json!("never"), Code::InvalidToken),
            ("sub", json!(7), Code::InvalidToken),
        ] {
            assert_eq!(refusal(|claims| claims[claim] = value.clone()), Some(code), "{claim} {value}");
        }
    }

    #[test]
    fn clocks_may_be_a_few_seconds_apart() {
        let now = SystemClock.now().as_second();
        assert_eq!(refusal(|claims| claims["exp"] = json!(now - 1)), None);
        assert_eq!(refusal(|claims| claims["nbf"] = json!(now + 3)), None);
    }

    #[test]
    fn another_key_another_algorithm_and_no_algorithm_are_refused() {
        let (tokens, claims) = (tokens(), claims());
        let other = Tokens::new(&secret("b"), None, 60).unwrap();
        let key_of_another = signed(&other, &Header::new(Algorithm::HS256), &claims);
        let named_like_ours = Header { kid: Some(tokens.signing.id.clone()), ..Header::new(Algorithm::HS256) };
        let forged = signed(&other, &named_like_ours, &claims);
        let other_algorithm = signed(&tokens, &Header::new(Algorithm::HS512), &claims);
        let unnamed = jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &tokens.signing.encoding).unwrap();
        let unsigned = format!("eyJhbGciOiJub25lIn0.{}.", unnamed.split('.').nth(1).unwrap());
        for token in [key_of_another, forged, other_algorithm, unnamed, unsigned, "garbage".into(), "a".repeat(5000)] {
            assert_eq!(tokens.verify(&token), Err(Code::InvalidToken), "{token}");
        }
    }

    #[test]
    fn a_token_outlives_its_key_while_that_is_the_previous_one() {
        let old = tokens().issue("user", Uuid::nil(), SystemClock.now()).unwrap();
        let rotated = Tokens::new(&secret("b"), Some(&secret("a")), 60).unwrap();
        assert_eq!(rotated.verify(&old), Ok("user".into()));
        let rotated_again = Tokens::new(&secret("c"), Some(&secret("b")), 60).unwrap();
        assert_eq!(rotated_again.verify(&old), Err(Code::InvalidToken));
    }

    #[test]
    fn credentials_are_accepted_only_whole() {
        let credentials = Credentials { username: "user".into(), password: SecretString::from("pass") };
        assert!(credentials.accept("user", "pass"));
        for (username, password) in [("user", "pas"), ("use", "pass"), ("user", ""), ("", "pass"), ("USER", "pass")] {
            assert!(!credentials.accept(username, password), "{username} {password}");
        }
    }
}
