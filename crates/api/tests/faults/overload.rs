//! Many more requests than the server admits: every one is answered, and limits stay exact.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::net::TcpStream;

use serde_json::json;

use crate::support::process::{Server, headroom, number};
use crate::support::wire::{connect, permit_many_connections, read_reply, request};

/// How many requests are sent before any answer is read, on a connection each.
const AT_ONCE: usize = 240;
/// Few, so that most requests find no place.
const QUEUE_MAX: usize = 8;
/// How often they are sent: far more requests than there are places in the days.
const ROUNDS: usize = 5;
const ACCOUNTS: usize = 3;
/// Of the plan `pro`.
const BOOKINGS_PER_DAY_MAX: usize = 20;

#[test]
fn an_overloaded_server_answers_every_request_and_limits_stay_exact() {
    permit_many_connections();
    let dir = tempfile::tempdir().expect("a directory");
    let mut command = headroom(dir.path());
    command.arg(format!("--write-queue-max={QUEUE_MAX}"));
    let server = Server::spawn(command).listening();
    let client = server.client();
    let accounts = [(); ACCOUNTS].map(|()| client.open_account("pro"));
    let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
    let booking = |account: &String| {
        let headers = [("Authorization", authorization.as_str())];
        let body = json!({"starts_at": "2031-05-05T10:00:00Z"}).to_string();
        request("POST", &format!("{account}/bookings"), &headers, &body)
    };
    let mut streams: Vec<TcpStream> = (0..AT_ONCE).map(|_| connect(&server)).collect();
    let mut counts = BTreeMap::<(u16, bool), usize>::new();
    let mut booked = [0; ACCOUNTS];
    for _ in 0..ROUNDS {
        for (stream, account) in streams.iter_mut().zip(accounts.iter().cycle()) {
            stream.write_all(booking(account).as_bytes()).expect("the server accepts the request");
        }
        for (number, stream) in streams.iter_mut().enumerate() {
            let answer = read_reply(stream).whole();
            let can_retry = answer.head.contains("\r\nretry-after: 1");
            *counts.entry((answer.status, can_retry)).or_default() += 1;
            booked[number % ACCOUNTS] += usize::from(answer.status == 201);
        }
    }
    println!("{AT_ONCE} requests at once, {ROUNDS} times; (status, Retry-After): {counts:?}");
    let expected = [(201, false), (403, false), (503, true)];
    assert!(counts.keys().all(|kind| expected.contains(kind)), "other answers: {counts:?}");
    assert!(counts.contains_key(&(503, true)), "it was no overload: {counts:?}");
    for (account, booked) in accounts.iter().zip(booked) {
        assert!(booked <= BOOKINGS_PER_DAY_MAX, "{booked} acknowledged bookings of {account}");
        // What is left of the day is exactly what the answers say.
        let body = json!({"starts_at": "2031-05-05T10:00:00Z"});
        for _ in booked..BOOKINGS_PER_DAY_MAX {
            assert_eq!(client.post(&format!("{account}/bookings"), &body).status, 201, "{booked} were booked");
        }
        assert_eq!(client.post(&format!("{account}/bookings"), &body).status, 403, "{booked} were booked");
    }
    server.stop_and_verify();
    let rows = number(dir.path(), "SELECT count(*) FROM bookings");
    assert_eq!(usize::try_from(rows).expect("few"), ACCOUNTS * BOOKINGS_PER_DAY_MAX);
}
