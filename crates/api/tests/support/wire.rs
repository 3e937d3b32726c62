//! HTTP by hand, for behaviour that a well-behaved client neither has nor shows.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;

use super::process::{PATIENCE, Server};

/// The response of a connection.
#[derive(Debug, PartialEq)]
pub(crate) enum Reply {
    /// A whole response.
    Whole(Answer),
    /// The connection ended before the first byte of a response.
    Nothing,
    /// The connection ended within a response.
    Cut(String),
}

#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Reply {
    #[track_caller]
    pub(crate) fn whole(self) -> Answer {
        match self {
            Self::Whole(answer) => answer,
            other => panic!("expected a response, got {other:?}"),
        }
    }
}

/// Raises this process's limit of open files: a test with hundreds of connections runs beside
/// others.
pub(crate) fn permit_many_connections() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }).expect("the limit can be raised");
}

/// A connection to the server, with a deadline for every read and write.
pub(crate) fn connect(server: &Server) -> TcpStream {
    try_connect(server.address()).expect("the server accepts connections")
}

/// As [`connect`], where the server may be down.
pub(crate) fn try_connect(address: &str) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE)).expect("a connection takes a timeout");
    stream.set_write_timeout(Some(PATIENCE)).expect("a connection takes a timeout");
    stream.set_nodelay(true).expect("a connection can send at once");
    Ok(stream)
}

/// A request with a JSON body.
pub(crate) fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> String {
    let headers: Vec<String> = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let (headers, length) = (headers.concat(), body.len());
    format!(
        "{method} {path} HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n{headers}\r\n{body}"
    )
}

/// Sends a request and reads its response.
pub(crate) fn exchange(stream: &mut TcpStream, request: &str) -> Reply {
    match stream.write_all(request.as_bytes()) {
        Ok(()) => read_reply(stream),
        Err(_) => Reply::Nothing,
    }
}

/// Reads exactly one response. Every response of Headroom has a `Content-Length`, or a status
/// without content.
pub(crate) fn read_reply(stream: &mut TcpStream) -> Reply {
    let mut received = Vec::new();
    loop {
        let missing = match parse(&received) {
            Ok(answer) => return Reply::Whole(answer),
            Err(missing) => missing,
        };
        let mut chunk = [0; 4096];
        let wanted = missing.min(chunk.len());
        match stream.read(&mut chunk[..wanted]) {
            Ok(read) if read > 0 => received.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("the server does not respond: {received:?}"),
            // Closed, or reset.
            _ if received.is_empty() => return Reply::Nothing,
            _ => return Reply::Cut(String::from_utf8_lossy(&received).into_owned()),
        }
    }
}

/// The response, or how many bytes of it may be read next: the head is read byte by byte, as its
/// length is unknown.
fn parse(received: &[u8]) -> Result<Answer, usize> {
    let end = received.windows(4).position(|window| window == b"\r\n\r\n").ok_or(1_usize)?;
    let head = String::from_utf8_lossy(&received[..end]).to_ascii_lowercase();
    let body = &received[end + 4..];
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a head has a status");
    let length = || head.split("content-length: ").nth(1)?.lines().next()?.parse().ok();
    let length: usize = if status == 204 { 0 } else { length().expect("a response has a length") };
    match length.saturating_sub(body.len()) {
        0 => Ok(Answer { status, body: String::from_utf8_lossy(body).into_owned(), head }),
        missing => Err(missing),
    }
}
