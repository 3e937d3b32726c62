//! PostgreSQL: Headroom in one process and in two, beside what pgbench reaches with the same
//! statements, and beside SQLite.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::path::Path;
use std::time::Duration;

use testkit::postgres::{Cluster, Database};

use crate::client::{self, CREATED, Sample};
use crate::databases;
use crate::fixture::{Fixture, Special};
use crate::pgbench::Pgbench;
use crate::report::{Goal, Measured, header, median};
use crate::servers::{Kind, Server};
use crate::setup::{self, Scale, WARM_UP};

const ALL_CONNECTIONS: [usize; 4] = [1, 8, TARGET_CONNECTIONS, 64];
/// How many connections the target is for.
const TARGET_CONNECTIONS: usize = 32;
/// How many connections book for one account.
const ONE_ACCOUNT: usize = 64;

/// What is compared.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
enum Way {
    /// The same statements from PostgreSQL's own load generator: no HTTP, no rules.
    Pgbench,
    /// One Headroom.
    One,
    /// Two on the same database, each with half of the connections.
    Two,
    /// One on a file of SQLite.
    Sqlite,
    /// pgbench and one Headroom, with bookings for one account alone.
    PgbenchOneAccount,
    OneAccount,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pgbench => "pgbench",
            Self::One => "Headroom on PostgreSQL",
            Self::Two => "two Headrooms on PostgreSQL",
            Self::Sqlite => "Headroom on SQLite",
            Self::PgbenchOneAccount => "pgbench, one account",
            Self::OneAccount => "Headroom on PostgreSQL, one account",
        })
    }
}

/// All there is to drive.
struct Rig<'a> {
    dir: &'a Path,
    pgbench: Pgbench,
    servers: [Server; 2],
    sqlite: Server,
    /// The load for PostgreSQL and for SQLite. There all bookings are for tomorrow, as pgbench's
    /// are. SQLite is so much faster that a day would be full.
    fixture: Fixture,
    on_file: Fixture,
    accounts: u64,
    database: Database,
    _cluster: Cluster,
}

pub(crate) fn run(dir: &Path, scale: Scale) -> Vec<Box<dyn Measured>> {
    let rig = Rig::set_up(dir, scale);
    let mut ways = [Way::Pgbench, Way::One, Way::Two, Way::Sqlite];
    let mut one_account = [Way::PgbenchOneAccount, Way::OneAccount];
    let mut samples: BTreeMap<_, Vec<_>> = BTreeMap::new();
    let mut measure = |round: usize, way: Way, connections: usize| {
        rig.measure(way, connections, WARM_UP);
        let sample = rig.measure(way, connections, scale.round);
        println!("round {round}, {connections:>3} connections, {way}: {sample}");
        samples.entry((connections, way)).or_default().push(sample);
    };
    for round in 1..=scale.rounds {
        for connections in ALL_CONNECTIONS {
            // As in the other benchmark, the order changes each time.
            ways.rotate_left(1);
            for &way in ways.iter().filter(|way| **way != Way::Two || connections > 1) {
                measure(round, way, connections);
            }
        }
        one_account.rotate_left(1);
        for connections in [1, ONE_ACCOUNT] {
            for way in one_account {
                measure(round, way, connections);
            }
        }
    }
    vec![Box::new(Bookings(samples))]
}

impl<'a> Rig<'a> {
    fn set_up(dir: &'a Path, scale: Scale) -> Self {
        let cluster = Cluster::start_durable().expect("PostgreSQL is installed");
        let database = cluster.server().create_database();
        println!("filling PostgreSQL");
        databases::fill(database.url(), scale.accounts);
        let pgbench = Pgbench::of_a_booking(&cluster, &database);
        database.execute("VACUUM ANALYZE").expect("VACUUM ANALYZE");
        println!("filling SQLite");
        let file = setup::url(&dir.join("postgres-bench.db"));
        databases::fill(&file, scale.accounts);
        let servers = [(); 2].map(|()| Server::start(Kind::Headroom, database.url()));
        let sqlite = Server::start(Kind::Headroom, &file);
        let fixture = Fixture::of(scale.accounts);
        let (on_file, accounts) = (fixture.spread(), scale.accounts);
        Self {
            dir,
            pgbench,
            servers,
            sqlite,
            fixture: fixture.tomorrow(),
            on_file,
            accounts,
            database,
            _cluster: cluster,
        }
    }

    fn measure(&self, way: Way, connections: usize, time: Duration) -> Sample {
        let one = self.fixture.special_number(Special::Unlimited);
        let pgbench = |accounts| self.pgbench.run(self.dir, &self.database, accounts, connections, time);
        match way {
            Way::Pgbench => pgbench(0..=self.accounts - 1),
            Way::One => drive(&self.servers[0], &self.fixture, connections, time),
            Way::Two => self.drive_two(connections, time),
            Way::Sqlite => drive(&self.sqlite, &self.on_file, connections, time),
            Way::PgbenchOneAccount => pgbench(one..=one),
            Way::OneAccount => drive(&self.servers[0], &self.fixture.one_account(), connections, time),
        }
    }

    /// Drives both servers at once, each over half of the connections.
    fn drive_two(&self, connections: usize, time: Duration) -> Sample {
        let [first, second] = &self.servers;
        let (accounts, next) = (self.accounts, self.fixture.half_way());
        let (one, other) = std::thread::scope(|scope| {
            let load = || drive(second, &Fixture::from(accounts, next).tomorrow(), connections / 2, time);
            let other = scope.spawn(load);
            (drive(first, &self.fixture, connections / 2, time), other.join().expect("no load panics"))
        });
        Sample {
            rate: one.rate + other.rate,
            p50: one.p50.max(other.p50),
            p99: one.p99.max(other.p99),
            answers: one.answers + other.answers,
            others: one.others + other.others,
            ..Sample::default()
        }
    }
}

fn drive(server: &Server, fixture: &Fixture, connections: usize, time: Duration) -> Sample {
    let requests = fixture.requests(Kind::Headroom.before_account(), &server.token);
    client::drive(server.address, CREATED, requests, connections, time)
}

/// What each way came to, by the number of connections.
struct Bookings(BTreeMap<(usize, Way), Vec<Sample>>);

impl Bookings {
    fn median<T: Copy + PartialOrd>(&self, connections: usize, way: Way, of: fn(&Sample) -> T) -> Option<T> {
        Some(median(self.0.get(&(connections, way))?.iter().map(of)))
    }

    /// How the rate of one way compares with another's.
    fn ratio(&self, connections: usize, one: Way, other: Way) -> Option<f64> {
        let rate = |way| self.median(connections, way, |sample| sample.rate);
        Some(rate(one)? / rate(other)?)
    }
}

impl Measured for Bookings {
    fn table(&self) -> String {
        let mut text = header(&["connections", "", "bookings/s", "p50", "p99", "other answers"]);
        for (&(connections, way), samples) in &self.0 {
            let rate = median(samples.iter().map(|sample| sample.rate));
            let p50 = median(samples.iter().map(|sample| sample.p50));
            let p99 = median(samples.iter().map(|sample| sample.p99));
            let p99 = if p99.is_zero() { String::new() } else { format!("{p99:.2?}") };
            let others: usize = samples.iter().map(|sample| sample.others).sum();
            let _ = writeln!(text, "| {connections} | {way} | {rate:.0} | {p50:.2?} | {p99} | {others} |");
        }
        text.push('\n');
        text.push_str(&header(&["connections", "of pgbench", "two, of one", "PostgreSQL, of SQLite"]));
        for connections in ALL_CONNECTIONS {
            let ratio =
                |one, other| self.ratio(connections, one, other).map_or(String::new(), |ratio| format!("{ratio:.2}"));
            let (of_pgbench, of_one) = (ratio(Way::One, Way::Pgbench), ratio(Way::Two, Way::One));
            let of_sqlite = ratio(Way::One, Way::Sqlite);
            let _ = writeln!(text, "| {connections} | {of_pgbench} | {of_one} | {of_sqlite} |");
        }
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let rate = |connections| self.median(connections, Way::OneAccount, |sample| sample.rate).expect("measured");
        let of_pgbench = self.ratio(TARGET_CONNECTIONS, Way::One, Way::Pgbench).expect("measured");
        let busy = format!("one account: bookings/s at {ONE_ACCOUNT} connections, of those at one");
        vec![
            Goal::at_least(format!("{TARGET_CONNECTIONS} connections: bookings/s, of pgbench"), of_pgbench, 0.9),
            Goal::at_least(busy, rate(ONE_ACCOUNT) / rate(1), 3.0),
        ]
    }
}
