//! Bad credentials: forged, damaged, expired, revoked, and those of disabled users.

use api::clock::SystemClock;
use domain::error::{StorageError, UserError};
use domain::ports::{Clock, Store, WriteTx};
use domain::{ApiKey, ApiKeyId, Scope, SignedDuration, Uuid, use_cases};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, decode_header, encode};
use serde_json::{Value, json};

use crate::house::{Person, Tenant, person};
use crate::in_process::{SECRET, Service};

/// A name, the value of `Authorization`, the code of the refusal, and the challenge's error.
pub(crate) type Bad = (String, Option<String>, &'static str, Option<&'static str>);

/// The parts of a valid token.
struct TokenParts {
    header: Header,
    claims: Value,
}

impl TokenParts {
    fn of(token: &str) -> Self {
        let mut validation = Validation::new(Algorithm::HS256);
        validation.validate_aud = false;
        let key = DecodingKey::from_secret(SECRET.as_bytes());
        let claims = decode::<Value>(token, &key, &validation).expect("the token is signed with the secret").claims;
        Self { header: decode_header(token).expect("a token has a header"), claims }
    }

    fn sign(header: &Header, claims: &Value, secret: &str) -> String {
        encode(header, claims, &EncodingKey::from_secret(secret.as_bytes())).expect("a token can be made")
    }

    /// A token signed by the test with changed claims.
    fn with(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = self.claims.clone();
        change(&mut claims);
        Self::sign(&self.header, &claims, SECRET)
    }

    /// Tokens that were never issued.
    fn forgeries(&self, token: &str) -> Vec<(String, String)> {
        let (unsigned, signature) = token.rsplit_once('.').expect("a token ends in its signature");
        let (_, payload) = unsigned.split_once('.').expect("a token has a payload");
        let alg_none = unsigned.replacen("OiJIUzI1NiIs", "OiJub25lIiAs", 1);
        let other_payload = self.with(|claims| claims["sub"] = json!("user_00000000000000000000000000"));
        let (_, other_signature) = other_payload.rsplit_once('.').expect("a token ends in its signature");
        let other_algorithm = Header { alg: Algorithm::HS512, ..self.header.clone() };
        let unnamed = Header { kid: None, ..self.header.clone() };
        let misnamed = Header { kid: Some("another".to_owned()), ..self.header.clone() };
        let other_type = Header { typ: Some("JWT".to_owned()), ..self.header.clone() };
        let named = |name: &str, token: String| (name.to_owned(), token);
        let mut forgeries = vec![
            named("another secret", Self::sign(&self.header, &self.claims, "another secret, also of 256 bits or more")),
            named("another algorithm", Self::sign(&other_algorithm, &self.claims, SECRET)),
            named("another type", Self::sign(&other_type, &self.claims, SECRET)),
            named("no kid", Self::sign(&unnamed, &self.claims, SECRET)),
            named("another kid", Self::sign(&misnamed, &self.claims, SECRET)),
            named("another token's signature", format!("{unsigned}.{other_signature}")),
            named("no signature", format!("{unsigned}.")),
            named("alg none", format!("eyJhbGciOiJub25lIn0.{payload}.")),
            named("alg none, signed", format!("eyJhbGciOiJub25lIn0.{payload}.{signature}")),
            named("alg none, with the kid", format!("{alg_none}.")),
            named("another user's session", other_payload.clone()),
        ];
        let now = SystemClock.now().as_second();
        for (claim, value) in [
            ("iss", json!("another-issuer")),
            ("aud", json!("another-api")),
            ("sub", json!("user")),
            ("sid", json!(Uuid::nil().to_string())),
            ("sid", json!("")),
            ("nbf", json!(now + 600)),
        ] {
            forgeries.push((format!("{claim} {value}"), self.with(|claims| claims[claim] = value)));
        }
        for claim in ["iss", "aud", "sub", "sid", "nbf", "exp"] {
            let without = self.with(|claims| {
                claims.as_object_mut().expect("claims are an object").remove(claim);
            });
            forgeries.push((format!("no {claim}"), without));
        }
        forgeries
    }
}

/// One bad credential of each kind, of this tenant's owner and of former owners.
pub(crate) async fn bad_credentials(service: &Service, tenant: &Tenant) -> Vec<Bad> {
    let token = &tenant.owner.login.token;
    let parts = TokenParts::of(token);
    let mut invalid = parts.forgeries(token);
    invalid.extend(
        no_longer_good(service, tenant).await.into_iter().map(|(name, credential)| (name.to_owned(), credential)),
    );
    for garbage in ["garbage", "", "hr_live_", "hr_live_x_y", "hr_refresh_", "a.b.c"] {
        invalid.push((format!("garbage {garbage:?}"), garbage.to_owned()));
    }
    let expired = parts.with(|claims| {
        let now = SystemClock.now().as_second();
        (claims["nbf"], claims["iat"], claims["exp"]) = (json!(now - 3600), json!(now - 3600), json!(now - 60));
    });
    let error = Some("invalid_token");
    let mut all: Vec<Bad> = vec![
        ("nothing".to_owned(), None, "unauthenticated", None),
        ("another scheme".to_owned(), Some("Basic dXNlcjp1c2Vy".to_owned()), "unauthenticated", None),
        ("expired".to_owned(), Some(format!("Bearer {expired}")), "token_expired", error),
    ];
    let bearer = |(name, token): (String, String)| (name, Some(format!("Bearer {token}")), "invalid_token", error);
    all.extend(invalid.into_iter().map(bearer));
    all
}

/// Credentials that are no longer valid, or that are valid for another purpose.
async fn no_longer_good(service: &Service, tenant: &Tenant) -> Vec<(&'static str, String)> {
    let owner = &tenant.owner;
    let (disabled, revoked, deleted) = (person(service).await, person(service).await, person(service).await);
    for person in [&disabled, &revoked, &deleted] {
        tenant.put(service, person, "owner").await;
    }
    let (_, key_of_disabled) = disabled.api_key(service, "admin", None).await;
    let (_, key_of_deleted) = deleted.api_key(service, "admin", None).await;
    let (deleted_key, secret_of_deleted) = owner.api_key(service, "admin", None).await;
    let delete = actix_web::http::Method::DELETE;
    assert_eq!(owner.ask(service, delete.clone(), &format!("/api-keys/{deleted_key}")).await.status, 204);
    assert_eq!(deleted.ask(service, delete, "/users/me").await.status, 204);
    let (_, wrong_secret) = owner.api_key(service, "admin", None).await;
    let last = if wrong_secret.ends_with('0') { '1' } else { '0' };
    let user = disabled.login.user;
    let disable = move |tx: &mut dyn WriteTx| use_cases::disable_user(tx, user, true);
    service.state.store.write::<_, UserError>(disable).await.expect("the user is there");
    let session = revoked.login.session;
    let revoke = move |tx: &mut dyn WriteTx| tx.delete_session(session);
    service.state.store.write::<_, StorageError>(revoke).await.expect("the write succeeds");
    vec![
        ("a refresh token", owner.refresh_token.clone()),
        ("a disabled user's token", disabled.login.token),
        ("a disabled user's API key", key_of_disabled),
        ("a revoked session's token", revoked.login.token),
        ("a deleted user's token", deleted.login.token),
        ("a deleted user's API key", key_of_deleted),
        ("a deleted API key", secret_of_deleted),
        ("an API key with another secret", format!("{}{last}", &wrong_secret[..wrong_secret.len() - 1])),
        ("an expired API key", expired_api_key(service, owner).await),
    ]
}

/// An API key of this person that expired a minute ago.
async fn expired_api_key(service: &Service, person: &Person) -> String {
    let (id, secret) = person.api_key(service, "admin", None).await;
    let id: ApiKeyId = id.parse().expect("a key has an id");
    let end = SystemClock.now() - SignedDuration::from_mins(1);
    let expire = move |tx: &mut dyn WriteTx| {
        let key = tx.find_api_key(id)?.expect("the key is new");
        assert_eq!(key.scope, Scope::Admin);
        tx.delete_api_key(id)?;
        tx.insert_api_key(&ApiKey { expires_at: Some(end), ..key })
    };
    service.state.store.write::<_, StorageError>(expire).await.expect("the write succeeds");
    secret
}
