//! Who may come in from where, and how often: what is done with a request before and after its handler.

use actix_web::body::BoxBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::Method;
use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpMessage, HttpResponse};

use super::base::{Base, PublicUrl, X_FORWARDED_PREFIX};
use super::client_address::{ClientAddress, TrustedProxies};
use super::cors::AllowedOrigins;
use super::rate_limit::{Quota, RateLimits};
use crate::config::Network;
use crate::credential::CallerName;
use crate::problem::Problem;

/// The proxies that are trusted, the URL that clients use, the limits, and the origins that are let in.
pub struct Gate {
    trusted_proxies: TrustedProxies,
    public_url: Option<PublicUrl>,
    pub(crate) rate_limits: RateLimits,
    origins: AllowedOrigins,
}

impl Gate {
    /// A gate with nothing counted yet.
    #[must_use]
    pub fn new(network: &Network) -> Self {
        Self {
            trusted_proxies: network.trusted_proxies.clone(),
            public_url: network.public_url.clone(),
            rate_limits: RateLimits::new(&network.rate_limits),
            origins: network.cors_origins.clone(),
        }
    }

    /// Finds out whom a request came from, and by which URL, for all that comes after.
    pub(super) fn identify(&self, request: &ServiceRequest) {
        let (peer, headers) = (request.request().peer_addr(), request.headers());
        request.extensions_mut().insert(self.trusted_proxies.client(peer, headers));
        let forwarded = headers.get(X_FORWARDED_PREFIX).filter(|_| self.trusted_proxies.trust_peer(peer));
        if self.public_url.is_some() || forwarded.is_some() {
            request.extensions_mut().insert(Base::new(self.public_url.as_ref(), forwarded));
        }
    }

    /// The answer to a preflight.
    pub(super) fn preflight(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        self.origins.preflight(request)
    }

    /// Counts a request that is its address's whatever comes of it, before anything is done for it.
    pub(super) fn admit(&self, request: &ServiceRequest) -> Result<Counted, Problem> {
        let counted = when_counted(request);
        if counted == Counted::Before {
            Quota::note(self.rate_limits.check_address(ClientAddress::of(request))?, request);
        }
        Ok(counted)
    }

    /// Counts a request that could have turned out to be a caller's and did not: whoever guesses at tokens, or sends one
    /// along where none is asked for, is counted by their address like those who send none.
    pub(super) fn settle(&self, counted: Counted, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        let request = response.request();
        if counted != Counted::After || is_callers(&response) {
            return response;
        }
        match self.rate_limits.check_address(ClientAddress::of(request)) {
            Ok(quota) => {
                Quota::note(quota, request);
                response
            }
            Err(problem) => response.error_response(problem),
        }
    }

    /// Writes the headers of an answer.
    pub(super) fn write(&self, response: &mut ServiceResponse<BoxBody>) {
        let request = response.request().clone();
        if let Some(base) = request.extensions().get::<Base>() {
            base.write(response.headers_mut());
        }
        if let Some(quota) = request.extensions().get::<Quota>() {
            quota.write(response.headers_mut());
        }
        self.origins.write(&request, response.headers_mut());
    }
}

/// Whether a caller was known, and the store did not find that they are none.
fn is_callers(response: &ServiceResponse<BoxBody>) -> bool {
    response.status() != StatusCode::UNAUTHORIZED && response.request().extensions().contains::<CallerName>()
}

/// When a request is counted by its address.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Counted {
    Never,
    /// Before its handler runs.
    Before,
    /// When it is known whether it is a caller's.
    After,
}

fn when_counted(request: &ServiceRequest) -> Counted {
    // The path as the router reads it: `/%74oken` is `/token`.
    match request.match_info().as_str() {
        // Probes come often, all from one address, and must not be refused because of others there.
        "/health" | "/readyz" if [Method::GET, Method::HEAD].contains(request.method()) => Counted::Never,
        // Nobody is a caller here, and a password takes long to check.
        "/token" => Counted::Before,
        _ if request.headers().contains_key(AUTHORIZATION) => Counted::After,
        _ => Counted::Before,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn a_token_does_not_put_off_the_counting_where_none_is_asked_for() {
        let counted = |method: Method, path, with_token| {
            let request = TestRequest::with_uri(path).method(method);
            let request = if with_token { request.insert_header((AUTHORIZATION, "Bearer x")) } else { request };
            when_counted(&request.to_srv_request())
        };
        for path in ["/token", "/%74oken", "/toke%6E"] {
            assert_eq!(counted(Method::POST, path, true), Counted::Before, "{path}");
        }
        assert_eq!(counted(Method::GET, "/plans", false), Counted::Before);
        assert_eq!(counted(Method::GET, "/plans", true), Counted::After);
        for probe in ["/health", "/readyz"] {
            for with_token in [true, false] {
                assert_eq!(counted(Method::HEAD, probe, with_token), Counted::Never);
            }
            assert_eq!(counted(Method::POST, probe, false), Counted::Before);
        }
    }
}
