//! `POST /token`: as JSON, and as the forms of OAuth 2.0 (RFC 6749, sections 4.3 and 6) that the
//! explorer sends.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::error::StorageError;
use domain::ports::WriteTx;
use domain::{Action, FaultReason, Faults, PasswordHash, Session, SessionId, User, Username, use_cases};
use secrecy::SecretString;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{TokenBody, refresh, respond};
use crate::AppState;
use crate::access::{AuditWriter, AuditedEffect, UnauthenticatedClient};
use crate::auth::secrets;
use crate::http::{Body, BodyFields, ClientAddress, Input, NoQueryOrConditions, is_form, read_bytes};
use crate::openapi::problems;
use crate::passwords::Verified;
use crate::problem::{Code, Problem};
use crate::tracing::{VERIFY_PASSWORD, step};

/// The credentials of a login.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Credentials, example = json!({"username": "user", "password": "user"}))]
pub(crate) struct TokenRequest {
    /// The username.
    #[serde(default)]
    #[schema(value_type = String, required)]
    username: Input,
    /// The password.
    #[serde(default)]
    #[schema(value_type = String, required, format = Password)]
    password: Input,
}

/// The same as a form. The document omits it, because generated clients would have two bodies to
/// choose from. Other parameters of OAuth clients are ignored, as RFC 6749, section 3.2, requires.
#[derive(Deserialize)]
pub(crate) struct TokenForm {
    /// `password` (the default) or `refresh_token`.
    grant_type: Option<String>,
    username: Option<String>,
    password: Option<String>,
    /// The last refresh token of the session, for the grant type `refresh_token`.
    refresh_token: Option<String>,
}

/// The grant of a request for a token, from JSON or from a form.
pub(crate) enum Grant {
    Password { username: String, password: SecretString },
    RefreshToken(SecretString),
}

impl Grant {
    fn password(username: Option<&str>, password: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let username = faults.take("username", username.ok_or(FaultReason::Required));
        let password = faults.take("password", password.ok_or(FaultReason::Required));
        match (username, password) {
            (Some(username), Some(password)) => {
                Ok(Self::Password { username: username.into(), password: password.into() })
            }
            _ => Err(faults),
        }
    }
}

impl BodyFields for TokenRequest {
    type Parsed = Grant;

    fn parse(self) -> Result<Grant, Faults> {
        let mut faults = Faults::default();
        let username = self.username.get("username", &mut faults);
        let password = self.password.get("password", &mut faults);
        faults.finish(Grant::password(username, password))
    }
}

impl FromRequest for Grant {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if is_form(request.headers()) {
            let bytes = read_bytes(request, payload);
            Box::pin(async move { bytes.await.and_then(|bytes| parse_form(&bytes)).map_err(for_oauth) })
        } else {
            let body = Body::<TokenRequest>::from_request(request, payload);
            Box::pin(async move { body.await?.parse() })
        }
    }
}

/// Adds the OAuth error code to the refusal of a form (RFC 6749, section 5.2).
fn for_oauth(problem: Problem) -> Problem {
    let error = match problem.code {
        Code::InvalidCredentials | Code::InvalidToken => "invalid_grant",
        // RFC 6749 has no error code for failures of the server and for rate limits.
        code if code.status().is_server_error() || code == Code::RateLimited => return problem,
        _ => "invalid_request",
    };
    if problem.has("error") { problem } else { problem.with("error", error) }
}

fn parse_form(bytes: &[u8]) -> Result<Grant, Problem> {
    // Some clients, such as curl, send a body without a stated media type as a form.
    if bytes.trim_ascii_start().starts_with(b"{") {
        let detail =
            "The body looks like JSON, but its media type is a form. Send Content-Type: application/json with it.";
        return Err(Problem::new(Code::UnsupportedMediaType).with_detail(detail));
    }
    let form: TokenForm = serde_urlencoded::from_bytes(bytes).map_err(|_| {
        Problem::new(Code::InvalidParameter).with_detail("The form is not URL-encoded, or has a field twice.")
    })?;
    match form.grant_type.as_deref() {
        None | Some("password") => Ok(Grant::password(form.username.as_deref(), form.password.as_deref())?),
        Some("refresh_token") => {
            let mut faults = Faults::default();
            let token = faults.take("refresh_token", form.refresh_token.ok_or(FaultReason::Required));
            Ok(Grant::RefreshToken(token.ok_or(faults)?.into()))
        }
        Some(_) => {
            let detail = "The supported grant types are password and refresh_token.";
            Err(Problem::new(Code::InvalidParameter).with_detail(detail).with("error", "unsupported_grant_type"))
        }
    }
}

problems!(Refusals: ANY, BODY, VALIDATION, WRITE + [InvalidCredentials, InvalidToken]);

/// Log in
///
/// Begins a session and returns its tokens. Accepts JSON, or a form of OAuth 2.0 with the password
/// grant or the refresh token grant (the same as `POST /token/refresh`). An unknown user and a
/// wrong password get the same response. A user has at most 20 sessions: a further login ends the
/// oldest.
#[utoipa::path(
    post, path = "/token", tag = "Service", operation_id = "create_token",
    request_body = TokenRequest,
    responses(
        (status = 200, description = "The first tokens of the session.", body = TokenBody,
            example = json!(super::example())),
        Refusals,
    )
)]
pub(crate) async fn create_token(
    _: UnauthenticatedClient,
    _: NoQueryOrConditions,
    grant: Grant,
    request: HttpRequest,
    state: Data<AppState>,
) -> Result<HttpResponse, Problem> {
    let granted = match grant {
        Grant::Password { username, password } => log_in(&username, password, &request, &state).await,
        Grant::RefreshToken(token) => refresh::run(&token, &request, &state).await,
    };
    granted.map_err(|refusal| if is_form(request.headers()) { for_oauth(refusal) } else { refusal })
}

/// The maximum number of verifications of one login. A verification is repeated if a concurrent
/// login replaced the user's password hash with a stronger one.
const VERIFICATIONS_MAX: usize = 2;

async fn log_in(
    username: &str,
    password: SecretString,
    request: &HttpRequest,
    state: &AppState,
) -> Result<HttpResponse, Problem> {
    // Normalized as for the lookup, so that all spellings of a username share one rate limit.
    let username = Username::parse(username).ok();
    let limits = &state.policy.rate_limits.logins;
    let attempt = limits.check(username.as_ref(), ClientAddress::of(request))?;
    match try_to_log_in(username.as_ref(), password, request, state).await {
        Ok(Some(response)) => {
            limits.succeeded(&attempt);
            state.count_login(true);
            Ok(response)
        }
        Ok(None) => {
            attempt.note(request);
            state.count_login(false);
            Err(Problem::new(Code::InvalidCredentials))
        }
        Err(problem) => {
            limits.undecided(&attempt);
            Err(problem)
        }
    }
}

/// The first tokens of the session; `None` if the username or the password is wrong.
async fn try_to_log_in(
    username: Option<&Username>,
    password: SecretString,
    request: &HttpRequest,
    state: &AppState,
) -> Result<Option<HttpResponse>, Problem> {
    for _ in 0..VERIFICATIONS_MAX {
        let user = find_user(username, state).await?;
        let stored = user.as_ref().map(|user| user.password.clone());
        let (user, raised) =
            match (user, step(VERIFY_PASSWORD, state.passwords.verify(password.clone(), stored)).await?) {
                (Some(user), Verified::Yes) if !user.is_disabled => (user, None),
                (Some(user), Verified::YesWeaker(raised)) if !user.is_disabled => (user, Some(raised)),
                _ => break,
            };
        if let Some(response) = begin_session(user, raised, request, state).await? {
            return Ok(Some(response));
        }
    }
    Ok(None)
}

/// Begins a session of a user whose password is correct; `None` if the password has changed since.
async fn begin_session(
    user: User,
    raised: Option<PasswordHash>,
    request: &HttpRequest,
    state: &AppState,
) -> Result<Option<HttpResponse>, Problem> {
    let refresh = secrets::new_refresh_token().map_err(Problem::internal)?;
    let now = state.now();
    let session = Session {
        id: SessionId::from_uuid(state.next_uuid()),
        user_id: user.id,
        created_at: now,
        expires_at: now + state.session_lifetime,
    };
    let audit = AuditWriter::of(request, state, now);
    let (user_id, session_id, hash) = (user.id, session.id, secrets::hash_of(&refresh));
    let begin = move |tx: &mut dyn WriteTx| {
        let has_begun = use_cases::log_in(tx, &user, raised.as_ref(), &session, &hash)?;
        if has_begun {
            audit.note(tx, user_id, AuditedEffect::of(Action::SessionStarted, &session_id))?;
        }
        Ok::<_, StorageError>(has_begun)
    };
    let has_begun = state.write(begin).await?;
    has_begun.then(|| respond(state, user_id, session_id, &refresh)).transpose()
}

async fn find_user(username: Option<&Username>, state: &AppState) -> Result<Option<User>, Problem> {
    let Some(username) = username.cloned() else { return Ok(None) };
    Ok(state.read(move |tx| tx.find_user_named(&username)).await?)
}
