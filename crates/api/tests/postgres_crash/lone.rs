//! A server with a PostgreSQL of its own, which a test may stop, pause and crash.

use std::thread;
use std::time::Instant;

use tempfile::TempDir;
use testkit::postgres::{Cluster, Database};

use crate::house::{booking, headroom_on, stop_and_verify};
use crate::support::process::{Client, Server};
use crate::support::wire::{Answer, connect, exchange, request};

/// More than the number of connections.
const CLIENTS: usize = 32;

/// A server on a cluster of its own.
pub(crate) struct Lone {
    pub(crate) server: Server,
    pub(crate) client: Client,
    pub(crate) account: String,
    pub(crate) cluster: Cluster,
    pub(crate) database: Database,
    dir: TempDir,
}

impl Lone {
    /// `None` without PostgreSQL.
    pub(crate) fn open() -> Option<Self> {
        let cluster = Cluster::start()?;
        let (dir, database) = (tempfile::tempdir().expect("a directory"), cluster.server().create_database());
        let server = Server::spawn(headroom_on(dir.path(), database.url())).listening();
        let client = server.client();
        let account = client.open_account("basic");
        Some(Self { server, client, account, cluster, database, dir })
    }

    pub(crate) fn requests(&self, round: usize) -> Vec<String> {
        let authorization = format!("Bearer {}", self.client.token.as_deref().expect("the client has a token"));
        let look = request("GET", &self.account, &[("Authorization", &authorization)], "");
        let book = |number| booking(&self.client, &self.account, round * CLIENTS + number, None);
        (0..CLIENTS).map(|number| if number % 2 == 0 { look.clone() } else { book(number) }).collect()
    }

    /// Sends requests from all clients concurrently, half of them for a booking.
    pub(crate) fn ask(&self, round: usize) -> Vec<Answer> {
        let requests = self.requests(round);
        let asked = Instant::now();
        let ask = |request: &str| exchange(&mut connect(&self.server), request).whole();
        let answers = thread::scope(|scope| {
            let clients: Vec<_> = requests.iter().map(|request| scope.spawn(move || ask(request))).collect();
            clients.into_iter().map(|client| client.join().expect("no thread panics")).collect()
        });
        println!("answered within {:.1?}", asked.elapsed());
        answers
    }

    /// Ends a test.
    #[track_caller]
    pub(crate) fn close(self) {
        stop_and_verify([self.server], self.dir.path(), self.database.url());
    }
}

/// Whether reads and bookings succeeded.
pub(crate) fn is_served(answers: &[Answer]) -> bool {
    answers.iter().all(|answer| [200, 201].contains(&answer.status))
}
