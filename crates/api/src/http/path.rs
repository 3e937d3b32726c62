//! The ids in a path. A malformed id names no resource: 404.

use std::future::{Ready, ready};
use std::str::FromStr;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::web::Path;
use actix_web::{FromRequest, HttpRequest};
use domain::{
    AccountId, AllocationKey, ApiKeyId, BookingId, FeatureDef, GrantId, HoldId, KeyKind, Meter, Metric, OverrideKey,
    PlanCatalog, StaffId, UsageRecordId, keys_of_kind,
};

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

/// `/users/{user_id}`, where the username is accepted as well.
pub(crate) struct UserPath(pub(crate) String);

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

/// `/accounts/{account_id}/holds/{hold_id}`.
pub(crate) struct HoldPath(pub(crate) AccountId, pub(crate) HoldId);

/// `/accounts/{account_id}/allocations/{meter}`, where the meter takes allocations.
pub(crate) struct AllocationsPath(pub(crate) AccountId, pub(crate) Meter);

/// `/accounts/{account_id}/allocations/{meter}/{key}`.
pub(crate) struct AllocationPath {
    pub(crate) account: AccountId,
    pub(crate) meter: Meter,
    pub(crate) key: AllocationKey,
    /// The path as it was sent.
    pub(crate) location: String,
}

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

impl FromRequest for UserPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "user_id").map(Self))
    }
}

impl FromRequest for OverridePath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, overridden(request)?))))
    }
}

/// The catalogue.
fn catalog(request: &HttpRequest) -> Result<Arc<PlanCatalog>, Problem> {
    let shared = request.app_data::<SharedCatalog>();
    shared.map(SharedCatalog::get).ok_or_else(|| Problem::internal("no catalogue is configured"))
}

/// A key that a metric or a feature can have.
fn override_key(request: &HttpRequest) -> Result<OverrideKey, Problem> {
    let (key, catalog) = (request.match_info().query("metric"), catalog(request)?);
    key.parse().map_err(|_| Problem::no_such_key(KeyKind::MetricOrFeature, key, &catalog))
}

/// A metric or a feature of the catalogue.
fn overridden(request: &HttpRequest) -> Result<Overridden, Problem> {
    let (key, catalog) = (request.match_info().query("metric"), catalog(request)?);
    let found = match catalog.metric(key) {
        Some(metric) => Some(Overridden::Limit(metric.key.clone())),
        None => catalog.feature(key).cloned().map(Overridden::Feature),
    };
    found.ok_or_else(|| Problem::no_such_key(KeyKind::MetricOrFeature, key, &catalog))
}

impl FromRequest for OverrideKeyPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, override_key(request)?))))
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

impl FromRequest for HoldPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, id(request, "hold_id")?))))
    }
}

/// A meter of gauges of the catalogue. Staff members have endpoints of their own.
fn allocated_meter(request: &HttpRequest) -> Result<Meter, Problem> {
    let (key, catalog) = (request.match_info().query("meter"), catalog(request)?);
    let kind = KeyKind::AllocatedMeter;
    let meter = key.parse().ok().filter(|_| keys_of_kind(&catalog, kind).contains(&key));
    meter.ok_or_else(|| Problem::no_such_key(kind, key, &catalog))
}

impl FromRequest for AllocationsPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(id(request, "account_id").and_then(|account| Ok(Self(account, allocated_meter(request)?))))
    }
}

impl FromRequest for AllocationPath {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        // The router leaves some characters encoded, such as a slash.
        let decoded = Path::<(String, String, String)>::from_request(request, payload).into_inner();
        let key = decoded.ok().and_then(|decoded| AllocationKey::parse(&decoded.2).ok());
        let found = || {
            let (account, meter) = (id(request, "account_id")?, allocated_meter(request)?);
            let key = key.ok_or_else(|| Problem::new(Code::NotFound))?;
            Ok(Self { account, meter, key, location: request.path().to_owned() })
        };
        ready(found())
    }
}
