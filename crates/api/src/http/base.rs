//! The base URL by which clients reach this server: a reverse proxy may serve it under a path
//! prefix.
//!
//! Paths in responses (`Location`, `Link`, `type` of a problem) begin with it. The explorer uses
//! relative references, which are valid under any prefix.

use std::str::FromStr;

use actix_web::HttpMessage;
use actix_web::http::Uri;
use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue, LINK, LOCATION};

pub(super) const X_FORWARDED_PREFIX: HeaderName = HeaderName::from_static("x-forwarded-prefix");

/// The maximum length of a prefix, in bytes.
const PREFIX_BYTES_MAX: usize = 256;

/// The public URL of this server, without a trailing slash.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PublicUrl(String);

/// The text is not a valid public URL.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct NotAPublicUrl;

impl FromStr for PublicUrl {
    type Err = NotAPublicUrl;

    /// `https://example.com` or `https://example.com/api`.
    fn from_str(text: &str) -> Result<Self, NotAPublicUrl> {
        let uri: Uri = text.parse().map_err(|_| NotAPublicUrl)?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or(NotAPublicUrl)?;
        let is_good = ["http", "https"].contains(&scheme) && !authority.host().is_empty();
        if !is_good || authority.as_str().contains('@') || text.contains(['?', '#']) {
            return Err(NotAPublicUrl);
        }
        let path = prefix(uri.path()).ok_or(NotAPublicUrl)?;
        Ok(Self(format!("{scheme}://{authority}{path}")))
    }
}

/// The prefix without a trailing slash; `None` if it is malformed.
fn prefix(text: &str) -> Option<&str> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let is_segment = |segment: &str| {
        let is_unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        !["", ".", ".."].contains(&segment) && segment.bytes().all(is_unreserved)
    };
    let is_prefix = text.is_empty() || text.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_segment));
    (is_prefix && text.len() <= PREFIX_BYTES_MAX).then_some(text)
}

/// The base of the paths in a response: a URL, a prefix, or empty.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct BaseUrl(Box<str>);

impl BaseUrl {
    /// The configured public URL, else the prefix from `X-Forwarded-Prefix` of a trusted proxy.
    pub(super) fn new(public_url: Option<&PublicUrl>, forwarded: Option<&HeaderValue>) -> Self {
        let forwarded = || prefix(forwarded?.to_str().ok()?);
        Self(public_url.map_or_else(|| forwarded().unwrap_or_default(), |url| &url.0).into())
    }

    /// The base of a request, after `observe`.
    pub(crate) fn of(request: &impl HttpMessage) -> Self {
        request.extensions().get().cloned().unwrap_or_default()
    }

    /// The text to put before a path.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }

    /// Prepends it to the paths in a response's headers.
    pub(super) fn write(&self, headers: &mut HeaderMap) {
        for (name, before) in [(LOCATION, ""), (LINK, "<")] {
            let path = headers.get(&name).and_then(|value| value.to_str().ok()?.strip_prefix(before));
            let Some(path) = path.filter(|path| path.starts_with('/')) else { continue };
            if let Ok(value) = HeaderValue::from_str(&format!("{before}{}{path}", self.0)) {
                headers.insert(name, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_url_is_a_scheme_a_host_and_perhaps_a_prefix() {
        for (text, url) in [
            ("https://example.com", "https://example.com"),
            ("https://example.com/", "https://example.com"),
            ("http://localhost:8080/api", "http://localhost:8080/api"),
            ("https://[::1]:8443/a/b-c_d.e~f/", "https://[::1]:8443/a/b-c_d.e~f"),
        ] {
            assert_eq!(text.parse(), Ok(PublicUrl(url.to_owned())), "{text}");
        }
        for bad in [
            "",
            "/api",
            "example.com",
            "example.com/api",
            "ftp://example.com",
            "https://",
            "https://user@example.com",
            "https://example.com?x",
            "https://example.com/#x",
            "https://example.com//api",
            "https://example.com/../api",
            "https://example.com/a b",
            "https://example.com/%2e",
        ] {
            assert_eq!(bad.parse::<PublicUrl>(), Err(NotAPublicUrl), "{bad}");
        }
    }

    #[test]
    fn the_prefix_of_a_proxy_is_used_if_it_is_valid_and_no_url_is_configured() {
        let url = "https://example.com/v1".parse().ok();
        let header = |text| HeaderValue::from_str(text).ok();
        for (text, base) in [
            ("/api", "/api"),
            ("/api/", "/api"),
            ("/a/b", "/a/b"),
            ("/", ""),
            ("", ""),
            ("api", ""),
            ("//evil.example", ""),
            ("/\\evil.example", ""),
            ("/a/../b", ""),
            ("/a, /b", ""),
            ("/a?b", ""),
            ("https://evil.example", ""),
        ] {
            assert_eq!(BaseUrl::new(None, header(text).as_ref()).as_str(), base, "{text}");
            assert_eq!(BaseUrl::new(url.as_ref(), header(text).as_ref()).as_str(), "https://example.com/v1");
        }
        let long = format!("/{}", "a".repeat(PREFIX_BYTES_MAX));
        assert_eq!(BaseUrl::new(None, header(&long).as_ref()), BaseUrl::default());
        assert_eq!(BaseUrl::new(None, None), BaseUrl::default());
    }
}
