//! `POST /token`: as JSON, and as the password form of OAuth 2.0 (RFC 6749, section 4.3) that the explorer sends.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Bytes, Data};
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use domain::{FaultReason, Faults};
use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::AppState;
use crate::http::{Body, BodyFields, Input, is_form, read_bytes};
use crate::openapi::problems;
use crate::problem::{Code, Problem};

/// Who wants a token.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = Credentials, example = json!({"username": "user", "password": "user"}))]
pub(crate) struct TokenRequest {
    /// What they are called.
    #[serde(default)]
    #[schema(value_type = String, required)]
    username: Input,
    /// How they prove it.
    #[serde(default)]
    #[schema(value_type = String, required, format = Password)]
    password: Input,
}

/// The same as a form. What else OAuth clients send is ignored, as RFC 6749, section 3.2, wants it.
#[derive(Deserialize, ToSchema)]
#[schema(as = CredentialsForm)]
pub(crate) struct TokenForm {
    /// `password`; may be left out.
    #[schema(example = "password")]
    grant_type: Option<String>,
    /// What they are called.
    #[serde(default)]
    #[schema(value_type = String, required, example = "user")]
    username: Option<String>,
    /// How they prove it.
    #[serde(default)]
    #[schema(value_type = String, required, format = Password, example = "user")]
    password: Option<String>,
}

/// What a token is asked for with, however it was sent.
pub(crate) struct TokenInput {
    username: String,
    password: SecretString,
}

impl TokenInput {
    fn new(username: Option<&str>, password: Option<&str>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let username = faults.take("username", username.ok_or(FaultReason::Required));
        let password = faults.take("password", password.ok_or(FaultReason::Required));
        match (username, password) {
            (Some(username), Some(password)) => {
                Ok(Self { username: username.into(), password: SecretString::from(password) })
            }
            _ => Err(faults),
        }
    }
}

impl BodyFields for TokenRequest {
    type Parsed = TokenInput;

    fn parse(self) -> Result<TokenInput, Faults> {
        let mut faults = Faults::default();
        let username = self.username.get("username", &mut faults);
        let password = self.password.get("password", &mut faults);
        faults.settle(TokenInput::new(username, password))
    }
}

impl FromRequest for TokenInput {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        if is_form(request.headers()) {
            let bytes = Bytes::from_request(request, payload);
            Box::pin(async move { parse_form(&read_bytes(bytes).await?) })
        } else {
            let body = Body::<TokenRequest>::from_request(request, payload);
            Box::pin(async move { body.await?.parse() })
        }
    }
}

fn parse_form(bytes: &[u8]) -> Result<TokenInput, Problem> {
    let form: TokenForm = serde_urlencoded::from_bytes(bytes).map_err(|_| {
        Problem::new(Code::InvalidParameter).with_detail("The form is not URL-encoded, or has a field twice.")
    })?;
    if form.grant_type.is_some_and(|grant| grant != "password") {
        return Err(Problem::new(Code::InvalidParameter).with_detail("The only grant_type here is password."));
    }
    Ok(TokenInput::new(form.username.as_deref(), form.password.as_deref())?)
}

/// An access token.
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenBody {
    /// Send it as `Authorization: Bearer <token>`.
    #[schema(example = "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6Ijd4dVlaSUV5SF9iMl9nRzcifQ…")]
    access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// How long it is accepted, in seconds.
    #[schema(example = 3600)]
    expires_in: u32,
}

problems!(Refusals: ANY, BODY, VALIDATION + [InvalidCredentials]);

/// Get an access token
///
/// Takes JSON, or the form of an OAuth 2.0 password grant.
#[utoipa::path(
    post, path = "/token", tag = "Service", operation_id = "create_token",
    request_body(content((TokenRequest = "application/json"), (TokenForm = "application/x-www-form-urlencoded"))),
    responses(
        (status = 200, description = "An access token.", body = TokenBody,
            example = json!({"access_token": "eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsImtpZCI6Ijd4dVlaSUV5SF9iMl9nRzcifQ…",
                "token_type": "bearer", "expires_in": 3600})),
        Refusals,
    )
)]
pub(crate) async fn create_token(input: TokenInput, state: Data<AppState>) -> Result<HttpResponse, Problem> {
    use secrecy::ExposeSecret;
    if !state.credentials.accept(&input.username, input.password.expose_secret()) {
        return Err(Problem::new(Code::InvalidCredentials));
    }
    let token = state.tokens.issue(&input.username, state.next_uuid(), state.now()).map_err(Problem::internal)?;
    Ok(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")).json(TokenBody {
        access_token: token,
        token_type: "bearer",
        expires_in: state.tokens.lifetime_seconds,
    }))
}
