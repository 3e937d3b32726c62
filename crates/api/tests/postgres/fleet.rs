//! Several servers on one database, and their clients.

use std::collections::BTreeSet;
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use testkit::postgres::{Database, free_port, shared};

use crate::support::process::{Client, Server, await_some, headroom, run};
use crate::support::wire::{Answer, connect, exchange, request};

/// The secret of all servers: a token of one is valid at all.
const SECRET: &str = "a secret of the tests, 256 bits or more of it";

/// How long a connection may be idle and still be used. The server closes it a few seconds later.
const IDLE_MAX: Duration = Duration::from_secs(2);

/// Servers on one database of their own.
pub(crate) struct Fleet {
    pub(crate) servers: Vec<Server>,
    dir: TempDir,
    database: Database,
}

impl Fleet {
    /// Starts `count` servers together on an empty database; `None` without PostgreSQL.
    pub(crate) fn start(count: usize) -> Option<Self> {
        let database = shared()?.create_database();
        let dir = tempfile::tempdir().expect("a directory");
        let mut ports = BTreeSet::new();
        while ports.len() < count {
            ports.insert(free_port());
        }
        let spawn = |port| Server::spawn(command(dir.path(), &database, &format!("127.0.0.1:{port}")));
        let starting: Vec<Server> = ports.into_iter().map(spawn).collect();
        let servers = starting.into_iter().map(Server::listening).collect();
        Some(Self { servers, dir, database })
    }

    /// An operator's client of the first server.
    pub(crate) fn operator(&self) -> Client {
        self.servers[0].client()
    }

    /// Opens `count` connections, spread over the servers.
    pub(crate) fn connect(&self, count: usize) -> Vec<Connection<'_>> {
        self.servers.iter().cycle().take(count).map(Connection::open).collect()
    }

    /// Stops a server, starts it at the same address, and waits until it is ready.
    pub(crate) fn restart(&mut self, number: usize) {
        let server = &mut self.servers[number];
        stop(server);
        *server = Server::spawn(command(self.dir.path(), &self.database, server.address())).listening();
        let stranger = server.stranger();
        await_some("the server is ready", || (stranger.get("/readyz").status == 200).then_some(()));
    }

    /// Asserts the one number that a query returns.
    #[track_caller]
    pub(crate) fn assert_number(&self, query: &str, expected: usize) {
        let sql = format!(
            "DO $$ DECLARE found bigint := ({query});
             BEGIN ASSERT found = {expected}, format('%s, and not {expected}', found); END $$"
        );
        self.database.execute(&sql).expect(query);
    }

    /// Ends a test: stops the servers, and asserts that none panicked, that PostgreSQL counted no
    /// deadlock, and that `verify` succeeds.
    #[track_caller]
    pub(crate) fn stop_and_verify(&mut self) {
        self.servers.iter_mut().for_each(stop);
        // A session reports its statistics when it ends.
        self.assert_number("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()", 0);
        let mut command = command(self.dir.path(), &self.database, "127.0.0.1:0");
        command.arg("verify");
        let finished = run(command);
        assert!(finished.code == Some(0) && finished.stdout.starts_with("ok: "), "{finished:?}");
    }
}

fn command(dir: &Path, database: &Database, listen: &str) -> Command {
    let mut command = headroom(dir);
    command.env("HEADROOM_DATABASE_URL", database.url()).env("HEADROOM_JWT_SECRET", SECRET);
    command.env("HEADROOM_LISTEN", listen);
    command
}

#[track_caller]
fn stop(server: &mut Server) {
    server.signal("TERM");
    assert!(server.ended().success(), "{}", server.log());
    assert!(!server.log().contains("panicked"), "{}", server.log());
}

/// A kept connection.
pub(crate) struct Connection<'a> {
    server: &'a Server,
    stream: TcpStream,
    used_at: Instant,
}

impl<'a> Connection<'a> {
    fn open(server: &'a Server) -> Self {
        Self { server, stream: connect(server), used_at: Instant::now() }
    }

    /// Sends a request, again while the service is unavailable, and returns the response. On a busy
    /// machine a unit may not begin within its deadline. Nothing was written then, so the next
    /// attempt is counted correctly.
    pub(crate) fn send(&mut self, request: &str) -> Answer {
        let answer = await_some("the service is available", || {
            let answer = exchange(&mut self.stream, request).whole();
            let is_unavailable = answer.status == 503 && json(&answer)["code"] == "unavailable";
            (!is_unavailable).then_some(answer)
        });
        self.used_at = Instant::now();
        answer
    }
}

/// Sends the same request over all connections concurrently, `times` times over each.
pub(crate) fn send_at_once(connections: &mut [Connection<'_>], times: usize, request: &str) -> Vec<Answer> {
    for connection in connections.iter_mut().filter(|connection| connection.used_at.elapsed() > IDLE_MAX) {
        *connection = Connection::open(connection.server);
    }
    let start = Barrier::new(connections.len());
    let send = |connection: &mut Connection<'_>| {
        start.wait();
        (0..times).map(|_| connection.send(request)).collect::<Vec<_>>()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = connections.iter_mut().map(|connection| scope.spawn(|| send(connection))).collect();
        threads.into_iter().flat_map(|thread| thread.join().expect("no thread panics")).collect()
    })
}

/// A POST of JSON with the client's token, with an `Idempotency-Key` or without.
pub(crate) fn post(client: &Client, path: &str, key: Option<&str>, body: &Value) -> String {
    let authorization = format!("Bearer {}", client.token.as_deref().expect("a client has a token"));
    let mut headers = vec![("Authorization", authorization.as_str())];
    headers.extend(key.map(|key| ("Idempotency-Key", key)));
    request("POST", path, &headers, &body.to_string())
}

/// The body of a response.
pub(crate) fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("no JSON: {answer:?}"))
}
