//! `POST /token/refresh`.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use domain::error::RefreshError;
use domain::ports::WriteTx;
use domain::use_cases::Refreshed;
use domain::{Action, FaultReason, Faults, SecretHash, use_cases};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{TokenBody, respond};
use crate::AppState;
use crate::access::{AuditWriter, AuditedEffect, UnauthenticatedClient};
use crate::auth::secrets;
use crate::http::{Body, BodyFields, Input, NoQueryOrConditions};
use crate::openapi::problems;
use crate::problem::{Code, Problem};

/// The refresh token of a session.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RefreshRequest, example = json!({"refresh_token": "hr_refresh_…"}))]
pub(crate) struct RefreshRequest {
    /// The session's last refresh token.
    #[serde(default)]
    #[schema(value_type = String, required, format = Password)]
    refresh_token: Input,
}

impl BodyFields for RefreshRequest {
    type Parsed = SecretString;

    fn parse(self) -> Result<SecretString, Faults> {
        let mut faults = Faults::default();
        let token = self.refresh_token.get("refresh_token", &mut faults);
        let token = faults.take("refresh_token", token.ok_or(FaultReason::Required));
        token.map(SecretString::from).ok_or(faults)
    }
}

problems!(Refusals: ANY, BODY, VALIDATION, WRITE + [InvalidToken]);

/// Refresh a session
///
/// Exchanges a refresh token for a new pair of tokens. If the response is lost, repeat the request
/// within 30 seconds: it returns the same new refresh token, unless that one was used. Later reuse
/// of a refresh token indicates theft and revokes the whole session.
#[utoipa::path(
    post, path = "/token/refresh", tag = "Service", operation_id = "refresh_token",
    request_body = RefreshRequest,
    responses(
        (status = 200, description = "The next tokens of the session.", body = TokenBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn refresh_token(
    _: UnauthenticatedClient,
    _: NoQueryOrConditions,
    body: Body<RefreshRequest>,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    run(&body.parse()?, &request, &state).await
}

/// Exchanges `token` for the next tokens of its session.
pub(super) async fn run(
    token: &SecretString,
    request: &HttpRequest,
    state: &AppState,
) -> Result<HttpResponse, Problem> {
    let keys = state.tokens.keys().ring();
    let next = secrets::successor_of(token, keys.newest()).map_err(Problem::internal)?;
    // Successors that other processes derived while they did not know the newest key yet.
    let others = keys.iter().skip(1).map(|key| secrets::successor_of(token, key));
    let others: Vec<SecretString> = others.collect::<Result<_, _>>().map_err(Problem::internal)?;
    let (hash, next_hash, now) = (secrets::hash_of(token), secrets::hash_of(&next), state.now());
    let other_hashes: Vec<SecretHash> = others.iter().map(secrets::hash_of).collect();
    let expires_at = now + state.session_lifetime;
    let audit = AuditWriter::of(request, state, now);
    let refresh = move |tx: &mut dyn WriteTx| {
        let refreshed = use_cases::refresh_session(tx, &hash, &next_hash, &other_hashes, now, expires_at)?;
        if let Refreshed::Revoked(session, user) = refreshed {
            audit.note(tx, user, AuditedEffect::of(Action::SessionRevoked, &session))?;
        }
        Ok::<_, RefreshError>(refreshed)
    };
    match state.write(refresh).await? {
        Refreshed::Extended(session, user, hash) => {
            let successor = others.iter().find(|it| secrets::hash_of(it).is(&hash)).unwrap_or(&next);
            respond(state, user, session, successor)
        }
        Refreshed::Revoked(..) => Err(Problem::new(Code::InvalidToken)),
    }
}
