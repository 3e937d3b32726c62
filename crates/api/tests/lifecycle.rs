//! The life of a server: how it stops, what it keeps, and how it answers under overload.

use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use storage::sqlite::open_writer;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}
use support::process::{Client, Server, await_some, database, headroom, number, verify};
use support::wire::{Reply, connect, exchange, read_reply, request};

/// The maximum for stopping with nothing in flight: less than the 30 seconds of a forced stop.
const NOT_FORCED: Duration = Duration::from_secs(25);

fn new_dir() -> tempfile::TempDir {
    tempfile::tempdir().expect("a directory")
}

/// Asserts that the server stops in time, without error, and with everything in the database file.
#[track_caller]
fn assert_stops_cleanly(mut server: Server, dir: &Path) {
    let asked = Instant::now();
    let status = server.ended();
    assert_eq!(status.code(), Some(0), "{}", server.log());
    assert!(asked.elapsed() < NOT_FORCED, "stopping took {:?}", asked.elapsed());
    assert!(server.log().contains("stopped"), "{}", server.log());
    let log = dir.join("headroom.db-wal").metadata().map_or(0, |log| log.len());
    assert_eq!(log, 0, "the write-ahead log is not empty");
    verify(dir);
}

#[test]
fn a_stopping_server_answers_every_request_it_carried_out() {
    for signal in ["TERM", "INT"] {
        let dir = new_dir();
        let server = Server::start(dir.path());
        let client = server.client();
        let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
        let open = request("POST", "/accounts", &[("Authorization", &authorization)], r#"{"name": "My Salon"}"#);
        let opened = AtomicUsize::new(0);
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    let mut stream = connect(&server);
                    loop {
                        match exchange(&mut stream, &open) {
                            Reply::Whole(answer) => assert_eq!(answer.status, 201, "{answer:?}"),
                            Reply::Nothing => break,
                            Reply::Cut(answer) => panic!("a response is cut off: {answer}"),
                        }
                        opened.fetch_add(1, Ordering::SeqCst);
                    }
                });
            }
            await_some("enough requests succeed", || (opened.load(Ordering::SeqCst) > 200).then_some(()));
            server.signal(signal);
        });
        assert_stops_cleanly(server, dir.path());
        let opened = i64::try_from(opened.into_inner()).expect("not so many");
        assert_eq!(number(dir.path(), "SELECT count(*) FROM accounts"), opened, "after SIG{signal}");
    }
}

#[test]
fn a_stopping_server_refuses_connections_and_finishes_pending_requests() {
    let dir = new_dir();
    let mut command = headroom(dir.path());
    command.arg("--workers=1");
    let mut server = Server::spawn(command).listening();
    let client = server.client();
    let path = format!("{}/bookings", client.open_account("basic"));
    let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
    let health = request("GET", "/health", &[], "");

    let lock = open_writer(&database(dir.path())).expect("the database opens");
    lock.execute_batch("BEGIN IMMEDIATE").expect("no other connection writes");
    let [mut waiting, mut other] = [connect(&server), connect(&server)];
    assert_eq!(exchange(&mut waiting, &health).whole().status, 200);
    let booking = request("POST", &path, &[("Authorization", &authorization)], "{}");
    waiting.write_all(booking.as_bytes()).expect("the server accepts the request");
    // The one worker serves requests in order: when it has answered these, it has accepted the
    // booking.
    for _ in 0..2 {
        assert_eq!(exchange(&mut other, &health).whole().status, 200);
    }
    server.signal("TERM");
    await_some("new connections are refused", || TcpStream::connect(server.address()).is_err().then_some(()));
    assert!(server.runs(), "{}", server.log());
    lock.execute_batch("ROLLBACK").expect("the lock is released");
    assert_eq!(read_reply(&mut waiting).whole().status, 201);
    drop(lock);
    assert_stops_cleanly(server, dir.path());
}

#[test]
fn sighup_ends_neither_the_server_nor_a_request() {
    let dir = new_dir();
    let mut server = Server::start(dir.path());
    let client = server.client();
    let path = format!("{}/bookings", client.open_account("basic"));
    let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
    let lock = open_writer(&database(dir.path())).expect("the database opens");
    lock.execute_batch("BEGIN IMMEDIATE").expect("no other connection writes");
    let mut waiting = connect(&server);
    let booking = request("POST", &path, &[("Authorization", &authorization)], "{}");
    waiting.write_all(booking.as_bytes()).expect("the server accepts the request");
    for count in 1..=3 {
        server.signal("HUP");
        await_some("the signal is logged", || (server.log().matches("SIGHUP").count() >= count).then_some(()));
    }
    assert!(server.runs(), "{}", server.log());
    lock.execute_batch("ROLLBACK").expect("the lock is released");
    drop(lock);
    assert_eq!(read_reply(&mut waiting).whole().status, 201);
    server.stop_and_verify();
}

#[test]
fn a_server_can_be_stopped_as_soon_as_it_listens() {
    for _ in 0..10 {
        let dir = new_dir();
        let server = Server::start(dir.path());
        server.signal("TERM");
        assert_stops_cleanly(server, dir.path());
    }
}

#[test]
fn an_idle_connection_does_not_delay_the_stop() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let mut idle = connect(&server);
    assert_eq!(exchange(&mut idle, &request("GET", "/health", &[], "")).whole().status, 200);
    let _never_used = connect(&server);
    let mut unfinished = connect(&server);
    let endless = "POST /nowhere HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_eq!(exchange(&mut unfinished, endless).whole().status, 404);
    server.signal("TERM");
    assert_stops_cleanly(server, dir.path());
    assert_eq!(read_reply(&mut idle), Reply::Nothing);
}

#[test]
fn a_token_outlives_a_restart() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let account = client.open_account("basic");
    server.stop_and_verify();
    let server = Server::start(dir.path());
    let answer = client.at(&server).get(&account);
    assert_eq!((answer.status, answer.text("name")), (200, "My Salon"));
    server.stop_and_verify();
}

#[test]
fn writes_beyond_the_queue_are_refused_while_reads_succeed() {
    const THREADS: usize = 64;
    let dir = new_dir();
    let mut command = headroom(dir.path());
    command.arg("--write-queue-max=1");
    let server = Server::spawn(command).listening();
    let client = server.client();
    let path = client.open_account("pro");
    let clients: Vec<Client> = (0..THREADS).map(|_| client.another()).collect();

    let lock = open_writer(&database(dir.path())).expect("the database opens");
    lock.execute_batch("BEGIN IMMEDIATE").expect("no other connection writes");
    let (refused, booked) = (AtomicUsize::new(0), AtomicUsize::new(0));
    thread::scope(|scope| {
        for client in &clients {
            scope.spawn(|| {
                let answer = client.post(&format!("{path}/bookings"), &json!({}));
                let count = if answer.status == 201 { &booked } else { &refused };
                if answer.status != 201 {
                    assert_eq!((answer.status, answer.text("code")), (503, "unavailable"), "{answer:?}");
                    assert_eq!(answer.retry_after.as_deref(), Some("1"));
                    assert_eq!(answer.content_type.as_deref(), Some("application/problem+json"));
                }
                count.fetch_add(1, Ordering::SeqCst);
            });
        }
        // One write is with the writer, which waits for the lock, and one is in the queue.
        await_some("the others are refused", || (refused.load(Ordering::SeqCst) >= THREADS - 2).then_some(()));
        assert_eq!(client.get(&path).status, 200);
        lock.execute_batch("ROLLBACK").expect("the lock is released");
    });
    drop(lock);
    let (refused, booked) = (refused.into_inner(), booked.into_inner());
    assert!((1..=2).contains(&booked) && booked + refused == THREADS, "{booked} made, {refused} refused");
    server.stop_and_verify();
    let rows = number(dir.path(), "SELECT count(*) FROM bookings");
    assert_eq!(rows, i64::try_from(booked).expect("it is small"));
}

#[test]
fn a_write_blocked_by_another_process_is_refused_without_effect() {
    let dir = new_dir();
    let server = Server::start(dir.path());
    let client = server.client();
    let path = format!("{}/bookings", client.open_account("basic"));
    let lock = open_writer(&database(dir.path())).expect("the database opens");
    lock.execute_batch("BEGIN IMMEDIATE").expect("no other connection writes");
    let answer = client.post(&path, &json!({}));
    assert_eq!((answer.status, answer.text("code")), (503, "unavailable"), "{answer:?}");
    assert_eq!(answer.retry_after.as_deref(), Some("1"));
    lock.execute_batch("ROLLBACK").expect("the lock is released");
    drop(lock);
    assert_eq!(client.post(&path, &json!({})).status, 201);
    server.stop_and_verify();
    assert_eq!(number(dir.path(), "SELECT count(*) FROM bookings"), 1);
}
