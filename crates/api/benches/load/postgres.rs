//! PostgreSQL: Headroom in one process and in two, beside what pgbench reaches with the same statements, and beside SQLite.

use std::fmt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use testkit::postgres::{Cluster, Database};

use crate::client::{self, Sample};
use crate::fixture::{self, Fixture, SESSION, USER};
use crate::report::{self, PostgresReport};
use crate::servers::{Kind, Server};

pub(crate) const CONNECTIONS: [usize; 4] = [1, 8, 32, 64];
const ACCOUNTS: u64 = 100_000;
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(4);
const WARM_UP: Duration = Duration::from_secs(1);

/// What is compared.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Way {
    /// The same statements from PostgreSQL's own load generator: no HTTP, no rules.
    Pgbench,
    /// One Headroom.
    One,
    /// Two on the same database, each with half of the connections.
    Two,
    /// One on a file of SQLite.
    Sqlite,
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Pgbench => "pgbench",
            Self::One => "Headroom on PostgreSQL",
            Self::Two => "two Headrooms on PostgreSQL",
            Self::Sqlite => "Headroom on SQLite",
        })
    }
}

/// Measures, and writes the report unless it is to be `quick`.
pub(crate) fn run(dir: &Path, quick: bool) {
    let cluster = Cluster::start_durable().expect("PostgreSQL is installed");
    let database = cluster.server().create_database();
    println!("filling PostgreSQL");
    let fixture = fixture::fill(database.url(), ACCOUNTS, 0);
    for sql in ["CREATE SEQUENCE bench", "VACUUM ANALYZE"] {
        database.execute(sql).expect(sql);
    }
    let script = dir.join("booking.sql");
    std::fs::write(&script, statements()).expect("the script can be written");
    println!("filling SQLite");
    let file = format!("sqlite://{}", dir.join("postgres-bench.db").display());
    let on_file = fixture::fill(&file, ACCOUNTS, 0);
    let servers = [(); 2].map(|()| Server::start(Kind::Headroom, database.url()));
    let sqlite = Server::start(Kind::Headroom, &file);
    let mut ways = vec![Way::Pgbench, Way::One, Way::Two, Way::Sqlite];
    let mut report = PostgresReport::default();
    for round in 1..=ROUNDS {
        for connections in CONNECTIONS {
            // As in the other benchmark, nobody always comes after the hungriest.
            ways.rotate_left(1);
            for &way in &ways {
                if way == Way::Two && connections == 1 {
                    continue;
                }
                let measure = |time| match way {
                    Way::Pgbench => pgbench(&database, &script, connections, time),
                    Way::One => drive(&servers[..1], &fixture, connections, time),
                    Way::Two => drive(&servers, &fixture, connections, time),
                    Way::Sqlite => drive(std::slice::from_ref(&sqlite), &on_file, connections, time),
                };
                measure(WARM_UP);
                let sample = measure(ROUND);
                println!("round {round}, {connections:>3} connections, {way}: {sample}");
                report.add(way, connections, sample);
            }
        }
    }
    let text = report.text();
    println!("\n{text}");
    if !quick {
        report::write("postgresql", &text);
    }
}

/// Drives servers at once, each over its share of the connections.
fn drive(servers: &[Server], fixture: &Fixture, connections: usize, time: Duration) -> Sample {
    let each = connections / servers.len();
    let others: Vec<_> = servers[1..]
        .iter()
        .map(|server| {
            let (address, token) = (server.address, server.token.clone());
            let (accounts, first) = (fixture.accounts, fixture.half_way());
            std::thread::spawn(move || {
                let fixture = Fixture::from(accounts, first);
                client::drive(address, fixture.requests(Kind::Headroom, &token), each, time)
            })
        })
        .collect();
    let first = client::drive(servers[0].address, fixture.requests(Kind::Headroom, &servers[0].token), each, time);
    others.into_iter().fold(first, |sum, other| {
        let other = other.join().expect("no load panics");
        Sample {
            rate: sum.rate + other.rate,
            p50: sum.p50.max(other.p50),
            p99: sum.p99.max(other.p99),
            refused: sum.refused + other.refused,
        }
    })
}

/// What pgbench reaches. It tells no percentiles: p50 is the mean, and p99 is left out.
fn pgbench(database: &Database, script: &Path, connections: usize, time: Duration) -> Sample {
    let output = Command::new("pgbench")
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={connections}"))
        .arg(format!("--time={}", time.as_secs()))
        .arg(format!("--file={}", script.display()))
        .arg(database.url())
        .output()
        .expect("pgbench runs");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    let figure = |label: &str| {
        let rest = text.split_once(label).expect("pgbench tells").1;
        rest.split_whitespace().next().expect("a figure").parse::<f64>().expect("a number")
    };
    let mean = Duration::from_secs_f64(figure("latency average = ") / 1000.0);
    Sample { rate: figure("\ntps = "), p50: mean, p99: Duration::ZERO, refused: 0 }
}

/// What Headroom sends to PostgreSQL for a booking by somebody who has logged in, as a script of pgbench's.
///
/// Ids come from a sequence, as rising ones do from `UUIDv7`. The day is tomorrow: there is no limit here, and today is left
/// to whoever keeps to one.
fn statements() -> String {
    let last = ACCOUNTS - 1;
    let id = "('0195b1e0-0000-7000-8000-' || lpad(nextval('bench')::text, 12, '0'))::uuid";
    format!(
        "\\set number random(0, {last})
BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
SELECT id, user_id, created_at, expires_at FROM sessions WHERE id = '{SESSION}';
SELECT id AS account, name, time_zone, created_at, deleted_at, version, subscription_id, plan, subscribed_at, plan_since, \
scheduled_id, scheduled_plan, scheduled_at, scheduled_requested_by, scheduled_requested_at, scheduled_reason FROM accounts \
WHERE id = ('00000000-0000-7000-8000-' || lpad((:number)::text, 12, '0'))::uuid FOR UPDATE \\gset
SELECT role FROM members WHERE account_id = :account AND user_id = '{USER}';
SELECT account_id, metric, at_most, reason, expires_at, created_by, created_at FROM overrides WHERE account_id = :account \
ORDER BY metric DESC;
SELECT used FROM usage_counters WHERE account_id = :account AND metric = 'bookings_per_day' \
AND window_start = (current_date + 1)::timestamp AT TIME ZONE 'UTC';
WITH booking AS (INSERT INTO bookings (account_id, id, day, starts_at, customer_name, staff_id, notes, created_at, \
deleted_at, version, created_by, api_key, request_id, address) VALUES (:account, {id}, current_date + 1, now(), NULL, NULL, \
NULL, now(), NULL, 1, '{USER}', NULL, '0195b1e0c5f27a4e8a3f6d2b9c1e7f04', '127.0.0.1')) \
INSERT INTO usage_counters (account_id, metric, window_start, used) VALUES (:account, 'bookings_per_day', \
(current_date + 1)::timestamp AT TIME ZONE 'UTC', 1) \
ON CONFLICT (account_id, metric, window_start) DO UPDATE SET used = usage_counters.used + 1;
COMMIT;
"
    )
}
