//! Access tokens, for users who log in. Programs send an API key instead.

use std::fmt;

use serde::Deserialize;

use crate::call::Call;
use crate::request::Request;
use crate::transport::Transport;

/// An access token and the refresh token that gets the next pair.
#[derive(Clone, Deserialize, Eq, PartialEq)]
#[non_exhaustive]
pub struct Token {
    /// The access token, for [`Client::with_token`](crate::Client::with_token).
    pub access_token: String,
    /// For how many seconds it is accepted.
    pub expires_in: u64,
    /// The refresh token, to be used once.
    pub refresh_token: String,
}

/// Without the secrets.
impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// The operations on tokens.
#[derive(Clone, Debug)]
pub struct Tokens(pub(crate) Transport);

impl Tokens {
    /// Logs in.
    pub fn create(&self, username: &str, password: &str) -> Request<Token> {
        let body = serde_json::json!({ "username": username, "password": password });
        Request::with_json(&self.0, Call::post_without_key(&["token"]), &body)
    }

    /// Continues the session. It is sent again within 30 seconds only, also if the
    /// [`RetryPolicy`](crate::RetryPolicy) permits more: later the service would revoke the session.
    pub fn refresh(&self, refresh_token: &str) -> Request<Token> {
        let body = serde_json::json!({ "refresh_token": refresh_token });
        Request::with_json(&self.0, Call::post_without_key(&["token", "refresh"]).that_refreshes(), &body)
    }

    /// Logs out.
    pub fn revoke(&self, refresh_token: &str) -> Request<()> {
        let body = serde_json::json!({ "refresh_token": refresh_token });
        Request::with_json(&self.0, Call::post_without_key(&["token", "revoke"]), &body)
    }
}
