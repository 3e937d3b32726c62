//! A server replaces another one on the same database under load, as in an upgrade without
//! downtime.

use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use serde_json::json;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod over;
    pub(crate) mod process;
    pub(crate) mod wire;
}
use support::over::Over;
use support::process::{Client, PATIENCE, Server, await_some, headroom, number};
use support::wire::{Reply, exchange, request, try_connect};

/// The clients that send at the same time.
const CLIENTS: usize = 8;
/// How many requests succeed before the next step.
const ENOUGH: usize = 300;

/// What the clients have seen.
#[derive(Default)]
struct Seen {
    succeeded: AtomicUsize,
    /// Connections that were refused, or closed before a response.
    retried: AtomicUsize,
    is_over: AtomicBool,
}

/// Sends bookings, each with an idempotency key, to the first of the servers that accepts a
/// connection. A request whose connection was refused or closed is sent again.
fn send_bookings(addresses: &[String], number: usize, account: &str, authorization: &str, seen: &Seen) {
    let mut stream: Option<TcpStream> = None;
    for booking in 0.. {
        if seen.is_over.load(Ordering::SeqCst) {
            return;
        }
        let key = format!("booking-{number}-{booking}");
        let headers = [("Authorization", authorization), ("Idempotency-Key", key.as_str())];
        // A day each, far below the limit of any.
        let starts_at =
            format!("{}-{:02}-{:02}T10:00:00Z", 2030 + booking / 336 % 100, 1 + booking / 28 % 12, 1 + booking % 28);
        let booking = request("POST", account, &headers, &json!({"starts_at": starts_at}).to_string());
        let end = Instant::now() + PATIENCE;
        let answer = loop {
            assert!(Instant::now() < end, "no server answers");
            let connected = stream.take().or_else(|| addresses.iter().find_map(|address| try_connect(address).ok()));
            match connected.map(|mut connected| (exchange(&mut connected, &booking), connected)) {
                Some((Reply::Whole(answer), connected)) => {
                    let closes = answer.head.contains("connection: close");
                    stream = Some(connected).filter(|_| !closes);
                    break answer;
                }
                Some((Reply::Cut(answer), _)) => panic!("a response is cut off: {answer}"),
                Some((Reply::Nothing, _)) | None => seen.retried.fetch_add(1, Ordering::SeqCst),
            };
        };
        assert_eq!(answer.status, 201, "{answer:?}");
        seen.succeeded.fetch_add(1, Ordering::SeqCst);
    }
}

fn await_successes(seen: &Seen) {
    let before = seen.succeeded.load(Ordering::SeqCst);
    await_some("requests succeed", || (seen.succeeded.load(Ordering::SeqCst) >= before + ENOUGH).then_some(()));
}

/// Starts a server with the key file that both share.
fn start(dir: &Path) -> Server {
    let mut command = headroom(dir);
    command.args(["--key-file", "shared.keys"]);
    Server::spawn(command).listening()
}

/// The paths of the bookings of an account for each client.
fn open_accounts(client: &Client) -> Vec<String> {
    (0..CLIENTS).map(|_| format!("{}/bookings", client.open_account("pro"))).collect()
}

#[test]
fn a_server_replaces_another_under_load_without_a_failed_request() {
    let dir = tempfile::tempdir().expect("a directory");
    let mut old = start(dir.path());
    let client = old.client();
    let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
    let accounts = open_accounts(&client);
    let new = start(dir.path());
    // As a proxy that still prefers the old server.
    let addresses = [old.address().to_owned(), new.address().to_owned()];
    let seen = Seen::default();
    thread::scope(|scope| {
        for (number, account) in accounts.iter().enumerate() {
            let (addresses, authorization, seen) = (&addresses, &authorization, &seen);
            scope.spawn(move || {
                // A failed client ends the test, and not only its own thread.
                let _over = Over(&seen.is_over);
                send_bookings(addresses, number, account, authorization, seen);
            });
        }
        await_successes(&seen);
        old.signal("TERM");
        assert!(old.ended().success(), "{}", old.log());
        await_successes(&seen);
        seen.is_over.store(true, Ordering::SeqCst);
    });
    let succeeded = seen.succeeded.into_inner();
    // Each client lost its connection to the old server once, and perhaps a new one in its queue.
    let retried = seen.retried.into_inner();
    assert!(retried <= 2 * CLIENTS, "{retried} retries");
    new.stop_and_verify();
    let bookings = number(dir.path(), "SELECT count(*) FROM bookings");
    assert_eq!(usize::try_from(bookings).expect("not so many"), succeeded, "a booking was lost or made twice");
}
