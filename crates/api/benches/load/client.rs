//! The load in a closed loop: a number of connections, each with one request in flight, from one
//! thread.

use std::cell::{Cell, RefCell};
use std::fmt;
use std::net::SocketAddr;
use std::rc::Rc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use actix_web::rt::System;
use actix_web::rt::net::TcpStream;

use crate::wire::{receive, send};

/// How an answer begins that a load is after.
pub(crate) type Wanted = &'static [u8];
pub(crate) const OK: Wanted = b"HTTP/1.1 200";
pub(crate) const CREATED: Wanted = b"HTTP/1.1 201";
pub(crate) const FORBIDDEN: Wanted = b"HTTP/1.1 403";
pub(crate) const UNAUTHORIZED: Wanted = b"HTTP/1.1 401";

/// What one run came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sample {
    /// Wanted answers in a second.
    pub(crate) rate: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    /// How many answers were wanted, and how many were others.
    pub(crate) answers: usize,
    pub(crate) others: usize,
    /// How long the server used a processor for a wanted answer, if that was measured.
    pub(crate) processor: Duration,
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.0}/s, p50 {:.2?}, p99 {:.2?}, {} other answers", self.rate, self.p50, self.p99, self.others)?;
        if self.processor > Duration::ZERO {
            write!(f, ", {:.1?} of a processor", self.processor)?;
        }
        Ok(())
    }
}

/// The latency that this share of the sorted `latencies` does not exceed.
pub(crate) fn quantile(latencies: &[Duration], share: f64) -> Duration {
    let index = (latencies.len() as f64 * share) as usize;
    latencies.get(index.min(latencies.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Sends what `request` makes over `connections` for `time`.
pub(crate) fn drive(
    address: SocketAddr,
    wanted: Wanted,
    request: impl Fn() -> Vec<u8> + 'static,
    connections: usize,
    time: Duration,
) -> Sample {
    let begin = Instant::now();
    let latencies = RefCell::default();
    let run = Rc::new(Run { address, wanted, request, end: begin + time, latencies, others: Cell::new(0) });
    System::new().block_on(async {
        let all: Vec<_> = (0..connections).map(|_| actix_web::rt::spawn(Rc::clone(&run).connection())).collect();
        for connection in all {
            connection.await.expect("no connection panics");
        }
    });
    let elapsed = begin.elapsed();
    let mut latencies = run.latencies.take();
    latencies.sort_unstable();
    Sample {
        rate: latencies.len() as f64 / elapsed.as_secs_f64(),
        p50: quantile(&latencies, 0.5),
        p99: quantile(&latencies, 0.99),
        answers: latencies.len(),
        others: run.others.get(),
        processor: Duration::ZERO,
    }
}

/// Sends one request, and returns the whole answer, which has to be a success.
pub(crate) fn ask(address: SocketAddr, request: &[u8]) -> String {
    let mut buffer = Vec::with_capacity(8192);
    System::new().block_on(async {
        let stream = TcpStream::connect(address).await.expect("the server accepts");
        send(&stream, request).await;
        assert!(receive(&stream, &mut buffer).await, "the server closed the connection");
    });
    let answer = String::from_utf8(buffer).expect("an answer is text");
    assert!(answer.starts_with("HTTP/1.1 20"), "refused: {answer}");
    answer
}

/// Sends the same request again and again from a thread of its own, as [`drive`] does.
pub(crate) fn storm(
    address: SocketAddr,
    wanted: Wanted,
    request: Vec<u8>,
    connections: usize,
    time: Duration,
) -> JoinHandle<Sample> {
    std::thread::spawn(move || drive(address, wanted, move || request.clone(), connections, time))
}

struct Run<R> {
    address: SocketAddr,
    wanted: Wanted,
    request: R,
    end: Instant,
    latencies: RefCell<Vec<Duration>>,
    others: Cell<usize>,
}

impl<R: Fn() -> Vec<u8>> Run<R> {
    /// Sends a request and waits for its answer, one after the other.
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
            assert!(receive(&stream, &mut buffer).await, "the server closed the connection");
            if buffer.starts_with(self.wanted) {
                self.latencies.borrow_mut().push(sent.elapsed());
            } else {
                self.others.set(self.others.get() + 1);
            }
        }
    }
}
