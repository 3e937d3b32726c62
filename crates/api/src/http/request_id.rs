//! A request's id: the client's if it is valid, else its trace's, else a generated one.

use actix_web::http::header::HeaderMap;
use domain::Uuid;

/// The header of the id, in requests and responses.
pub(crate) const HEADER: &str = "x-request-id";

/// The header of the caller's span, and of ours in the response.
pub(crate) const TRACEPARENT: &str = "traceparent";

/// The id of a request in its response and in the log.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    /// The id of the request with these headers; `ours` generates one.
    pub(crate) fn of(headers: &HeaderMap, ours: impl FnOnce() -> Uuid) -> Self {
        let given = text(headers, HEADER).filter(|id| is_valid(id));
        let given = given.or_else(|| TraceParent::of(headers).map(|parent| parent.trace_id));
        Self(given.map_or_else(|| ours().simple().to_string(), str::to_owned))
    }
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Whether the id can be used unchanged in logs and headers.
fn is_valid(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

/// The caller's span, as defined by W3C Trace Context (level 1, section 3.2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct TraceParent<'h> {
    pub(crate) trace_id: &'h str,
    pub(crate) span_id: &'h str,
    /// Whether the caller samples the trace.
    pub(crate) is_sampled: bool,
}

impl<'h> TraceParent<'h> {
    /// That of a request with these headers, if it is valid.
    pub(crate) fn of(headers: &'h HeaderMap) -> Option<Self> {
        Self::parse(text(headers, TRACEPARENT)?)
    }

    fn parse(traceparent: &'h str) -> Option<Self> {
        let mut parts = traceparent.trim().split('-');
        let (version, trace_id, span_id, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let hex = |part: &str, length| {
            part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
        };
        let not_zero = |part: &str| part.bytes().any(|byte| byte != b'0');
        // Later versions may append parts; version 00 has none, and ff is forbidden.
        let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
        let is_valid = known && hex(trace_id, 32) && not_zero(trace_id) && hex(span_id, 16) && not_zero(span_id);
        let flags = u8::from_str_radix(flags, 16).ok().filter(|_| is_valid && hex(flags, 2))?;
        Some(Self { trace_id, span_id, is_sampled: flags & 1 == 1 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::test::TestRequest;

    fn id(name: &'static str, value: &str) -> String {
        let request = TestRequest::default().insert_header((name, value)).to_http_request();
        RequestId::of(request.headers(), Uuid::nil).0
    }

    #[test]
    fn the_clients_id_is_kept_if_it_is_valid() {
        assert_eq!(id(HEADER, "order-7.retry:1"), "order-7.retry:1");
        for odd in ["", "a b", "a\"b", "ä", &"a".repeat(129)] {
            assert_eq!(id(HEADER, odd), Uuid::nil().simple().to_string(), "{odd:?}");
        }
    }

    #[test]
    fn the_trace_id_is_the_default() {
        let trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        assert_eq!(id("traceparent", &format!("00-{trace}-00f067aa0ba902b7-01")), trace);
        for bad in [
            format!("ff-{trace}-00f067aa0ba902b7-01"),
            format!("00-{trace}-0000000000000000-01"),
            format!("00-{}-00f067aa0ba902b7-01", "0".repeat(32)),
            format!("00-{trace}-00f067aa0ba902b7-01-x"),
            format!("00-{trace}"),
        ] {
            assert_eq!(id("traceparent", &bad), Uuid::nil().simple().to_string(), "{bad}");
        }
    }

    #[test]
    fn the_last_bit_of_the_flags_says_whether_the_caller_samples() {
        let (trace_id, span_id) = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7");
        let parse =
            |flags: &str| TraceParent::parse(&format!("00-{trace_id}-{span_id}-{flags}")).map(|it| it.is_sampled);
        for (flags, is_sampled) in [("00", false), ("01", true), ("02", false), ("ff", true)] {
            assert_eq!(parse(flags), Some(is_sampled), "{flags}");
        }
        for bad in ["", "1", "+1", "0g", "001", "FF"] {
            assert_eq!(parse(bad), None, "{bad:?}");
        }
        let later = format!("01-{trace_id}-{span_id}-01-more");
        assert_eq!(TraceParent::parse(&later), Some(TraceParent { trace_id, span_id, is_sampled: true }));
    }
}
