//! A server without a descriptor to spare: more clients than it may have open files.

use std::io::Write as _;
use std::net::TcpStream;

use serde_json::json;

use crate::support::process::{Server, await_some, database, headroom, run, shell};
use crate::support::wire::{connect, exchange, request};

/// How many more files than an idle server has open it may open.
const SPARE: usize = 6;
/// How many clients connect.
const CLIENTS: usize = 40;
/// How many lines it may log meanwhile, apart from requests: it tries to accept twice a second.
const LOG_LINES_MAX: usize = 100;

#[test]
#[cfg(target_os = "linux")]
fn a_server_without_descriptors_answers_again_when_clients_leave() {
    let dir = tempfile::tempdir().expect("a directory");
    let idle = Server::start(dir.path());
    // With all that it opens on first use.
    assert_eq!(idle.client().get("/users/me").status, 200);
    let own = idle.open_files();
    idle.stop_and_verify();

    let limit = own + SPARE;
    let limited = shell(&headroom(dir.path()), &format!("ulimit -n {limit}; exec \"$0\""));
    let mut server = Server::spawn(limited).listening();
    let client = server.client();
    let opened = client.try_post("/accounts", &json!({"name": "My Salon", "plan": "pro"}));
    let account = opened.unwrap_or_else(|error| panic!("{error}: {}", server.log())).created();
    let health = request("GET", "/health", &[], "");
    let clients: Vec<TcpStream> = (0..CLIENTS)
        .map(|_| {
            let mut stream = connect(&server);
            stream.write_all(health.as_bytes()).expect("the system accepts the connection");
            stream
        })
        .collect();
    await_some("no descriptor is left", || (server.open_files() >= limit).then_some(()));
    // Connected clients are served: neither reads nor writes need another descriptor.
    for number in 0..10 {
        let answer = client.post(&format!("{account}/bookings"), &json!({"notes": number.to_string()}));
        assert_eq!(answer.status, 201, "{answer:?}");
        assert_eq!(client.get(&account).status, 200);
    }
    assert!(server.runs(), "{}", server.log());

    drop(clients);
    assert_eq!(exchange(&mut connect(&server), &health).whole().status, 200);
    let later = client.another();
    assert_eq!(later.post(&format!("{account}/bookings"), &json!({})).status, 201);
    await_some("connections are closed", || (server.open_files() < limit).then_some(()));
    let log = server.log();
    let lines = log.lines().filter(|line| !line.contains("headroom::access")).count();
    println!("limit {limit}, {lines} lines of log apart from requests");
    assert!(lines <= LOG_LINES_MAX, "{lines} lines of log: {log}");
    server.stop_and_verify();
}

#[test]
#[cfg(target_os = "linux")]
fn a_limit_of_open_files_that_is_too_low_is_refused() {
    let dir = tempfile::tempdir().expect("a directory");
    for limit in [24, 35] {
        let mut command = shell(&headroom(dir.path()), &format!("ulimit -n {limit}; exec \"$0\""));
        command.env("HEADROOM_WORKERS", "2");
        let says = format!("the limit of open files is {limit}, and this configuration needs 36");
        let finished = run(command);
        assert!(finished.code == Some(1) && finished.stderr.contains(&says), "{finished:?}");
        assert!(!database(dir.path()).exists(), "a database was created before the refusal");
    }
    let mut command = shell(&headroom(dir.path()), "ulimit -n 40; exec \"$0\"");
    command.env("HEADROOM_WORKERS", "2");
    let server = Server::spawn(command).listening();
    assert_eq!(server.client().get("/users/me").status, 200);
    server.stop_and_verify();
}
