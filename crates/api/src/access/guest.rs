//! Requests that need no caller: they are their address's, whatever they show.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::AppState;
use crate::problem::Problem;

/// That a handler serves everybody. A handler names it first, or a caller: so its request is counted before anything is done
/// for it, and one that is refused for its number has done nothing.
pub(crate) struct Guest;

impl FromRequest for Guest {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let state = request.app_data::<Data<AppState>>().ok_or_else(|| Problem::internal("no state is registered"));
        ready(state.and_then(|state| state.policy.count_guest(request)).map(|()| Self))
    }
}
