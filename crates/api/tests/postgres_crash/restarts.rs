//! Acknowledged writes survive crashes of PostgreSQL under load, and service resumes soon after
//! PostgreSQL does.
//!
//! `HEADROOM_POSTGRES_ROUNDS` is the number of crashes (default: 5).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use testkit::postgres::Cluster;

use crate::house::{booking, bookings, headroom_on, json, refusal, stop_and_verify};
use crate::support::over::Over;
use crate::support::process::{Client, Server, await_some};
use crate::support::wire::{connect, exchange};

const CLIENTS: usize = 16;
const ACCOUNTS: usize = 4;
/// The minimum of acknowledged bookings between two crashes.
const BOOKINGS_PER_ROUND: usize = 100;
/// How long recovery may take in `just torture`, which builds for release. Other tests only require
/// recovery: every wait has a deadline.
const PROMPTLY: Option<Duration> = if cfg!(debug_assertions) { None } else { Some(Duration::from_secs(5)) };

/// The state that the clients know.
#[derive(Default)]
struct Known {
    sent: AtomicUsize,
    /// The acknowledged bookings, by number.
    acknowledged: Mutex<BTreeMap<usize, Value>>,
    /// The numbers of bookings with an unknown outcome.
    unknown: Mutex<BTreeSet<usize>>,
    refused: AtomicUsize,
    is_over: AtomicBool,
}

impl Known {
    fn acknowledged(&self) -> usize {
        self.acknowledged.lock().expect("no thread panics").len()
    }

    /// Creates one booking after another until it is over.
    fn work(&self, server: &Server, client: &Client, accounts: &[String]) {
        let mut stream = connect(server);
        while !self.is_over.load(Ordering::Relaxed) {
            let number = self.sent.fetch_add(1, Ordering::Relaxed);
            let request = booking(client, &accounts[number % ACCOUNTS], number, None);
            let answer = exchange(&mut stream, &request).whole();
            if answer.status == 201 {
                self.acknowledged.lock().expect("no thread panics").insert(number, json(&answer));
                continue;
            }
            match refusal(&answer) {
                (503, code) if code == "outcome_unknown" => {
                    self.unknown.lock().expect("no thread panics").insert(number);
                }
                (503, code) if code == "unavailable" => {
                    self.refused.fetch_add(1, Ordering::Relaxed);
                }
                _ => panic!("{answer:?}"),
            }
        }
    }

    /// Asserts that all acknowledged bookings exist, and no others except those with an unknown
    /// outcome.
    fn assert_there(&self, clients: &[Client], accounts: &[String]) {
        let mut there: BTreeMap<usize, Value> = BTreeMap::new();
        for account in accounts {
            there.append(&mut bookings(&clients[0], account));
        }
        let (acknowledged, unknown) =
            (self.acknowledged.lock().expect("no thread panics"), self.unknown.lock().expect("no thread panics"));
        let all: Vec<(&usize, &Value)> = acknowledged.iter().collect();
        thread::scope(|scope| {
            for (client, share) in clients.iter().cycle().zip(all.chunks(all.len().div_ceil(CLIENTS))) {
                scope.spawn(move || {
                    for (number, booking) in share {
                        let (account, id) = (&accounts[*number % ACCOUNTS], booking["id"].as_str().expect("an id"));
                        let answer = client.get(&format!("{account}/bookings/{id}"));
                        assert_eq!((answer.status, &answer.body), (200, *booking), "an acknowledged booking is lost");
                    }
                });
            }
        });
        for (number, booking) in &there {
            let expected = acknowledged.get(number).or_else(|| unknown.contains(number).then_some(booking));
            assert_eq!(expected, Some(booking), "a booking that no client requested");
        }
        println!(
            "{} acknowledged, {} refused, {} unknown, of which {} were made",
            acknowledged.len(),
            self.refused.load(Ordering::Relaxed),
            unknown.len(),
            there.len() - acknowledged.len()
        );
    }
}

/// Crashes PostgreSQL and starts it; how long the servers then took to be ready and to book.
fn crash(cluster: &Cluster, servers: &[Server], clients: &[Client], account: &str, known: &Known) -> Duration {
    let is = |server: &Server, status: u16| {
        assert_eq!(server.stranger().get("/health").status, 200, "a server is healthy without its database");
        (server.stranger().get("/readyz").status == status).then_some(())
    };
    let before = known.acknowledged();
    await_some("enough requests succeed", || (known.acknowledged() >= before + BOOKINGS_PER_ROUND).then_some(()));
    cluster.stop_immediately();
    for server in servers {
        await_some("it is not ready", || is(server, 503));
    }
    cluster.start_again();
    let ready = Instant::now();
    for (server, client) in servers.iter().zip(clients) {
        await_some("it is ready", || is(server, 200));
        let mut stream = connect(server);
        await_some("it accepts bookings", || {
            let number = known.sent.fetch_add(1, Ordering::Relaxed);
            let answer = exchange(&mut stream, &booking(client, account, number, None)).whole();
            (answer.status == 201).then_some(())
        });
    }
    ready.elapsed()
}

#[test]
fn acknowledged_writes_survive_a_crash_of_postgresql() {
    let rounds = std::env::var("HEADROOM_POSTGRES_ROUNDS").map_or(5, |text| text.parse().expect("a number of rounds"));
    let Some(cluster) = Cluster::start() else { return };
    let (dir, database) = (tempfile::tempdir().expect("a directory"), cluster.server().create_database());
    let servers = [0, 1].map(|_| Server::spawn(headroom_on(dir.path(), database.url())).listening());
    let client = servers[0].client();
    let clients = servers.each_ref().map(|server| client.at(server));
    let accounts: Vec<String> = (0..ACCOUNTS).map(|_| client.open_account("basic")).collect();
    let apart = client.open_account("basic");
    let known = Known::default();
    let mut recoveries = Vec::new();
    thread::scope(|scope| {
        let _over = Over(&known.is_over);
        for number in 0..CLIENTS {
            let (known, accounts, server, client) = (&known, &accounts, &servers[number % 2], &clients[number % 2]);
            scope.spawn(move || known.work(server, client, accounts));
        }
        for _ in 0..rounds {
            recoveries.push(crash(&cluster, &servers, &clients, &apart, &known));
        }
    });
    println!("{rounds} crashes, the service recovered after {recoveries:.1?}");
    known.assert_there(&clients, &accounts);
    stop_and_verify(servers, dir.path(), database.url());
    assert!(PROMPTLY.is_none_or(|limit| recoveries.iter().all(|recovery| *recovery < limit)), "{recoveries:?}");
}
