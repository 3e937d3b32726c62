//! The credential in `Authorization`: an access token or an API key, both as a bearer token (RFC
//! 6750).

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AUTHORIZATION, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};
use domain::{Credential, SessionId};

use crate::AppState;
use crate::auth::Tokens;
use crate::auth::secrets::{self, API_KEY_PREFIX};
use crate::http::{CallerName, Quota};
use crate::problem::{Code, Problem};

/// The credential in the header, if it is well formed. The store decides whether it is still valid.
fn parse(header: Option<&HeaderValue>, tokens: &Tokens) -> Result<Credential, Problem> {
    let token = header.and_then(bearer).ok_or_else(|| Problem::new(Code::Unauthenticated))?;
    if token.starts_with(API_KEY_PREFIX) {
        return secrets::parse_api_key(token).ok_or_else(|| Problem::new(Code::InvalidToken));
    }
    let verified = tokens.verify(token).map_err(Problem::new)?;
    let user_id = verified.subject.parse().map_err(|_| Problem::new(Code::InvalidToken))?;
    Ok(Credential::Session { id: SessionId::from_uuid(verified.session), user_id })
}

/// The token of an `Authorization: Bearer …` header (RFC 6750, section 2.1); the scheme in any
/// letter case.
fn bearer(header: &HeaderValue) -> Option<&str> {
    let (scheme, token) = header.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// The credential of a request: well formed, whether or not it is still valid.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct BearerCredential(pub Credential);

impl FromRequest for BearerCredential {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(read_credential(request).map(Self))
    }
}

/// Reads the credential, notes the caller for the log, and counts the request.
pub(crate) fn read_credential(request: &HttpRequest) -> Result<Credential, Problem> {
    let state = request.app_data::<Data<AppState>>().ok_or_else(|| Problem::internal("no state is registered"))?;
    let credential = parse(request.headers().get(AUTHORIZATION), &state.tokens)?;
    request.extensions_mut().insert(CallerName::from(&credential));
    Quota::note(state.policy.rate_limits.check_caller(&credential)?, request);
    Ok(credential)
}
