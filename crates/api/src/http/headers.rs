//! The headers that every response has.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};

use super::request_id::{self, RequestId};

/// Marks a response to an idempotent request that an earlier one has stored.
pub(crate) const IDEMPOTENCY_REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// The Content-Security-Policy of data: nothing is permitted. Pages have their own policy.
const DATA_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

/// Writes the common headers. A response to a request with credentials is `private`: no cache may
/// store it.
pub(super) fn write_headers(headers: &mut HeaderMap, private: bool, id: &RequestId) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(DATA_POLICY));
    }
    if private && !headers.contains_key(CACHE_CONTROL) {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    if let Ok(value) = HeaderValue::from_str(&id.0) {
        headers.insert(HeaderName::from_static(request_id::HEADER), value);
    }
}
