//! Idempotent requests across processes: concurrent repetitions, clients that hang up, and `kill
//! -9` have one effect.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex};
use std::thread;

#[expect(dead_code, reason = "other tests use the rest")]
mod support {
    pub(crate) mod process;
    pub(crate) mod wire;
}
use support::process::{Server, await_some, execute, number};
use support::wire::{Answer, Reply, connect, exchange, request};

/// How many clients send the same request concurrently.
const CLIENTS: usize = 50;
/// How many threads send requests while the server is killed.
const THREADS: usize = 8;
/// How often the server is killed.
const LIVES: usize = 6;
/// How many responses it sends before that.
const ANSWERS_PER_LIFE: usize = 40;

/// A request with a key for a booking on the day of this `number`.
fn booking(token: &str, account: &str, number: usize) -> String {
    let (month, day) = (1 + number / 28 % 12, 1 + number % 28);
    let body = format!(r#"{{"starts_at":"{}-{month:02}-{day:02}T10:00:00Z"}}"#, 2030 + number / 336);
    let headers = [("Authorization", format!("Bearer {token}")), ("Idempotency-Key", format!("booking-{number}"))];
    let headers = headers.each_ref().map(|(name, value)| (*name, value.as_str()));
    request("POST", &format!("{account}/bookings"), &headers, &body)
}

fn is_replayed(answer: &Answer) -> bool {
    answer.head.contains("idempotency-replayed: true")
}

#[test]
fn clients_racing_with_one_key_have_one_effect_despite_hang_ups() {
    let dir = tempfile::tempdir().unwrap();
    // Two processes on one file, which do not know of each other.
    let servers = [Server::start(dir.path()), Server::start(dir.path())];
    let client = servers[0].client();
    let (account, token) = (client.open_account("basic"), client.token.clone().unwrap());
    for round in 0..4 {
        let (start, request) = (Barrier::new(CLIENTS), booking(&token, &account, round));
        let answers = thread::scope(|scope| {
            let (start, request, servers) = (&start, &request, &servers);
            let send = |number: usize| {
                let mut stream = connect(&servers[number % 2]);
                start.wait();
                if number.is_multiple_of(3) {
                    stream.write_all(request.as_bytes()).unwrap();
                    return None;
                }
                Some(exchange(&mut stream, request).whole())
            };
            let threads: Vec<_> = (0..CLIENTS).map(|number| scope.spawn(move || send(number))).collect();
            threads.into_iter().filter_map(|thread| thread.join().unwrap()).collect::<Vec<_>>()
        });
        assert!(answers.iter().all(|it| (it.status, &it.body) == (201, &answers[0].body)), "{answers:?}");
        assert!(answers.iter().filter(|answer| !is_replayed(answer)).count() <= 1, "{answers:?}");
        assert_eq!(number(dir.path(), "SELECT count(*) FROM bookings"), i64::try_from(round + 1).unwrap());
    }
    for server in servers {
        server.stop_and_verify();
    }
}

#[test]
fn only_idempotency_records_older_than_a_day_are_removed() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let client = server.client();
    let (account, token) = (client.open_account("basic"), client.token.unwrap());
    exchange(&mut connect(&server), &booking(&token, &account, 0)).whole();
    server.stop_and_verify();
    // More than one step of the task removes.
    let old = "WITH RECURSIVE n(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM n WHERE n < 1200)
               INSERT INTO idempotency_records SELECT randomblob(32), randomblob(32), randomblob(500), n FROM n";
    let old_in_postgres = "INSERT INTO idempotency_records
        SELECT sha256(n::text::bytea), sha256(n::text::bytea), sha256(n::text::bytea), '2020-01-01Z'::timestamptz
        FROM generate_series(1, 1200) AS n";
    execute(dir.path(), old, old_in_postgres);
    let count = || number(dir.path(), "SELECT count(*) FROM idempotency_records");
    assert_eq!(count(), 1201);
    let server = Server::start(dir.path());
    await_some("the old records are removed", || (count() == 1).then_some(()));
    assert!(is_replayed(&exchange(&mut connect(&server), &booking(&token, &account, 0)).whole()));
    server.stop_and_verify();
}

/// The bodies of the received responses, by number; and how many requests were sent.
#[derive(Default)]
struct Known {
    bodies: Mutex<BTreeMap<usize, String>>,
    sent: AtomicUsize,
}

impl Known {
    /// Records a response. A repetition must get the same.
    fn note(&self, number: usize, answer: Answer) {
        assert_eq!(answer.status, 201, "{answer:?}");
        let mut bodies = self.bodies.lock().expect("no thread panics");
        match bodies.get(&number) {
            Some(first) => assert!(is_replayed(&answer) && *first == answer.body, "{answer:?} after {first}"),
            None => drop(bodies.insert(number, answer.body)),
        }
    }

    /// Sends one new request after another until the server is killed.
    fn work(&self, server: &Server, token: &str, account: &str) {
        let mut stream = connect(server);
        loop {
            let number = self.sent.fetch_add(1, Ordering::Relaxed);
            match exchange(&mut stream, &booking(token, account, number)) {
                Reply::Whole(answer) => self.note(number, answer),
                Reply::Nothing | Reply::Cut(_) => return,
            }
        }
    }
}

#[test]
fn requests_repeated_after_kill_9_have_one_effect() {
    let dir = tempfile::tempdir().unwrap();
    let known = Known::default();
    let mut account = None;
    for life in 1..=LIVES {
        let server = Server::start(dir.path());
        let client = server.client();
        let account = account.get_or_insert_with(|| client.open_account("basic")).as_str();
        let token = client.token.as_deref().unwrap();
        // Requests whose responses were lost when the server was killed, and others.
        let mut stream = connect(&server);
        for number in 0..known.sent.load(Ordering::Relaxed) {
            known.note(number, exchange(&mut stream, &booking(token, account, number)).whole());
        }
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| known.work(&server, token, account));
            }
            await_some("enough responses", || {
                (known.bodies.lock().unwrap().len() >= life * ANSWERS_PER_LIFE).then_some(())
            });
            server.signal("KILL");
        });
    }
    let server = Server::start(dir.path());
    let (token, account) = (server.client().token.unwrap(), account.unwrap());
    let sent = known.sent.load(Ordering::Relaxed);
    let mut stream = connect(&server);
    for number in 0..sent {
        known.note(number, exchange(&mut stream, &booking(&token, &account, number)).whole());
    }
    assert_eq!(number(dir.path(), "SELECT count(*) FROM bookings"), i64::try_from(sent).unwrap());
    assert_eq!(known.bodies.into_inner().unwrap().len(), sent);
    server.stop_and_verify();
}
