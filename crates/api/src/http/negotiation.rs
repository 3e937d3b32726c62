//! Content negotiation: the media type of the body, and the accepted one of the response.

use actix_web::HttpRequest;
use actix_web::http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};

/// Whether the Content-Type is JSON.
pub(crate) fn is_json(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media_type| {
        media_type.eq_ignore_ascii_case("application/json")
            || (media_type.len() > 17
                && media_type[..12].eq_ignore_ascii_case("application/")
                && media_type[media_type.len() - 5..].eq_ignore_ascii_case("+json"))
    })
}

/// Whether the Content-Type is a form.
pub(crate) fn is_form(headers: &HeaderMap) -> bool {
    media_type(headers).is_some_and(|media_type| media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// Whether the request has a Content-Type.
pub(crate) fn names_media_type(headers: &HeaderMap) -> bool {
    headers.contains_key(CONTENT_TYPE)
}

/// The media type of the body, without parameters. Not ASCII is not a media type.
fn media_type(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    Some(value.split(';').next().unwrap_or_default().trim())
}

/// Whether the body has no content coding (RFC 9110, section 8.4). Compressed bodies are refused:
/// they may expand a thousandfold.
pub(super) fn is_plain(headers: &HeaderMap) -> bool {
    headers.get_all(CONTENT_ENCODING).all(|value| {
        let mut codings = value.as_bytes().split(|byte| *byte == b',').map(<[u8]>::trim_ascii);
        codings.all(|coding| coding.is_empty() || coding.eq_ignore_ascii_case(b"identity"))
    })
}

/// Whether a header has two different values: some readers use the first, others the last.
pub(super) fn is_ambiguous(headers: &HeaderMap, name: &HeaderName) -> bool {
    let mut values = headers.get_all(name);
    values.next().is_some_and(|first| values.any(|other| other != first))
}

/// Whether the client accepts JSON (RFC 9110, section 12.5.1). Without an `Accept` header, it
/// accepts everything.
pub(crate) fn takes_json(request: &HttpRequest) -> bool {
    let mut ranges = request.headers().get_all(ACCEPT).peekable();
    ranges.peek().is_none() || {
        let best = ranges.filter_map(json_quality).max_by(|a, b| a.0.cmp(&b.0));
        best.is_some_and(|(_, refused)| !refused)
    }
}

/// The specificity of the most specific range for JSON in an `Accept` header, and whether it
/// refuses JSON (`q=0`).
fn json_quality(header: &HeaderValue) -> Option<(u8, bool)> {
    let ranges = header.to_str().ok()?.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let specificity = match parts.next()?.to_ascii_lowercase().as_str() {
            "application/json" | "application/problem+json" => 2,
            "application/*" => 1,
            "*/*" => 0,
            _ => return None,
        };
        let quality = parts.find_map(|part| part.strip_prefix("q=").or(part.strip_prefix("Q=")));
        let refused = quality.is_some_and(|quality| quality.parse::<f32>().is_ok_and(|quality| quality <= 0.0));
        Some((specificity, refused))
    });
    ranges.max_by(|a, b| a.0.cmp(&b.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    #[test]
    fn json_is_accepted_unless_accept_omits_or_refuses_it() {
        for (accept, taken) in [
            ("application/json", true),
            ("*/*", true),
            ("text/html,application/xhtml+xml,*/*;q=0.8", true),
            ("application/*;q=0.5", true),
            ("APPLICATION/JSON; q=1", true),
            ("text/html", false),
            ("application/xml, text/plain", false),
            ("application/json;q=0", false),
            ("*/*, application/json;q=0", false),
            ("", false),
        ] {
            let request = TestRequest::default().insert_header((ACCEPT, accept)).to_http_request();
            assert_eq!(takes_json(&request), taken, "{accept:?}");
        }
        assert!(takes_json(&TestRequest::default().to_http_request()));
    }

    #[test]
    fn a_body_is_plain_unless_any_coding_is_named() {
        for (encodings, plain) in [
            (&[][..], true),
            (&["identity"], true),
            (&["Identity , identity"], true),
            (&[""], true),
            (&["gzip"], false),
            (&["x-gzip"], false),
            (&["identity, gzip"], false),
            (&["identity", "deflate"], false),
            (&["nonsense"], false),
            (&["identity;q=1"], false),
        ] {
            let request = TestRequest::default();
            let request = encodings.iter().fold(request, |it, value| it.append_header((CONTENT_ENCODING, *value)));
            assert_eq!(is_plain(request.to_http_request().headers()), plain, "{encodings:?}");
        }
    }

    #[test]
    fn a_header_is_ambiguous_when_its_values_differ() {
        for (values, ambiguous) in [
            (&[][..], false),
            (&["text/plain"], false),
            (&["text/plain", "text/plain"], false),
            (&["text/plain", "application/json"], true),
            (&["text/plain", "text/plain", "Text/plain"], true),
        ] {
            let request = TestRequest::default();
            let request = values.iter().fold(request, |it, value| it.append_header((CONTENT_TYPE, *value)));
            assert_eq!(is_ambiguous(request.to_http_request().headers(), &CONTENT_TYPE), ambiguous, "{values:?}");
        }
    }

    #[test]
    fn a_json_body_has_a_json_content_type() {
        for (content_type, json) in [
            ("application/json", true),
            ("Application/JSON; charset=utf-8", true),
            ("application/merge-patch+json", true),
            ("application/jsonp", false),
            ("text/json", false),
            ("application/+json", false),
            ("application/x-www-form-urlencoded", false),
        ] {
            let request = TestRequest::default().insert_header((CONTENT_TYPE, content_type)).to_http_request();
            assert_eq!(is_json(request.headers()), json, "{content_type}");
        }
    }
}
