//! The endpoints of tokens: short-lived access tokens and long-lived refresh tokens.

mod create;
mod refresh;
mod revoke;

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use domain::{SessionId, UserId};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::endpoint::endpoints;
use crate::AppState;
use crate::http;
use crate::problem::Problem;

endpoints! {
    create::create_token,
    refresh::refresh_token,
    revoke::revoke_token,
}

/// A pair of tokens (RFC 6749, section 5.1).
#[derive(Serialize, ToSchema)]
#[schema(as = Token)]
pub(crate) struct TokenBody {
    /// The access token, sent as `Authorization: Bearer <token>`.
    #[schema(example = "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6Ijd4dVlaSUV5SF9iMl9nRzcifQ…")]
    access_token: String,
    /// Always `bearer`.
    #[schema(example = "bearer")]
    token_type: &'static str,
    /// The lifetime of the access token, in seconds.
    #[schema(example = 900)]
    expires_in: u32,
    /// The refresh token, for `POST /token/refresh`. It is valid for one use; a repeated request
    /// within 30 seconds is accepted.
    #[schema(example = "hr_refresh_…")]
    refresh_token: String,
}

/// The response with the tokens of a session.
fn respond(
    state: &AppState,
    user: UserId,
    session: SessionId,
    refresh: &SecretString,
) -> Result<HttpResponse, Problem> {
    let token = state.tokens.issue(&user.to_string(), session.uuid(), state.next_uuid(), state.now());
    let body = TokenBody {
        access_token: token.map_err(Problem::internal)?,
        token_type: "bearer",
        expires_in: state.tokens.lifetime_seconds,
        refresh_token: refresh.expose_secret().to_owned(),
    };
    Ok(http::json(HttpResponse::Ok().insert_header((CACHE_CONTROL, "no-store")), &body))
}

/// The example of a pair of tokens for the document.
fn example() -> Value {
    json!({
        "access_token": "eyJ0eXAiOiJhdCtqd3QiLCJhbGciOiJIUzI1NiIsImtpZCI6Ijd4dVlaSUV5SF9iMl9nRzcifQ…",
        "token_type": "bearer", "expires_in": 900, "refresh_token": "hr_refresh_…",
    })
}
