//! A request's id: the caller's if it is sane, else its trace's, else ours.

use actix_web::http::header::HeaderMap;
use domain::Uuid;

/// The name of the header that carries it, both ways.
pub(crate) const HEADER: &str = "x-request-id";

/// How a request is named in its answer and in the log.
#[derive(Clone, Debug)]
pub(crate) struct RequestId(pub(crate) String);

impl RequestId {
    /// The id of the request with these headers; `ours` makes one.
    pub(crate) fn of(headers: &HeaderMap, ours: impl FnOnce() -> Uuid) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let given = text(HEADER).filter(|id| is_sane(id)).or_else(|| text("traceparent").and_then(trace_id));
        Self(given.map_or_else(|| ours().simple().to_string(), str::to_owned))
    }
}

/// Whether the id can stand in a log and in a header as it is.
fn is_sane(id: &str) -> bool {
    (1..=128).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:".contains(&byte))
}

/// The trace id of a `traceparent` header, as W3C Trace Context (level 1, section 3.2) has it.
pub(crate) fn trace_id(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.trim().split('-');
    let (version, trace, parent, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |part: &str, length| {
        part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
    };
    let not_zero = |part: &str| part.bytes().any(|byte| byte != b'0');
    // Later versions may append parts; version 00 has none, and ff is forbidden.
    let known = hex(version, 2) && version != "ff" && (version != "00" || parts.next().is_none());
    (known && hex(trace, 32) && not_zero(trace) && hex(parent, 16) && not_zero(parent) && hex(flags, 2))
        .then_some(trace)
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
    fn the_callers_id_is_kept_if_it_is_sane() {
        assert_eq!(id(HEADER, "order-7.retry:1"), "order-7.retry:1");
        for odd in ["", "a b", "a\"b", "ä", &"a".repeat(129)] {
            assert_eq!(id(HEADER, odd), Uuid::nil().simple().to_string(), "{odd:?}");
        }
    }

    #[test]
    fn a_trace_names_the_request_too() {
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
}
