//! The ids in a path. A malformed id names no resource: 404.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use domain::{AccountId, ApiKeyId, BookingId, FeatureDef, GrantId, Metric, OverrideKey, StaffId, UsageRecordId};

use crate::plans::SharedCatalog;
use crate::problem::{Code, Problem};

/// `/accounts/{account_id}`.
pub(crate) struct AccountPath(pub(crate) AccountId);

/// `/accounts/{account_id}/staff/{staff_id}`.
pub(crate) struct StaffPath(pub(crate) AccountId, pub(crate) StaffId);

/// `/accounts/{account_id}/bookings/{booking_id}`.
pub(crate) struct BookingPath(pub(crate) AccountId, pub(crate) BookingId);

/// `/accounts/{account_id}/usage/{use_id}`.
pub(crate) struct UsagePath(pub(crate) AccountId, pub(crate) UsageRecordId);

/// `/accounts/{account_id}/members/{user_id}`, where the username is accepted as well.
pub(crate) struct MemberPath(pub(crate) AccountId, pub(crate) String);

/// `/accounts/{account_id}/overrides/{metric}`, of a metric or a feature of the catalogue.
pub(crate) struct OverridePath(pub(crate) AccountId, pub(crate) Overridden);

/// What an override is about.
pub(crate) enum Overridden {
    /// A limit.
    Limit(Metric),
    /// A feature.
    Feature(FeatureDef),
}

/// `/accounts/{account_id}/overrides/{metric}`, of any key.
pub(crate) struct OverrideKeyPath(pub(crate) AccountId, pub(crate) OverrideKey);

/// `/accounts/{account_id}/grants/{grant_id}`.
pub(crate) struct GrantPath(pub(crate) AccountId, pub(crate) GrantId);

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

impl FromRequest for UsagePath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, id(request, "use_id")?))))
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
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, overridden(request)?))))
    }
}

/// A metric or a feature of the catalogue.
fn overridden(request: &HttpRequest) -> Result<Overridden, Problem> {
    let key: OverrideKey = id(request, "metric")?;
    let catalog = request.app_data::<SharedCatalog>().map(SharedCatalog::get);
    let found = catalog.and_then(|catalog| match catalog.metric(key.as_str()) {
        Some(metric) => Some(Overridden::Limit(metric.key.clone())),
        None => catalog.feature(key.as_str()).cloned().map(Overridden::Feature),
    });
    found.ok_or_else(|| Problem::new(Code::NotFound))
}

impl FromRequest for OverrideKeyPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, id(request, "metric")?))))
    }
}

impl FromRequest for GrantPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, id(request, "grant_id")?))))
    }
}

impl FromRequest for ApiKeyPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "api_key_id").map(Self))
    }
}
