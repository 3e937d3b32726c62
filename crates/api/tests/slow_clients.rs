//! Clients that send slowly, send invalid data, never read, or disconnect are cut off and delay no
//! other.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}
use serde_json::json;
use support::process::{PATIENCE, Server, await_some, headroom, number, shell};
use support::wire::{Reply, connect, exchange, permit_many_connections, read_reply, request};

/// A request must arrive within 5 seconds.
const CUT_OFF_AFTER: Duration = Duration::from_secs(5);
/// The tolerance for a clock that runs ahead.
const EARLY_MAX: Duration = Duration::from_secs(1);
/// How long other requests may take in `just torture`, which builds for release. Otherwise it
/// suffices that they are answered while the slow ones are connected.
const OTHERS_WAIT_MAX: Option<Duration> = if cfg!(debug_assertions) { None } else { Some(Duration::from_millis(100)) };
/// The number of slow connections of each kind.
const EACH: usize = 17;

/// A request that never ends: its beginning and its response. If the server waited for the rest, it
/// would answer 408.
struct Slow {
    begin: String,
    drip: &'static [u8],
    status: u16,
}

impl Slow {
    fn cut_off(begin: String) -> Self {
        Self::answered(begin, 408)
    }

    fn answered(begin: String, status: u16) -> Self {
        Self { begin, drip: b" ", status }
    }
}

/// The head of a request that announces a body of 1000 bytes, and the first of them.
fn head(request_line: &str, headers: &str) -> String {
    format!("{request_line} HTTP/1.1\r\nHost: test\r\nContent-Length: 1000\r\n{headers}\r\n{{")
}

fn slow_requests(token: &str) -> [Slow; 13] {
    let json = "Content-Type: application/json\r\n";
    let token = format!("Authorization: Bearer {token}\r\n");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    let chunked =
        |request_line| format!("{request_line} HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n{json}\r\n");
    [
        Slow { drip: b"", ..Slow::cut_off(String::new()) },
        Slow::cut_off("GET /health HTTP/1.1\r\nHost: test\r\nX-Slow:".into()),
        Slow::answered("GET /health HTTP/1.1\r\nHost: test\r\n\r\nGET /health HTTP/1.1\r\nX-Slow:".into(), 200),
        Slow::cut_off(head("POST /accounts", &format!("{json}{token}"))),
        Slow::cut_off(head("POST /token", json)),
        Slow::cut_off(head("POST /token", form)),
        Slow { drip: b"1\r\n \r\n", ..Slow::cut_off(chunked("POST /token")) },
        Slow::answered(head("POST /accounts", json), 401),
        Slow::answered(head("POST /accounts", &token), 415),
        Slow::answered(head("GET /health", ""), 200),
        Slow::answered(head("POST /nowhere", json), 404),
        Slow { drip: b"1\r\n \r\n", ..Slow::answered(chunked("POST /accounts"), 401) },
        Slow { drip: b"", ..Slow::answered(chunked("POST /nowhere"), 404) },
    ]
}

/// The outcome of a slow request.
#[derive(Debug)]
struct Outcome {
    status: Option<u16>,
    answered_after: Option<Duration>,
    is_closed: bool,
}

/// Sends slowly until the server closes the connection or the time is up. `on_answer` gets the
/// status of the response.
fn send_slowly(server: &Server, slow: &Slow, on_answer: impl FnOnce(Option<u16>)) -> Outcome {
    let mut stream = connect(server);
    stream.set_read_timeout(Some(Duration::from_millis(250))).expect("a connection takes a timeout");
    let begun = Instant::now();
    let (mut received, mut outcome) = (Vec::new(), Outcome { status: None, answered_after: None, is_closed: false });
    let status = |received: &[u8]| String::from_utf8_lossy(received).split(' ').nth(1).and_then(|it| it.parse().ok());
    let mut on_answer = Some(on_answer);
    let mut open = stream.write_all(slow.begin.as_bytes()).is_ok();
    while open && begun.elapsed() < PATIENCE {
        let mut chunk = [0; 4096];
        open = match stream.read(&mut chunk) {
            Ok(0) => false,
            Ok(read) => {
                outcome.answered_after.get_or_insert(begun.elapsed());
                received.extend_from_slice(&chunk[..read]);
                if let Some(on_answer) = on_answer.take() {
                    on_answer(status(&received));
                }
                true
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => stream.write_all(slow.drip).is_ok(),
            Err(_) => false,
        };
    }
    outcome.is_closed = !open;
    outcome.status = status(&received);
    outcome
}

fn fault(slow: &Slow, outcome: &Outcome) -> Option<String> {
    let is_too_early = slow.status == 408 && outcome.answered_after.is_some_and(|it| it + EARLY_MAX < CUT_OFF_AFTER);
    let good = !is_too_early && outcome.status == Some(slow.status) && outcome.is_closed;
    (!good).then(|| format!("{:?} … expected {:?}: {outcome:?}", slow.begin, slow.status))
}

#[test]
fn slow_requests_are_cut_off_and_delay_no_other() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let slow_requests = slow_requests(server.client().token.as_deref().expect("a client has a token"));
    let others = Others::default();
    let is_one_cut_off = AtomicBool::new(false);
    let faults: Vec<String> = thread::scope(|scope| {
        let waited = scope.spawn(|| others.ask(&server, || !is_one_cut_off.load(Ordering::SeqCst)));
        let (server, is_one_cut_off) = (&server, &is_one_cut_off);
        let note = move |status| {
            if status == Some(408) {
                is_one_cut_off.store(true, Ordering::SeqCst);
            }
        };
        let slow_threads: Vec<_> = (0..EACH)
            .flat_map(|_| &slow_requests)
            .map(|slow| scope.spawn(move || fault(slow, &send_slowly(server, slow, note))))
            .collect();
        let faults = slow_threads.into_iter().filter_map(|thread| thread.join().expect("no thread panics"));
        let faults = faults.collect();
        others.are_done.store(true, Ordering::SeqCst);
        waited.join().expect("no thread panics");
        faults
    });
    others.assert_answered_meanwhile();
    assert!(
        faults.is_empty(),
        "{} faults, the first ones:\n{}",
        faults.len(),
        faults[..faults.len().min(10)].join("\n")
    );
    server.stop_and_verify();
}

/// Clients that send ordinary requests, one after the other.
#[derive(Default)]
struct Others {
    are_done: AtomicBool,
    /// How many requests were answered while the slow ones were connected.
    meanwhile: AtomicUsize,
    slowest: Mutex<Duration>,
}

impl Others {
    /// Sends requests until it is done. `are_slow_ones_there` is evaluated after each response.
    fn ask(&self, server: &Server, are_slow_ones_there: impl Fn() -> bool) {
        while !self.are_done.load(Ordering::SeqCst) {
            let begun = Instant::now();
            assert_eq!(exchange(&mut connect(server), &request("GET", "/health", &[], "")).whole().status, 200);
            let mut slowest = self.slowest.lock().expect("no thread panics");
            *slowest = slowest.max(begun.elapsed());
            self.meanwhile.fetch_add(usize::from(are_slow_ones_there()), Ordering::SeqCst);
            thread::sleep(Duration::from_millis(10));
        }
    }

    #[track_caller]
    fn assert_answered_meanwhile(self) {
        let (meanwhile, slowest) = (self.meanwhile.into_inner(), self.slowest.into_inner().expect("no thread panics"));
        println!("{meanwhile} others were answered meanwhile, the slowest after {slowest:.1?}");
        assert!(meanwhile > 0, "other requests were answered only after the slow ones");
        assert!(OTHERS_WAIT_MAX.is_none_or(|limit| slowest < limit), "another request took {slowest:?}");
    }
}

/// How many clients send their bodies slowly.
const SLOW_BODIES: usize = 600;
/// For how long: until shortly before the cut-off.
const DRIP_FOR: Duration = Duration::from_secs(3);

#[test]
fn six_hundred_slow_bodies_do_not_delay_the_health_check() {
    permit_many_connections();
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let token = format!("Authorization: Bearer {}\r\n", server.client().token.expect("a client has a token"));
    let json = "Content-Type: application/json\r\n";
    let heads = [
        head("POST /token", json),
        head("POST /users", json),
        head("POST /token/refresh", json),
        head("POST /accounts", &format!("{json}{token}")),
        head("POST /users/me/password", &format!("{json}{token}")),
    ];
    let (others, dripping) = (Others::default(), AtomicBool::new(false));
    let answered = thread::scope(|scope| {
        let waited = scope.spawn(|| others.ask(&server, || dripping.load(Ordering::SeqCst)));
        let slow = (0..SLOW_BODIES).map(|_| connect(&server)).zip(heads.iter().cycle());
        let mut slow: Vec<(TcpStream, Instant)> = slow
            .map(|(mut stream, head)| {
                stream.write_all(head.as_bytes()).expect("the server accepts the request");
                (stream, Instant::now())
            })
            .collect();
        dripping.store(true, Ordering::SeqCst);
        let drips = |since: &Instant| since.elapsed() < DRIP_FOR;
        while slow.last().is_some_and(|(_, since)| drips(since)) {
            for some in slow.chunks_mut(SLOW_BODIES / 20) {
                for (stream, _) in some.iter_mut().filter(|(_, since)| drips(since)) {
                    stream.write_all(b" ").expect("the server waits for the body");
                }
                thread::sleep(Duration::from_millis(10));
            }
        }
        dripping.store(false, Ordering::SeqCst);
        // All of them are cut off at the same time, which delays no other either.
        let statuses = slow.iter_mut().map(|(stream, _)| read_reply(stream).whole().status);
        let answered = statuses.filter(|status| *status == 408).count();
        others.are_done.store(true, Ordering::SeqCst);
        waited.join().expect("no thread panics");
        answered
    });
    assert_eq!(answered, SLOW_BODIES, "some were not cut off");
    others.assert_answered_meanwhile();
    server.stop_and_verify();
}

/// How many clients never read. With two files for each, a common limit of 1024 files would be
/// exceeded.
const READERS_OF_NOTHING: usize = 520;
/// A response without progress for 30 seconds is dropped.
const DROPPED_BY: Duration = Duration::from_mins(1);
/// The memory that the server may use for each, in KiB. A file of the explorer has 1500, and four
/// are requested.
const EACH_KIB_MAX: usize = 200;

#[test]
#[cfg(target_os = "linux")]
fn clients_that_never_read_are_dropped_and_delay_no_other() {
    permit_many_connections();
    let dir = tempfile::tempdir().expect("a directory");
    // Fewer files than connections, until the server raises the limit.
    let limited = shell(&headroom(dir.path()), "ulimit -S -n 256; exec \"$0\"");
    let server = Server::spawn(limited).listening();
    let ask = || assert_eq!(exchange(&mut connect(&server), &request("GET", "/health", &[], "")).whole().status, 200);
    ask();
    let (files, memory) = (server.open_files(), server.memory_kib());
    let bundle = request("GET", "/docs/swagger-ui-bundle.js", &[], "").repeat(4);
    let readers: Vec<TcpStream> = (0..READERS_OF_NOTHING)
        .map(|_| {
            let mut stream = connect(&server);
            stream.write_all(bundle.as_bytes()).expect("the server accepts the request");
            stream
        })
        .collect();
    await_some("all are connected", || (server.open_files() >= READERS_OF_NOTHING).then_some(()));
    // One file for each, and a few for other requests.
    assert!(server.open_files() < files + READERS_OF_NOTHING + 30, "{} files", server.open_files());
    (0..20).for_each(|_| ask());
    assert!(
        server.open_files() > files + READERS_OF_NOTHING / 4,
        "other requests were answered only after the readers"
    );
    let grown = server.memory_kib().saturating_sub(memory);
    assert!(grown < READERS_OF_NOTHING * EACH_KIB_MAX, "{grown} KiB more");
    let end = Instant::now() + DROPPED_BY;
    while server.open_files() > files + 30 {
        assert!(Instant::now() < end, "{} files are still open", server.open_files());
        thread::sleep(Duration::from_millis(100));
    }
    drop(readers);
    server.stop_and_verify();
}

#[test]
fn invalid_http_is_refused_and_closes_the_connection() {
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let health = request("GET", "/health", &[], "");
    let huge = format!("GET /health HTTP/1.1\r\nHost: test\r\nX-Huge: {}\r\n\r\n", "a".repeat(1 << 20));
    for nonsense in [
        "\u{0}\u{1}\u{2}\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}\u{1}\u{fc}\u{3}\u{3} a TLS client says hello\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: test\r\nContent-Length: many\r\n\r\n",
        "POST /token HTTP/1.1\r\nHost: test\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET /health HTTP/1.1\r\nHost: test\r\nNo colon\r\n\r\n",
        &huge,
    ] {
        // After a valid request on the same connection, sent together with it.
        let mut stream = connect(&server);
        stream.write_all(format!("{health}{nonsense}").as_bytes()).expect("the server keeps reading");
        let shown: String = nonsense.chars().take(80).collect();
        assert_eq!(read_reply(&mut stream).whole().status, 200, "{shown:?}");
        let refusal = read_reply(&mut stream).whole();
        assert!([400, 431].contains(&refusal.status), "{shown:?}: {refusal:?}");
        assert_eq!(read_reply(&mut stream), Reply::Nothing, "{shown:?}");
    }
    server.stop_and_verify();
}

#[test]
fn a_client_that_disconnects_mid_request_affects_no_other() {
    /// Fewer than the plan permits a day.
    const GOING: usize = 16;
    let dir = tempfile::tempdir().expect("a directory");
    let server = Server::start(dir.path());
    let client = server.client();
    let path = format!("{}/bookings", client.open_account("pro"));
    let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
    let body = |notes| json!({"starts_at": "2031-05-05T10:00:00Z", "notes": notes});
    let booking = |notes| request("POST", &path, &[("Authorization", &authorization)], &body(notes).to_string());
    thread::scope(|scope| {
        for _ in 0..GOING {
            scope.spawn(|| {
                // The whole request, but no client for the response: it may be carried out or not.
                connect(&server).write_all(booking("whole").as_bytes()).expect("the server accepts the request");
                // A part of a request, of the body or of the head: it is not carried out.
                let booking = booking("part");
                for part in [&booking[..booking.len() - 1], &booking[..40]] {
                    connect(&server).write_all(part.as_bytes()).expect("the server accepts the request");
                }
            });
        }
    });
    assert_eq!(client.post(&path, &body("after")).status, 201);
    server.stop_and_verify();
    let count = |notes| number(dir.path(), &format!("SELECT count(*) FROM bookings WHERE notes = '{notes}'"));
    assert_eq!((count("part"), count("after")), (0, 1));
    assert!(count("whole") <= i64::try_from(GOING).expect("it is small"));
}
