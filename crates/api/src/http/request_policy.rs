//! The request policy: client address, rate limits and CORS, before and after the handler.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage, HttpResponse};

use super::base::{BaseUrl, PublicUrl, X_FORWARDED_PREFIX};
use super::caller_name::CallerName;
use super::client_address::{ClientAddress, ProxyHeader, TrustedProxies};
use super::cors::AllowedOrigins;
use super::rate_limits::{Quota, RateLimitSettings, RateLimits};
use crate::problem::Problem;

/// The settings of the request policy. By default, no proxy is trusted, no public URL is set,
/// nothing is limited, and no origin is allowed.
#[derive(Clone, Debug, Default)]
pub struct RequestPolicySettings {
    /// The proxies that are trusted to forward the client's address.
    pub trusted_proxies: TrustedProxies,
    /// The public URL of this server.
    pub public_url: Option<PublicUrl>,
    /// The header in which they forward it.
    pub proxy_header: ProxyHeader,
    /// The rate limits.
    pub rate_limits: RateLimitSettings,
    /// The origins whose pages may use the API.
    pub cors_origins: AllowedOrigins,
}

/// The request policy: trusted proxies, public URL, rate limits, and allowed origins.
pub struct RequestPolicy {
    trusted_proxies: TrustedProxies,
    public_url: Option<PublicUrl>,
    proxy_header: ProxyHeader,
    pub(crate) rate_limits: RateLimits,
    origins: AllowedOrigins,
}

impl RequestPolicy {
    /// A policy with empty counters.
    #[must_use]
    pub fn new(network: &RequestPolicySettings) -> Self {
        Self {
            trusted_proxies: network.trusted_proxies.clone(),
            public_url: network.public_url.clone(),
            proxy_header: network.proxy_header,
            rate_limits: RateLimits::new(&network.rate_limits),
            origins: network.cors_origins.clone(),
        }
    }

    /// Determines the client and the base URL of a request, for later steps.
    pub(super) fn identify(&self, request: &ServiceRequest) {
        let (peer, headers) = (request.request().peer_addr(), request.headers());
        request.extensions_mut().insert(self.trusted_proxies.client(self.proxy_header, peer, headers));
        let forwarded = headers.get(X_FORWARDED_PREFIX).filter(|_| self.trusted_proxies.trust_peer(peer));
        if self.public_url.is_some() || forwarded.is_some() {
            request.extensions_mut().insert(BaseUrl::new(self.public_url.as_ref(), forwarded));
        }
    }

    /// The response to a preflight.
    pub(super) fn preflight(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        self.origins.preflight(request)
    }

    /// Counts a request that is always counted by its address, before it has any effect.
    pub(super) fn admit(&self, request: &ServiceRequest) -> Result<(), Problem> {
        let counted = when_counted(request);
        request.extensions_mut().insert(counted);
        if counted == Counted::ByAddress { self.count(request) } else { Ok(()) }
    }

    /// Counts a request of a handler without a caller, unless it is already counted.
    pub(crate) fn count_by_address(&self, request: &impl HttpMessage) -> Result<(), Problem> {
        let is_open = request.extensions().get() == Some(&Counted::Later);
        if !is_open {
            return Ok(());
        }
        request.extensions_mut().insert(Counted::ByAddress);
        self.count(request)
    }

    /// Counts a request whose credential turned out to be invalid: clients that guess tokens are
    /// counted by their address, like those that send none. Such a request has had no effect.
    pub(super) fn count_invalid_credential(&self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let is_open = response.request().extensions().get() == Some(&Counted::Later);
        if !is_open || is_callers(&response) {
            return response;
        }
        match self.count(response.request()) {
            Ok(()) => response,
            Err(problem) => response.error_response(problem),
        }
    }

    fn count(&self, request: &impl HttpMessage) -> Result<(), Problem> {
        Quota::note(self.rate_limits.check_address(ClientAddress::of(request))?, request);
        Ok(())
    }

    /// Writes the headers of a response.
    pub(super) fn write(&self, response: &mut ServiceResponse<BoxBody>) {
        let request = response.request().clone();
        if let Some(base) = request.extensions().get::<BaseUrl>() {
            base.write(response.headers_mut());
        }
        if let Some(quota) = request.extensions().get::<Quota>() {
            quota.write(response.headers_mut());
        }
        self.origins.write(&request, response.headers_mut());
    }
}

/// Whether the credential was well formed and the store found it valid.
fn is_callers(response: &ServiceResponse<BoxBody>) -> bool {
    response.status() != StatusCode::UNAUTHORIZED && response.request().extensions().contains::<CallerName>()
}

/// Whether a request is counted by its address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Counted {
    Never,
    ByAddress,
    /// After its credential is checked.
    Later,
}

fn when_counted(request: &ServiceRequest) -> Counted {
    // The path as the router reads it: `/%68ealth` is `/health`.
    match request.match_info().as_str() {
        // Probes are frequent, come from one address, and must not be refused because of other
        // clients there.
        "/health" | "/readyz" if [Method::GET, Method::HEAD].contains(request.method()) => Counted::Never,
        _ if request.headers().contains_key(AUTHORIZATION) => Counted::Later,
        _ => Counted::ByAddress,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Allowance, RateLimitSettings};
    use actix_web::test::TestRequest;
    use std::num::NonZeroU32;

    #[test]
    fn a_request_with_a_token_is_counted_later() {
        let counted = |method: Method, path, with_token| {
            let request = TestRequest::with_uri(path).method(method);
            let request = if with_token { request.insert_header((AUTHORIZATION, "Bearer x")) } else { request };
            when_counted(&request.to_srv_request())
        };
        assert_eq!(counted(Method::GET, "/plans", false), Counted::ByAddress);
        assert_eq!(counted(Method::GET, "/plans", true), Counted::Later);
        for probe in ["/health", "/readyz", "/%68ealth"] {
            for with_token in [true, false] {
                assert_eq!(counted(Method::HEAD, probe, with_token), Counted::Never);
            }
            assert_eq!(counted(Method::POST, probe, false), Counted::ByAddress);
        }
    }

    #[test]
    fn a_request_without_a_caller_is_counted_once() {
        let request = TestRequest::default().insert_header((AUTHORIZATION, "Bearer x")).to_srv_request();
        let one = NonZeroU32::MIN;
        let day = Allowance { requests: one, window_seconds: one.saturating_add(86_399) };
        let rate_limits = RateLimitSettings { per_address: Some(day), ..RateLimitSettings::default() };
        let policy = RequestPolicy::new(&RequestPolicySettings { rate_limits, ..RequestPolicySettings::default() });
        assert!(policy.admit(&request).is_ok() && policy.count_by_address(&request).is_ok());
        let response = policy.count_invalid_credential(request.into_response(HttpResponse::NotFound().finish()));
        assert_eq!(response.status(), 404);
        let request = TestRequest::default().insert_header((AUTHORIZATION, "Bearer x")).to_srv_request();
        assert!(policy.admit(&request).is_ok() && policy.count_by_address(&request).is_err());
    }
}
