//! Errors that the framework answers before a handler runs: malformed HTTP/1.1, too many headers, a
//! timeout. They have no body, and the framework has no hook for them. So they are found in the
//! written bytes, and replaced by problems.

use actix_web::body::MessageBody;
use actix_web::http::StatusCode;
use actix_web::web::Bytes;
use domain::ports::IdGenerator;

use super::headers::write_headers;
use super::request_id::RequestId;
use crate::clock::UuidV7Generator;
use crate::logging::ACCESS;
use crate::problem::{Code, Problem};

/// The maximum size of such an error, in bytes: status line, length, date, and `Connection: close`.
const HEAD_BYTES_MAX: usize = 256;

/// The offset of such an error. It is the last output of a connection, so the bytes end with it.
pub(super) fn find(bytes: &[u8]) -> Option<usize> {
    if !bytes.ends_with(b"\r\n\r\n") {
        return None;
    }
    let tail_at = bytes.len().saturating_sub(HEAD_BYTES_MAX);
    let at = tail_at + find_last(&bytes[tail_at..], b"HTTP/1.")?;
    let head = &bytes[at..];
    // Headroom's own have a body and an id.
    let is_bare = status(head).is_some()
        && find_last(head, b"\r\ncontent-length: 0\r\n").is_some()
        && find_last(head, b"\r\nx-request-id: ").is_none()
        && find_last(&head[..head.len() - 4], b"\r\n\r\n").is_none();
    is_bare.then_some(at)
}

fn find_last(bytes: &[u8], part: &[u8]) -> Option<usize> {
    bytes.windows(part.len()).rposition(|window| window == part)
}

/// The status, if it is one of the framework's errors.
fn status(head: &[u8]) -> Option<StatusCode> {
    let status = StatusCode::from_bytes(head.get(9..12)?).ok()?;
    [400, 408, 431, 500].contains(&status.as_u16()).then_some(status)
}

/// The response that replaces this error. It is logged like any response.
pub(super) fn problem(error: &[u8], client: &str) -> Bytes {
    let status = status(error).unwrap_or(StatusCode::BAD_REQUEST);
    let problem = match Code::of_status(status) {
        Code::InvalidParameter => Problem::new(Code::InvalidParameter).with_detail(
            "The request is not valid HTTP/1.1. Check the request line, Host, Content-Length and Transfer-Encoding, \
             of which there may be one each, and at how the headers are written.",
        ),
        Code::HeadersTooLarge => {
            Problem::new(Code::HeadersTooLarge).with_detail("Send at most 96 headers, and 32 KiB of them.")
        }
        code => Problem::new(code),
    };
    let id = RequestId(UuidV7Generator.next_uuid().simple().to_string());
    log::info!(
        target: ACCESS,
        method = "-", route = "-", status = status.as_u16(), code = problem.code.as_str(), duration_us = 0,
        request_id = id.0.as_str(), client = client, caller = "-", trace_id = "-";
        "request"
    );
    let mut response = problem.respond(&id.0, "");
    write_headers(response.headers_mut(), false, &id);
    let mut written = format!("HTTP/1.1 {status}\r\nconnection: close\r\n").into_bytes();
    for (name, value) in response.headers() {
        written.extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
    }
    let body = response.into_body().try_into_bytes().unwrap_or_default();
    written.extend(format!("content-length: {}\r\n\r\n", body.len()).into_bytes());
    written.extend(body);
    written.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BARE: &str = "HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\ndate: x\r\n\r\n";

    #[test]
    fn only_an_error_of_the_framework_at_the_end_is_found() {
        assert_eq!(find(BARE.as_bytes()), Some(0));
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nx-request-id: 1\r\n\r\n{}\n";
        assert_eq!(find(format!("{answer}{BARE}").as_bytes()), Some(answer.len()));
        for other in [
            answer.to_owned(),
            format!("{BARE}{answer}"),
            BARE.replace("400 Bad Request", "204 No Content"),
            BARE.replace("400", "404"),
            BARE.replace("date: x", "x-request-id: 1"),
            BARE.replace("content-length: 0", "content-length: 7"),
            BARE[10..].to_owned(),
            "\r\n\r\n".to_owned(),
            String::new(),
        ] {
            assert_eq!(find(other.as_bytes()), None, "{other:?}");
        }
    }

    #[test]
    fn an_error_of_the_framework_becomes_a_problem_with_a_request_id() {
        for (status, code) in [(400, "invalid_parameter"), (408, "request_timeout"), (431, "headers_too_large")] {
            let written = problem(BARE.replace("400", &status.to_string()).as_bytes(), "192.0.2.7");
            assert_eq!(find(&written), None, "it is not found again");
            let written = String::from_utf8(written.into()).expect("it is text");
            let (head, body) = written.split_once("\r\n\r\n").expect("it has a head");
            assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
            assert!(head.ends_with(&format!("content-length: {}", body.len())), "{head}");
            let body: serde_json::Value = serde_json::from_str(body).expect("it is JSON");
            assert_eq!((&body["code"], &body["status"]), (&code.into(), &status.into()));
            let id = body["request_id"].as_str().expect("it is a string");
            assert!(head.contains(&format!("x-request-id: {id}")), "{head}");
        }
    }
}
