//! One request and one answer over a connection.

use std::io::ErrorKind;

use actix_web::rt::net::TcpStream;

pub(crate) async fn send(stream: &TcpStream, mut request: &[u8]) {
    while !request.is_empty() {
        match stream.try_write(request) {
            Ok(written) => request = &request[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => stream.writable().await.expect("a connection"),
            Err(error) => panic!("cannot send: {error}"),
        }
    }
}

/// Reads one whole answer into the buffer. Returns false if the connection was closed instead.
pub(crate) async fn receive(stream: &TcpStream, buffer: &mut Vec<u8>) -> bool {
    buffer.clear();
    let mut chunk = [0; 4096];
    loop {
        match stream.try_read(&mut chunk) {
            Ok(0) => {
                assert!(buffer.is_empty(), "the server closed the connection in the middle of an answer");
                return false;
            }
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                stream.readable().await.expect("a connection");
                continue;
            }
            Err(error) => panic!("cannot receive: {error}"),
        }
        if is_whole(buffer) {
            return true;
        }
    }
}

/// Whether the buffer holds the headers and as much of a body as they announce.
fn is_whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|window| window == b"\r\n\r\n") else { return false };
    let headers = std::str::from_utf8(&answer[..end]).expect("headers are ASCII");
    let length = headers.split("\r\n").find_map(|header| header.strip_prefix("content-length: "));
    answer.len() - end - 4 >= length.map_or(0, |length| length.parse().expect("a length"))
}
