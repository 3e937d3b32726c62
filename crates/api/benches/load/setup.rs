//! What is measured: how large the databases are, and the servers on copies of them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::client::{self, CREATED, Sample};
use crate::databases;
use crate::fixture::Fixture;
use crate::servers::{Kind, Server};

/// How many connections most targets are for.
pub(crate) const CONNECTIONS: usize = 64;
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);

/// How large the databases are, and how long is measured.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    /// How many accounts the load books for. There are as many users.
    pub(crate) accounts: u64,
    /// How many bookings of the last two years the database of [`Kind::Headroom10M`] has.
    pub(crate) earlier_bookings: u64,
    /// How often each variant has its turn, and how long it takes.
    pub(crate) rounds: usize,
    pub(crate) round: Duration,
    /// How long a load at a fixed rate runs.
    pub(crate) at_fixed_rate: Duration,
}

impl Scale {
    pub(crate) const FULL: Self = Self {
        accounts: 100_000,
        earlier_bookings: 10_000_000,
        rounds: 3,
        round: Duration::from_secs(3),
        at_fixed_rate: Duration::from_secs(10),
    };
    pub(crate) const QUICK: Self = Self {
        accounts: 20_000,
        earlier_bookings: 200_000,
        rounds: 1,
        round: Duration::from_secs(2),
        at_fixed_rate: Duration::from_secs(3),
    };
}

/// A server and the load for it.
pub(crate) struct Variant {
    pub(crate) kind: Kind,
    pub(crate) server: Server,
    pub(crate) fixture: Fixture,
}

impl Variant {
    /// Starts the server on a copy of the database `base`.
    pub(crate) fn start(kind: Kind, base: &Path, scale: Scale) -> Self {
        let database = copy(base, &format!("{kind:?}"));
        let url = url(&database);
        if kind == Kind::Headroom10M {
            println!("filling {kind}: {} bookings", scale.earlier_bookings);
            databases::add_earlier_bookings(&url, scale.accounts, scale.earlier_bookings);
        }
        Self { kind, server: Server::start(kind, &url), fixture: Fixture::of(scale.accounts) }
    }

    /// Creates bookings as `fixture` asks for them.
    pub(crate) fn book(&self, fixture: &Fixture, connections: usize, time: Duration) -> Sample {
        client::drive(self.server.address, CREATED, self.requests(fixture), connections, time)
    }

    pub(crate) fn requests(&self, fixture: &Fixture) -> impl Fn() -> Vec<u8> + 'static + use<> {
        fixture.requests(self.kind.before_account(), &self.server.token)
    }
}

/// The URL of a SQLite database.
pub(crate) fn url(database: &Path) -> String {
    format!("sqlite://{}", database.display())
}

/// A copy of a database that no process has open, beside it.
pub(crate) fn copy(database: &Path, name: &str) -> PathBuf {
    let copy = database.with_file_name(format!("{name}.db"));
    std::fs::copy(database, &copy).expect("the database can be copied");
    copy
}
