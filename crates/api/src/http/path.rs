//! The ids in a path. A malformed id names no resource: 404.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::{AccountId, ApiKeyId, BookingId, Metric, StaffId};

use crate::plans::SharedCatalog;
use crate::problem::{Code, Problem};

/// `/accounts/{account_id}`.
pub(crate) struct AccountPath(pub(crate) AccountId);

/// `/accounts/{account_id}/staff/{staff_id}`.
pub(crate) struct StaffPath(pub(crate) AccountId, pub(crate) StaffId);

/// `/accounts/{account_id}/bookings/{booking_id}`.
pub(crate) struct BookingPath(pub(crate) AccountId, pub(crate) BookingId);

/// `/accounts/{account_id}/members/{user_id}`, where the username is accepted as well.
pub(crate) struct MemberPath(pub(crate) AccountId, pub(crate) String);

/// `/accounts/{account_id}/overrides/{metric}`.
pub(crate) struct OverridePath(pub(crate) AccountId, pub(crate) Metric);

/// `/api-keys/{api_key_id}`.
pub(crate) struct ApiKeyPath(pub(crate) ApiKeyId);

fn id<T: FromStr>(request: &HttpRequest, segment: &str) -> Result<T, Problem> {
    let id = request.match_info().get(segment).and_then(|text| text.parse().ok());
    id.ok_or_else(|| Problem::new(Code::NotFound))
}

impl FromRequest for AccountPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").map(Self))
    }
}

impl FromRequest for StaffPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, id(request, "staff_id")?))))
    }
}

impl FromRequest for BookingPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, id(request, "booking_id")?))))
    }
}

impl FromRequest for MemberPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, id(request, "user_id")?))))
    }
}

impl FromRequest for OverridePath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, metric(request)?))))
    }
}

/// A metric of the catalogue.
fn metric(request: &HttpRequest) -> Result<Metric, Problem> {
    let metric: Metric = id(request, "metric")?;
    let catalog = request.app_data::<SharedCatalog>();
    let is_known = catalog.is_some_and(|catalog| catalog.get().metric(metric.as_str()).is_some());
    if is_known { Ok(metric) } else { Err(Problem::new(Code::NotFound)) }
}

impl FromRequest for ApiKeyPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "api_key_id").map(Self))
    }
}
