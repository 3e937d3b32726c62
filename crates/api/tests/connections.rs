//! Connections: invalid input, `100 Continue`, `Connection: close`, and how a connection ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}
use serde_json::{Value, json};
use socket2::SockRef;
use support::process::{Server, await_some, number};
use support::wire::{connect, exchange, read_reply, request};

const CONTINUE: &str = "HTTP/1.1 100 Continue\r\n\r\n";

/// Sends `said` and returns everything that the server sends until it closes the connection.
#[track_caller]
fn converse(server: &Server, said: &str) -> String {
    let mut stream = connect(server);
    stream.write_all(said.as_bytes()).expect("the server accepts it");
    read_to_end(&mut stream)
}

/// Returns everything until the server closes the connection; a reset fails the test.
#[track_caller]
fn read_to_end(stream: &mut TcpStream) -> String {
    let mut answered = String::new();
    stream.read_to_string(&mut answered).expect("UTF-8, until the connection is closed");
    answered
}

/// The problem in a response. Its request id is also in the head.
#[track_caller]
fn problem(answer: &str) -> Value {
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no response: {answer}"));
    assert!(head.contains("content-type: application/problem+json"), "{answer}");
    let problem: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("no problem: {answer}"));
    let id = problem["request_id"].as_str().expect("it has an id");
    assert!(head.contains(&format!("x-request-id: {id}")), "{answer}");
    problem
}

#[test]
fn invalid_requests_are_refused_with_a_problem_and_request_id() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let many = (0..97).map(|n| format!("X-{n}: 1\r\n")).collect::<Vec<_>>().concat();
    for (nonsense, status, code) in [
        ("GET /health HTTP/1.1\r\n\r\n", 400, "invalid_parameter"),
        ("GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400, "invalid_parameter"),
        ("GET /health HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n", 400, "invalid_parameter"),
        ("GET /health HTTP/1.1\r\nHost: a/b\r\nConnection: close\r\n\r\n", 400, "invalid_parameter"),
        ("GET /health HTTP/9.9\r\nHost: a\r\n\r\n", 400, "invalid_parameter"),
        ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400, "invalid_parameter"),
        ("GET /he alth HTTP/1.1\r\nHost: a\r\n\r\n", 400, "invalid_parameter"),
        ("GET /health HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400, "invalid_parameter"),
        ("GET /health HTTP/1.1\r\nHost: a\r\nNo colon\r\n\r\n", 400, "invalid_parameter"),
        (&format!("GET /health HTTP/1.1\r\nHost: a\r\n{many}\r\n"), 431, "headers_too_large"),
    ] {
        let answer = converse(&server, nonsense);
        let problem = problem(&answer);
        assert_eq!((&problem["status"], &problem["code"]), (&json!(status), &json!(code)), "{nonsense:.60}");
        let id = problem["request_id"].as_str().expect("it has an id");
        await_some("it is logged", || server.log().contains(id).then_some(()));
    }
    server.stop_and_verify();
}

#[test]
fn an_invalid_request_does_not_affect_earlier_responses() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let health = request("GET", "/health", &[], "");
    let answered = converse(&server, &format!("{health}{health}GET / HTTP/9.9\r\n\r\n"));
    assert_eq!(answered.matches("HTTP/1.1 200 OK").count(), 2, "{answered}");
    let at = answered.find("HTTP/1.1 400").expect("the third is refused");
    assert_eq!(problem(&answered[at..])["code"], "invalid_parameter");
    server.stop_and_verify();
}

#[test]
fn no_100_continue_is_sent_when_the_headers_are_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let client = server.client();
    let account = client.open_account("basic");
    let token = format!("Authorization: Bearer {}\r\n", client.token.as_deref().expect("a client has a token"));
    let json = "Content-Type: application/json\r\n";
    let bookings = format!("{account}/bookings");
    for (path, headers, length, status) in [
        ("/accounts", json, 10, 401),
        ("/nothing", json, 10, 404),
        ("/token", "", 10, 415),
        ("/accounts", token.as_str(), 10, 415),
        ("/token", json, 20_000, 413),
        // A missing permission is reported first, and needs a read of the store.
        (bookings.as_str(), &format!("{token}{json}"), 20_000, 413),
    ] {
        for close in ["", "Connection: close\r\n"] {
            let head = format!(
                "POST {path} HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\nExpect: 100-continue\r\n{headers}{close}\r\n"
            );
            let answered = converse(&server, &head);
            assert!(answered.starts_with(&format!("HTTP/1.1 {status} ")), "{path} {status}: {answered}");
        }
    }
    server.stop_and_verify();
}

#[test]
fn one_100_continue_is_sent_for_an_accepted_body() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let body = r#"{"username":"user","password":"user"}"#;
    for (close, framing, sent) in [
        ("", format!("Content-Length: {}", body.len()), body.to_owned()),
        ("Connection: close\r\n", format!("Content-Length: {}", body.len()), body.to_owned()),
        ("", "Transfer-Encoding: chunked".to_owned(), format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len())),
    ] {
        let mut stream = connect(&server);
        let head = format!(
            "POST /token HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n{framing}\r\nExpect: 100-continue\r\n{close}\r\n"
        );
        stream.write_all(head.as_bytes()).expect("the server accepts it");
        let mut asked = [0; CONTINUE.len()];
        stream.read_exact(&mut asked).expect("the server asks for the body");
        assert_eq!(asked, CONTINUE.as_bytes());
        assert_eq!(exchange(&mut stream, &sent).whole().status, 200);
    }
    server.stop_and_verify();
}

#[test]
fn no_request_takes_effect_after_connection_close() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let client = server.client();
    let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
    let open = |name: &str, close: &[(&str, &str)]| {
        let headers = [&[("Authorization", authorization.as_str())], close].concat();
        request("POST", "/accounts", &headers, &json!({"name": name}).to_string())
    };
    let close: &[(&str, &str)] = &[("Connection", "close")];
    // As many as the server reads at once, and one more batch.
    for count in [3, 2000] {
        let after = open("after", &[]).repeat(count);
        for (last, status) in [
            (open("last", close), 201),
            (request("GET", "/health", close, ""), 200),
            // The last response has no body; the next one has a large body.
            (request("OPTIONS", "*", close, ""), 204),
            (request("GET", "/docs/swagger-ui-bundle.js", close, ""), 200),
            ("GET /health HTTP/1.0\r\n\r\n".to_owned(), 200),
        ] {
            let mut stream = connect(&server);
            let mut sending = stream.try_clone().expect("a connection can be read and written at once");
            let said = [open("before", &[]), last.clone(), after.clone(), "no HTTP\r\n\r\n".to_owned()].concat();
            thread::scope(|scope| {
                scope.spawn(move || sending.write_all(said.as_bytes()).expect("the server keeps reading"));
                assert_eq!(read_reply(&mut stream).whole().status, 201);
                let answer = read_reply(&mut stream).whole();
                assert_eq!(answer.status, status, "{last:.40}");
                let is_told = answer.head.contains("\r\nconnection: close") || answer.head.starts_with("http/1.0");
                assert!(is_told, "{last:.40}: {}", answer.head);
                assert_eq!(read_to_end(&mut stream), "", "{last:.40}");
            });
        }
    }
    server.stop_and_verify();
    let count = |name| number(dir.path(), &format!("SELECT count(*) FROM accounts WHERE name = '{name}'"));
    assert_eq!((count("before"), count("last"), count("after")), (10, 2, 0));
}

#[test]
fn a_response_arrives_whole_while_its_client_keeps_sending() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let bundle = request("GET", "/docs/swagger-ui-bundle.js", &[("Connection", "close")], "");
    let after = request("GET", "/health", &[], "").repeat(10_000);
    let huge = format!("GET /health HTTP/1.1\r\nHost: test\r\nX-Huge: {}\r\n\r\n", "a".repeat(1 << 20));
    for (said, status) in [(bundle + &after, 200), (huge, 431)] {
        let mut stream = connect(&server);
        // A small receive buffer: most of the response is in transit when the server has written
        // it.
        SockRef::from(&stream).set_recv_buffer_size(4096).expect("a connection takes a buffer size");
        let mut sending = stream.try_clone().expect("a connection can be read and written at once");
        thread::scope(|scope| {
            scope.spawn(move || sending.write_all(said.as_bytes()).expect("the server keeps reading"));
            assert_eq!(read_reply(&mut stream).whole().status, status);
            assert_eq!(read_to_end(&mut stream), "");
        });
    }
    server.stop_and_verify();
}

#[test]
#[cfg(target_os = "linux")]
fn a_connection_left_open_by_its_client_is_closed_soon() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    assert_eq!(exchange(&mut connect(&server), &request("GET", "/health", &[], "")).whole().status, 200);
    let files = server.open_files();
    let last = request("GET", "/health", &[("Connection", "close")], "");
    let clients: Vec<TcpStream> = ["", "GET "]
        .into_iter()
        .map(|more| {
            let mut stream = connect(&server);
            stream.write_all(last.as_bytes()).expect("the server accepts it");
            assert_eq!(read_reply(&mut stream).whole().status, 200);
            assert_eq!(read_to_end(&mut stream), "");
            stream.write_all(more.as_bytes()).expect("the server still reads");
            stream
        })
        .collect();
    await_some("the server has closed its end", || (server.open_files() <= files).then_some(()));
    drop(clients);
    server.stop_and_verify();
}

#[test]
fn options_asterisk_lists_the_allowed_methods() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let answered = converse(&server, &request("OPTIONS", "*", &[("Connection", "close")], ""));
    assert!(answered.starts_with("HTTP/1.1 204 No Content\r\n"), "{answered}");
    assert!(answered.contains("\r\nallow: GET, HEAD, POST, PUT, PATCH, DELETE\r\n"), "{answered}");
    assert!(answered.contains("\r\nx-request-id: "), "{answered}");
    let answered = converse(&server, &request("GET", "*", &[("Connection", "close")], ""));
    assert_eq!(problem(&answered)["code"], "not_found");
    server.stop_and_verify();
}
