//! Measures bookings per second over HTTP, beside the ceiling of the same server, a naive variant, and SQLite alone.
//!
//! `cargo bench -p api --bench load` takes about nine minutes and writes its tables into `docs/BENCHMARKS.md`. Every
//! server runs in a process of its own, all in one run and taking turns, so that the ratios hold on a noisy machine.
//! `cargo bench -p api --bench load -- --quick` leaves out the 10 million bookings and writes nothing.
//!
//! `… -- fill FILE` makes the database that a run begins with, and `… -- --beside FILE BUILD …` compares other builds of
//! Headroom with this one at 64 connections, each on a copy of such a file.
//!
//! With `-- --postgres` it measures Headroom on PostgreSQL instead, beside pgbench and SQLite.

#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts and times of a run are far from the bounds of their types"
)]

mod beside;
mod client;
mod fixture;
mod postgres;
mod raw;
mod reads;
mod report;
mod servers;

use std::path::Path;
use std::time::Duration;

use client::Sample;
use fixture::Fixture;
use report::Report;
use servers::{Kind, Server};

/// How many accounts there are.
const ACCOUNTS: u64 = 100_000;
const CONNECTIONS: [usize; 4] = [1, 16, 64, 256];
const ROUNDS: usize = 3;
const ROUND: Duration = Duration::from_secs(3);
/// How many clients log in without pause in a login storm.
const LOGINS: usize = 32;
const WARM_UP: Duration = Duration::from_secs(1);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let has = |flag: &str| arguments.contains(&flag);
    let dir = || tempfile::tempdir_in(scratch()).expect("a directory for the databases");
    match &arguments[..] {
        ["serve", kind, url] => servers::serve(kind.parse().expect("a kind of server"), url),
        ["fill", file] => drop(fixture::fill(&format!("sqlite://{file}"), ACCOUNTS, 0)),
        ["--beside", database, builds @ ..] => beside::run(dir().path(), database, builds),
        _ if has("--postgres") => postgres::run(dir().path(), has("--quick")),
        _ => run(dir().path(), has("--quick")),
    }
}

fn run(dir: &Path, quick: bool) {
    let kinds: &[Kind] = if quick { &Kind::ALL[..3] } else { &Kind::ALL };
    let mut runs: Vec<(Kind, Server, Fixture)> = kinds.iter().map(|&kind| start(kind, dir)).collect();
    let mut report = Report::default();
    for round in 1..=ROUNDS {
        for connections in CONNECTIONS {
            // A machine that is shared gives less to whoever comes after a hungry one, so nobody always does.
            runs.rotate_left(1);
            for (kind, server, fixture) in &runs {
                measure(*kind, server, fixture, connections, WARM_UP);
                let sample = measure(*kind, server, fixture, connections, ROUND);
                println!("round {round}, {connections:>3} connections, {kind}: {sample}");
                report.add(*kind, connections, sample);
            }
        }
    }
    let (kind, server, fixture) = runs.iter().find(|(kind, ..)| *kind == Kind::Headroom).expect("it is among them");
    let fixture = fixture.tomorrow();
    for round in 1..=ROUNDS {
        let quiet = measure(*kind, server, &fixture, CONNECTIONS[2], ROUND);
        let logins = client::storm(server.address, fixture::login(), LOGINS, ROUND + WARM_UP);
        let storm = measure(*kind, server, &fixture, CONNECTIONS[2], ROUND);
        let logins = logins.join().expect("no login panics");
        println!("round {round}, quiet: {quiet}");
        println!("round {round}, while {} logged in: {storm}", logins.refused);
        report.add_storm(quiet, storm);
    }
    for (kind, server, _) in &runs {
        if *kind == Kind::Headroom10M {
            for (read, sample) in reads::measure(server) {
                println!("{read}: {sample}");
                report.add_read(read, sample);
            }
        }
    }
    drop(runs);
    for batch in [1, 64] {
        let rate = raw::rate(dir, batch);
        println!("SQLite alone, batch {batch}: {rate:.0}/s");
        report.add_raw(batch, rate);
    }
    let text = report.text();
    println!("\n{text}");
    if !quick {
        report::write("measured", &text);
    }
}

/// Where the databases go: on the disk that the build is on, not in a memory file system, where a sync costs nothing.
fn scratch() -> &'static str {
    env!("CARGO_TARGET_TMPDIR")
}

fn start(kind: Kind, dir: &Path) -> (Kind, Server, Fixture) {
    let url = format!("sqlite://{}", dir.join(format!("{kind:?}.db")).display());
    let bookings = if kind == Kind::Headroom10M { 10_000_000 } else { 0 };
    println!("filling {kind}");
    let fixture = fixture::fill(&url, ACCOUNTS, bookings);
    let server = Server::start(kind, &url);
    (kind, server, fixture)
}

fn measure(kind: Kind, server: &Server, fixture: &Fixture, connections: usize, time: Duration) -> Sample {
    let requests = fixture.requests(kind, &server.token);
    client::drive(server.address, requests, connections, time)
}
