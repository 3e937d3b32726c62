//! A rolling restart loses no request of a client that retries.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;

use crate::fleet::{self, Fleet};
use crate::support::process::{Client, await_some};
use crate::support::wire::{Reply, exchange, try_connect};

const SERVERS: usize = 3;
const CLIENTS: usize = 12;
/// How often each server is restarted.
const TIMES: usize = 2;
/// The number of responses between two restarts.
const ANSWERS_BETWEEN: usize = 60;
/// How often a client tries before it gives up: only one server is down at a time.
const TRIES_MAX: usize = 8;

/// The shared state of the clients.
struct Load<'a> {
    operator: &'a Client,
    /// The account that they book on.
    path: String,
    /// The addresses of the servers.
    addresses: Vec<String>,
    answered: AtomicUsize,
    failed_tries: AtomicUsize,
    is_over: AtomicBool,
}

impl Load<'_> {
    /// Books repeatedly, through a server of its own while that is up; the ids of the bookings.
    fn book(&self, client: usize) -> Vec<String> {
        let mut connections: [Option<TcpStream>; SERVERS] = Default::default();
        let mut ids = Vec::new();
        while !self.is_over.load(Ordering::SeqCst) {
            let key = format!("client-{client}-{}", ids.len());
            let body = json!({"starts_at": "2031-05-05T10:00:00Z", "notes": &key});
            let request = fleet::post(self.operator, &self.path, Some(&key), &body);
            ids.push(self.settle(client, &mut connections, &request));
            self.answered.fetch_add(1, Ordering::SeqCst);
        }
        ids
    }

    /// Sends a request until a server answers, each time to the next one; the id of the resource.
    fn settle(&self, client: usize, connections: &mut [Option<TcpStream>; SERVERS], request: &str) -> String {
        for server in (client..client + TRIES_MAX).map(|number| number % SERVERS) {
            let mut connection = connections[server].take().or_else(|| try_connect(&self.addresses[server]).ok());
            let reply = connection.as_mut().map_or(Reply::Nothing, |connection| exchange(connection, request));
            if let Reply::Whole(answer) = reply {
                if answer.status == 201 {
                    connections[server] = connection;
                    return fleet::json(&answer)["id"].as_str().expect("an id").to_owned();
                }
                assert_eq!(answer.status, 503, "{answer:?}");
            }
            self.failed_tries.fetch_add(1, Ordering::SeqCst);
        }
        panic!("no server answers: {request}");
    }

    /// Waits for further responses.
    fn await_progress(&self) {
        let answered = self.answered.load(Ordering::SeqCst);
        let enough = answered + ANSWERS_BETWEEN;
        await_some("further responses", || (self.answered.load(Ordering::SeqCst) >= enough).then_some(()));
    }
}

/// Ends the load when it is dropped, also by a panic: the clients would run for ever.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

#[test]
fn retries_settle_every_request_during_a_rolling_restart() {
    let Some(mut fleet) = Fleet::start(SERVERS) else { return };
    let operator = fleet.operator();
    let account = operator.open_account("basic");
    let unlimited = json!({"limit": null, "reason": "A load"});
    assert_eq!(operator.put(&format!("{account}/overrides/bookings_per_day"), &unlimited).status, 200);
    let load = Load {
        operator: &operator,
        path: format!("{account}/bookings"),
        addresses: fleet.servers.iter().map(|server| server.address().to_owned()).collect(),
        answered: AtomicUsize::new(0),
        failed_tries: AtomicUsize::new(0),
        is_over: AtomicBool::new(false),
    };
    let ids: Vec<String> = thread::scope(|scope| {
        let load = &load;
        let clients: Vec<_> = (0..CLIENTS).map(|client| scope.spawn(move || load.book(client))).collect();
        let end = End(&load.is_over);
        for _ in 0..TIMES {
            for server in 0..SERVERS {
                load.await_progress();
                fleet.restart(server);
            }
        }
        load.await_progress();
        drop(end);
        clients.into_iter().flat_map(|client| client.join().expect("no thread panics")).collect()
    });
    let failed_tries = load.failed_tries.into_inner();
    println!("{} bookings, {failed_tries} failed tries", ids.len());
    assert!(failed_tries > 0, "no request met a stopped server");
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "one booking for two keys");
    fleet.assert_number("SELECT count(*) FROM bookings", ids.len());
    fleet.assert_number("SELECT count(DISTINCT notes) FROM bookings", ids.len());
    fleet.assert_number("SELECT count(*) FROM idempotency_records", ids.len());
    fleet.stop_and_verify();
}
