//! `GET /.well-known/jwks.json`.

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use serde::Serialize;
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::AppState;
use crate::access::UnauthenticatedClient;
use crate::http::{NoQueryOrConditions, json};
use crate::openapi::problems;

endpoints! {
    list_public_keys,
}

/// The public keys that verify access tokens (RFC 7517).
#[derive(Serialize, ToSchema)]
#[schema(as = PublicKeys)]
pub(crate) struct PublicKeysBody {
    /// The keys, the signing key first. Empty while tokens are signed with a secret.
    keys: Vec<PublicKeyBody>,
}

/// A public key (RFC 8037).
#[derive(Serialize, ToSchema)]
#[schema(as = PublicKey)]
pub(crate) struct PublicKeyBody {
    /// Always `OKP`.
    #[schema(example = "OKP")]
    kty: &'static str,
    /// Always `Ed25519`.
    #[schema(example = "Ed25519")]
    crv: &'static str,
    /// The public key, base64url-encoded.
    #[schema(example = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")]
    x: String,
    /// The key's id in the header of tokens: its thumbprint (RFC 7638).
    #[schema(example = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")]
    kid: String,
    /// Always `EdDSA`.
    #[schema(example = "EdDSA")]
    alg: &'static str,
    /// Always `sig`.
    #[schema(example = "sig")]
    r#use: &'static str,
}

problems!(Refusals: ANY);

/// List the public signing keys
///
/// Lists the public keys that verify access tokens. Needs no token. A service that verifies access
/// tokens fetches the keys when it meets an unknown `kid`, at most once a minute.
#[utoipa::path(
    get, path = "/.well-known/jwks.json", tag = "Service", operation_id = "list_public_keys",
    responses(
        (status = 200, description = "The public keys, the signing key first.", body = PublicKeysBody,
            example = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                "kid": "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k", "alg": "EdDSA", "use": "sig"}]})),
        Refusals,
    )
)]
pub(crate) async fn list_public_keys(
    _: UnauthenticatedClient,
    _: NoQueryOrConditions,
    state: Data<AppState>,
) -> HttpResponse {
    let ring = state.tokens.keys().ring();
    let public = ring.iter().filter_map(|key| Some((key, key.public()?)));
    let keys = public.map(|(key, x)| PublicKeyBody {
        kty: "OKP",
        crv: "Ed25519",
        x,
        kid: key.id.clone(),
        alg: key.algorithm.as_str(),
        r#use: "sig",
    });
    let body = PublicKeysBody { keys: keys.collect() };
    json(HttpResponse::Ok().insert_header((CACHE_CONTROL, "public, max-age=60")), &body)
}
