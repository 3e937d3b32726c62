//! Cross-origin requests (the Fetch standard's CORS protocol): browsers let the pages of listed
//! origins use the API.
//!
//! Not actix-cors: it also adds headers for unlisted origins, and its refusals are not problems.

use std::str::FromStr;

use actix_web::dev::ServiceRequest;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderValue,
    ORIGIN, VARY,
};
use actix_web::http::{Method, Uri};
use actix_web::{HttpRequest, HttpResponse};

use super::client_address::NotAList;

const METHODS: &str = "GET, HEAD, POST, PUT, PATCH, DELETE";
/// The headers that a page may send. Cookies are not needed: a token identifies the caller. The
/// last ones are those that tracing in browsers adds to every request: W3C Trace Context, Baggage,
/// and Sentry's own.
const REQUEST_HEADERS: &str = "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, X-Request-Id, \
     traceparent, tracestate, baggage, sentry-trace";
/// The response headers that a page may read, in addition to those that are always allowed.
const RESPONSE_HEADERS: &str = "Dry-Run, ETag, Idempotency-Replayed, Link, Location, RateLimit, RateLimit-Policy, \
     Retry-After, WWW-Authenticate, X-Request-Id, traceparent";
/// How long a browser may cache the response to a preflight.
const MAX_AGE_SECONDS: &str = "3600";

/// The origins whose pages may use the API, as browsers write them.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct AllowedOrigins(Vec<String>);

impl FromStr for AllowedOrigins {
    type Err = NotAList;

    /// Origins, separated by commas; the text may be empty.
    fn from_str(text: &str) -> Result<Self, NotAList> {
        if text.trim().is_empty() {
            return Ok(Self::default());
        }
        text.split(',').map(|item| origin(item.trim()).ok_or(NotAList)).collect::<Result<_, _>>().map(Self)
    }
}

/// Parses `scheme://host[:port]` with an optional slash, as copied from a browser. Returns it as
/// browsers send it: in lower case and without the scheme's default port.
fn origin(text: &str) -> Option<String> {
    let text = text.strip_suffix('/').unwrap_or(text).to_ascii_lowercase();
    let uri: Uri = text.parse().ok()?;
    let (scheme, authority) = (uri.scheme_str()?, uri.authority()?);
    let is_whole = text == format!("{scheme}://{authority}");
    if !is_whole || authority.host().is_empty() || authority.as_str().contains(['*', '@']) {
        return None;
    }
    let own_port = match scheme {
        "http" => ":80",
        "https" => ":443",
        _ => "",
    };
    Some(text.strip_suffix(own_port).unwrap_or(&text).to_owned())
}

impl AllowedOrigins {
    /// The origin of a request, if it is listed.
    fn listed<'a>(&self, request: &'a HttpRequest) -> Option<&'a HeaderValue> {
        let origin = request.headers().get(ORIGIN)?;
        self.0.iter().any(|listed| listed.as_bytes() == origin.as_bytes()).then_some(origin)
    }

    /// The response to the preflight of a listed origin.
    pub(super) fn preflight(&self, request: &ServiceRequest) -> Option<HttpResponse> {
        let is_preflight =
            request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD);
        if !is_preflight || self.listed(request.request()).is_none() {
            return None;
        }
        Some(
            HttpResponse::NoContent()
                .insert_header((ACCESS_CONTROL_ALLOW_METHODS, METHODS))
                .insert_header((ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS))
                .insert_header((ACCESS_CONTROL_MAX_AGE, MAX_AGE_SECONDS))
                .finish(),
        )
    }

    /// Writes the CORS headers of a response.
    pub(super) fn write(&self, request: &HttpRequest, headers: &mut HeaderMap) {
        if self.0.is_empty() {
            return;
        }
        // For unlisted origins, too: a cache must not mix up responses for different origins.
        headers.append(VARY, HeaderValue::from_static("Origin"));
        if let Some(origin) = self.listed(request) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(RESPONSE_HEADERS));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_a_scheme_a_host_and_perhaps_a_port() {
        let origins = "https://app.example.com/ , http://localhost:5173,HTTPS://Other.example:443,http://[::1]:80";
        let listed = ["https://app.example.com", "http://localhost:5173", "https://other.example", "http://[::1]"];
        assert_eq!(origins.parse(), Ok(AllowedOrigins(listed.map(str::to_owned).into())));
        assert_eq!("".parse(), Ok(AllowedOrigins::default()));
        for bad in [
            "*",
            "https://*.example.com",
            "https://app.example.com//",
            "https://app.example.com/path",
            "/",
            "https://user@app.example.com",
            "app.example.com",
            "//app.example.com",
            "null",
            "https://a.example,,https://b.example",
            "https://a.example https://b.example",
            "https://app.example.com?x",
        ] {
            assert_eq!(bad.parse::<AllowedOrigins>(), Err(NotAList), "{bad}");
        }
    }
}
