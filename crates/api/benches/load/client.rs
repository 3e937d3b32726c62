//! The load: a number of connections, each with one request in flight, from one thread.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use actix_web::rt::net::TcpStream;

/// What one run came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Answers with 200 or 201 in a second.
    pub(crate) rate: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// Answers with anything else.
    pub(crate) refused: usize,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s, p50 {:.2?}, p99 {:.2?}, {} refused", self.rate, self.p50, self.p99, self.refused)
    }
}

/// Sends what `request` makes over `connections` for `time`.
pub(crate) fn drive(
    address: SocketAddr,
    request: impl Fn() -> Vec<u8> + 'static,
    connections: usize,
    time: Duration,
) -> Sample {
    let run = Rc::new(Run {
        address,
        request,
        end: Instant::now() + time,
        latencies: RefCell::default(),
        refused: Cell::new(0),
    });
    let begin = Instant::now();
    System::new().block_on(async {
        let all: Vec<_> = (0..connections).map(|_| actix_web::rt::spawn(Rc::clone(&run).connection())).collect();
        for connection in all {
            connection.await.expect("no connection panics");
        }
    });
    let elapsed = begin.elapsed();
    let mut latencies = run.latencies.take();
    latencies.sort_unstable();
    let percentile = |percent: usize| latencies.get(latencies.len() * percent / 100).copied().unwrap_or_default();
    Sample {
        rate: latencies.len() as f64 / elapsed.as_secs_f64(),
        p50: percentile(50),
        p99: percentile(99),
        refused: run.refused.get(),
    }
}

/// Asks once, and answers the whole answer.
pub(crate) fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut buffer = Vec::with_capacity(8192);
    System::new().block_on(async {
        let stream = TcpStream::connect(address).await.expect("the server accepts");
        send(&stream, request).await;
        assert!(receive(&stream, &mut buffer).await, "refused: {}", String::from_utf8_lossy(&buffer));
    });
    String::from_utf8(buffer).expect("an answer is text")
}

/// Drives from a thread of its own, as [`drive`] does.
pub(crate) fn storm(address: SocketAddr, request: Vec<u8>, connections: usize, time: Duration) -> JoinHandle<Sample> {
    std::thread::spawn(move || drive(address, move || request.clone(), connections, time))
}

struct Run<R> {
    address: SocketAddr,
    request: R,
    end: Instant,
    latencies: RefCell<Vec<Duration>>,
    refused: Cell<usize>,
}

impl<R: Fn() -> Vec<u8>> Run<R> {
    /// Asks and waits, one request after the other.
    async fn connection(self: Rc<Self>) {
        let stream = TcpStream::connect(self.address).await.expect("the server accepts");
        stream.set_nodelay(true).expect("a socket option");
        let mut buffer = Vec::with_capacity(4096);
        loop {
            let sent = Instant::now();
            if sent >= self.end {
                return;
            }
            send(&stream, &(self.request)()).await;
            if receive(&stream, &mut buffer).await {
                self.latencies.borrow_mut().push(sent.elapsed());
            } else {
                self.refused.set(self.refused.get() + 1);
            }
        }
    }
}

async fn send(stream: &TcpStream, mut request: &[u8]) {
    while !request.is_empty() {
        match stream.try_write(request) {
            Ok(written) => request = &request[written..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => stream.writable().await.expect("a connection"),
            Err(error) => panic!("cannot send: {error}"),
        }
    }
}

/// Reads one answer; says whether it is a 200 or a 201.
async fn receive(stream: &TcpStream, buffer: &mut Vec<u8>) -> bool {
    buffer.clear();
    let mut chunk = [0; 4096];
    loop {
        match stream.try_read(&mut chunk) {
            Ok(0) => panic!("the server closed the connection"),
            Ok(read) => buffer.extend_from_slice(&chunk[..read]),
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                stream.readable().await.expect("a connection");
                continue;
            }
            Err(error) => panic!("cannot receive: {error}"),
        }
        if is_whole(buffer) {
            return buffer.starts_with(b"HTTP/1.1 20");
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
