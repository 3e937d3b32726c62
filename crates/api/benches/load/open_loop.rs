//! The load in an open loop: requests are due at fixed intervals, whatever has been answered by
//! then, and a latency begins when its request was due. So a stall counts for every request that
//! was due meanwhile, sent or not.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, Receiver, Sender, TryRecvError};
use std::time::{Duration, Instant};

use actix_web::rt::System;
use actix_web::rt::net::TcpStream as AsyncTcpStream;

use crate::client::{CREATED, quantile};
use crate::report::{Goal, Measured, header};
use crate::setup::{Scale, Variant, WARM_UP};
use crate::wire::receive;

/// So many that a request that is due nearly always finds one that is idle. During a longer stall
/// requests wait for one, and their latencies have begun.
const CONNECTIONS: usize = 256;
/// Requests a second.
const RATES: [u32; 4] = [1_000, 5_000, TARGET_RATE, 20_000];
/// The rate that the targets are for.
const TARGET_RATE: u32 = 10_000;
/// How late the load may send one request in a hundred, by its own fault, and still count as having
/// kept the rate.
const LATE_MAX: Duration = Duration::from_millis(1);

/// What one load came to.
pub(crate) struct Sample {
    /// From when a request was due to when its answer had been read, sorted.
    latencies: Vec<Duration>,
    /// How many answers were no bookings.
    pub(crate) others: usize,
    /// How many of those were 503 with `Retry-After`.
    pub(crate) with_retry_after: usize,
    /// How late the requests were sent for which a connection was idle: the fault of the load, and
    /// not of the server.
    late: Vec<Duration>,
}

impl Sample {
    /// How many bookings were created.
    pub(crate) fn created(&self) -> usize {
        self.latencies.len()
    }

    pub(crate) fn quantile(&self, share: f64) -> Duration {
        quantile(&self.latencies, share)
    }

    pub(crate) fn max(&self) -> Duration {
        self.quantile(1.0)
    }

    /// Whether the load has kept its rate, so that the latencies are the server's.
    fn has_kept_rate(&self) -> bool {
        quantile(&self.late, 0.99) <= LATE_MAX
    }

    /// The columns of a table from p50 on.
    pub(crate) fn columns(&self) -> String {
        let [p50, p99, p999] = [0.5, 0.99, 0.999].map(|share| self.quantile(share));
        let (max, others, late) = (self.max(), self.others, quantile(&self.late, 0.99));
        let kept = if self.has_kept_rate() { "" } else { ", **the load did not keep the rate**" };
        format!("{p50:.2?} | {p99:.2?} | {p999:.2?} | {max:.2?} | {others} | {late:.2?}{kept}")
    }
}

/// The names of [`Sample::columns`].
pub(crate) const COLUMNS: [&str; 6] = ["p50", "p99", "p99.9", "max", "other answers", "sent late, p99"];

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let late = self.late.last().copied().unwrap_or_default();
        write!(f, "p50, p99, p99.9, max, others, sent late: {}, at most {late:.2?}", self.columns())
    }
}

/// A connection that one thread writes to and the other reads from.
struct Connection {
    stream: TcpStream,
    /// When its request was due, in nanoseconds from the beginning.
    due: AtomicU64,
}

impl Connection {
    fn open(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).expect("the server accepts");
        stream.set_nodelay(true).expect("a socket option");
        stream.set_nonblocking(true).expect("a socket option");
        Self { stream, due: AtomicU64::new(0) }
    }
}

/// Sends `rate` requests a second for `time`, from this thread; another reads the answers.
pub(crate) fn drive(address: SocketAddr, request: impl Fn() -> Vec<u8>, rate: u32, time: Duration) -> Sample {
    let connections: Arc<[Connection]> = (0..CONNECTIONS).map(|_| Connection::open(address)).collect();
    let (done, idle) = mpsc::channel();
    (0..CONNECTIONS).for_each(|number| done.send(number).expect("the channel is open"));
    // The reader needs a moment to start.
    let begin = Instant::now() + Duration::from_millis(100);
    let reader = {
        let connections = Arc::clone(&connections);
        std::thread::spawn(move || read_answers(&connections, begin, done))
    };
    let late = send_requests(&connections, &idle, begin, request, rate, time);
    // All requests have been answered when all connections are idle.
    for _ in 0..CONNECTIONS {
        idle.recv().expect("the reader runs");
    }
    for connection in &*connections {
        connection.stream.shutdown(Shutdown::Both).expect("a connection");
    }
    let Answers { latencies, others, with_retry_after } = reader.join().expect("the reader does not panic");
    Sample { latencies, others, with_retry_after, late }
}

/// Sends a request whenever one is due. Returns, sorted, how late each was ready to be sent, apart
/// from the time for which no connection was idle.
fn send_requests(
    connections: &[Connection],
    idle: &Receiver<usize>,
    begin: Instant,
    request: impl Fn() -> Vec<u8>,
    rate: u32,
    time: Duration,
) -> Vec<Duration> {
    let count = (time.as_secs_f64() * f64::from(rate)) as u32;
    let mut late = Vec::with_capacity(count as usize);
    // How much of the delay is the server's.
    let mut waited = Duration::ZERO;
    for number in 0..count {
        let after = Duration::from_secs(1) * number / rate;
        let due = begin + after;
        let now = Instant::now();
        if now < due {
            std::thread::sleep(due - now);
            waited = Duration::ZERO;
        }
        let request = request();
        let ready = Instant::now();
        late.push(ready.saturating_duration_since(due).saturating_sub(waited));
        let connection = match idle.try_recv() {
            Ok(connection) => connection,
            Err(TryRecvError::Empty) => {
                let connection = idle.recv().expect("the reader runs");
                waited += ready.elapsed();
                connection
            }
            Err(TryRecvError::Disconnected) => panic!("the reader has ended"),
        };
        let connection = &connections[connection];
        connection.due.store(after.as_nanos() as u64, Ordering::Release);
        // Nothing else is on its way on this connection, so its buffer takes the whole request.
        (&connection.stream).write_all(&request).expect("a connection");
    }
    late.sort_unstable();
    late
}

/// The answers on some connections, as in [`Sample`].
#[derive(Default)]
struct Answers {
    latencies: Vec<Duration>,
    others: usize,
    with_retry_after: usize,
}

/// Reads the answers on all connections until they are closed. The latencies are sorted.
fn read_answers(connections: &Arc<[Connection]>, begin: Instant, done: Sender<usize>) -> Answers {
    System::new().block_on(async {
        let readers: Vec<_> = (0..connections.len())
            .map(|number| actix_web::rt::spawn(read_connection(Arc::clone(connections), number, begin, done.clone())))
            .collect();
        drop(done);
        let mut all = Answers::default();
        for reader in readers {
            let its = reader.await.expect("no reader panics");
            all.latencies.extend(its.latencies);
            all.others += its.others;
            all.with_retry_after += its.with_retry_after;
        }
        all.latencies.sort_unstable();
        all
    })
}

async fn read_connection(
    connections: Arc<[Connection]>,
    number: usize,
    begin: Instant,
    done: Sender<usize>,
) -> Answers {
    let connection = &connections[number];
    let stream = connection.stream.try_clone().and_then(AsyncTcpStream::from_std).expect("a connection");
    let (mut buffer, mut answers) = (Vec::with_capacity(4096), Answers::default());
    while receive(&stream, &mut buffer).await {
        let due = begin + Duration::from_nanos(connection.due.load(Ordering::Acquire));
        if buffer.starts_with(CREATED) {
            answers.latencies.push(due.elapsed());
        } else {
            answers.others += 1;
            answers.with_retry_after += usize::from(is_with_retry_after(&buffer));
        }
        // The sender does not take any more when all requests have been answered.
        let _ = done.send(number);
    }
    answers
}

fn is_with_retry_after(answer: &[u8]) -> bool {
    let is_there = |text: &[u8]| answer.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text));
    answer.starts_with(b"HTTP/1.1 503") && is_there(b"\r\nretry-after: ")
}

impl Variant {
    /// Creates bookings at a rate.
    pub(crate) fn book_at_rate(&self, rate: u32, time: Duration) -> Sample {
        drive(self.server.address, self.requests(&self.fixture.spread()), rate, time)
    }
}

/// What each variant came to at each rate.
pub(crate) struct Rates(Vec<(u32, String, Sample)>);

pub(crate) fn run(headroom: &Variant, filled: &Variant, scale: Scale) -> Rates {
    let mut loads: Vec<_> = RATES.map(|rate| (rate, headroom)).into();
    loads.push((TARGET_RATE, filled));
    let measure = |(rate, variant): (u32, &Variant)| {
        variant.book_at_rate(rate, WARM_UP);
        let time = if rate == TARGET_RATE { scale.at_fixed_rate * 3 / 2 } else { scale.at_fixed_rate };
        let sample = variant.book_at_rate(rate, time);
        println!("{rate} a second, {}: {sample}", variant.kind);
        (rate, variant.kind.to_string(), sample)
    };
    Rates(loads.into_iter().map(measure).collect())
}

impl Measured for Rates {
    fn table(&self) -> String {
        let mut text = header(&[&["open loop, bookings/s", ""], &COLUMNS[..]].concat());
        for (rate, name, sample) in &self.0 {
            let _ = writeln!(text, "| {rate} | {name} | {} |", sample.columns());
        }
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let (.., sample) = self.0.iter().find(|(rate, ..)| *rate == TARGET_RATE).expect("it is among them");
        let goal = |what, measured, max| {
            Goal::within(format!("open loop, {TARGET_RATE}/s: {what}"), measured, Duration::from_millis(max))
        };
        vec![
            goal("p99", sample.quantile(0.99), 5),
            goal("p99.9", sample.quantile(0.999), 10),
            goal("max", sample.max(), 40),
        ]
    }
}
