//! Requests that need no credential: they are counted by their address.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::AppState;
use crate::problem::Problem;

/// The client of a handler that needs no credential. A handler names it, or a caller, as its first
/// argument: the request is counted before anything else happens, so one that exceeds the rate
/// limit has no effect.
pub(crate) struct UnauthenticatedClient;

impl FromRequest for UnauthenticatedClient {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<Data<AppState>>().ok_or_else(|| Problem::internal("no state is registered"));
        ready(state.and_then(|state| state.policy.count_by_address(request)).map(|()| Self))
    }
}
