//! Measures Headroom over HTTP, beside the ceiling of the same server, a naive variant and SQLite
//! alone, and says of each figure whether it reaches its target.
//!
//! `cargo bench -p api --bench load` takes about thirteen minutes and writes its tables into
//! `docs/BENCHMARKS.md`. Every server runs in a process of its own, all in one run and taking
//! turns, so that the ratios hold on a noisy machine. `cargo bench -p api --bench load -- --quick`
//! does the same on a small scale and writes nothing.
//!
//! `… -- fill FILE` makes the database that a run begins with, and `… -- --beside FILE BUILD …`
//! compares other builds of Headroom with this one at 64 connections, each on a copy of such a
//! file.
//!
//! `… -- --metrics` measures custom metrics alone, and `… -- --commands` the commands of an operator
//! beside a load, on a database of about 1 GB. Both write nothing.
//!
//! `… -- --overload` measures ten times overload alone, and `… -- --soak MINUTES` a long load. Both
//! write nothing.
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
mod closed_loop;
mod commands;
mod databases;
mod fixture;
mod logins;
mod metrics;
mod open_loop;
mod overload;
mod pgbench;
mod postgres;
mod raw;
mod reads;
mod refusals;
mod report;
mod servers;
mod setup;
mod soak;
mod wire;

use std::path::Path;

use report::Measured;
use servers::Kind;
use setup::{Scale, Variant, url};

/// So many bookings make a database of about 1 GB.
const EARLIER_BOOKINGS_OF_A_GIGABYTE: u64 = 4_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let has = |flag: &str| arguments.contains(&flag);
    let dir = || tempfile::tempdir_in(scratch()).expect("a directory for the databases");
    let scale = if has("--quick") { Scale::QUICK } else { Scale::FULL };
    match &arguments[..] {
        ["serve", kind, url] => servers::serve(kind.parse().expect("a kind of server"), url),
        ["fill", file] => databases::fill(&url(Path::new(file)), scale.accounts),
        ["--metrics"] => report(&[Box::new(metrics_alone(dir().path(), scale))], "metrics", true),
        ["--commands"] => report(&[Box::new(commands_alone(dir().path(), scale))], "commands", true),
        ["--overload", ..] => report(&[Box::new(overload_alone(dir().path(), scale))], "overload", true),
        ["--soak", minutes] => {
            let minutes = minutes.parse().expect("a number of minutes");
            report(&[Box::new(soak::run(dir().path(), minutes, Scale::QUICK))], "soak", true);
        }
        ["--beside", database, builds @ ..] => beside::run(dir().path(), Path::new(database), builds),
        _ if has("--postgres") => report(&postgres::run(dir().path(), scale), "postgresql", has("--quick")),
        _ => report(&run(dir().path(), scale), "measured", has("--quick")),
    }
}

/// Shows the tables, and writes them into the report at `place` unless the run was quick.
fn report(parts: &[Box<dyn Measured>], place: &str, is_quick: bool) {
    let text = report::text(parts);
    println!("\n{text}");
    if !is_quick {
        report::write(place, &text);
    }
}

fn run(dir: &Path, scale: Scale) -> Vec<Box<dyn Measured>> {
    println!("filling: {} accounts and as many users", scale.accounts);
    let base = dir.join("base.db");
    databases::fill(&url(&base), scale.accounts);
    let mut variants: Vec<Variant> = Kind::ALL.into_iter().map(|kind| Variant::start(kind, &base, scale)).collect();
    let bookings = closed_loop::run(&mut variants, scale);
    let of = |kind| variants.iter().find(|variant| variant.kind == kind).expect("it is among them");
    let (headroom, filled) = (of(Kind::Headroom), of(Kind::Headroom10M));
    vec![
        Box::new(bookings),
        Box::new(raw::run(headroom, &base, scale)),
        Box::new(open_loop::run(headroom, filled, scale)),
        Box::new(reads::run(filled, scale)),
        Box::new(refusals::run(headroom, scale)),
        Box::new(commands::run(headroom, scale)),
        Box::new(logins::run(headroom, scale)),
        Box::new(metrics::run(dir, &base, scale)),
        Box::new(overload::run(dir, &base, scale)),
    ]
}

/// Measures overload alone.
fn overload_alone(dir: &Path, scale: Scale) -> overload::Overload {
    let base = dir.join("base.db");
    databases::fill(&url(&base), scale.accounts);
    overload::run(dir, &base, scale)
}

/// Measures custom metrics alone, in more rounds: the ratios are near their targets.
fn metrics_alone(dir: &Path, scale: Scale) -> metrics::Metrics {
    let base = dir.join("base.db");
    databases::fill(&url(&base), scale.accounts);
    metrics::run(dir, &base, Scale { rounds: 3 * scale.rounds, ..scale })
}

/// Measures commands alone, on a database of about 1 GB.
fn commands_alone(dir: &Path, scale: Scale) -> commands::Commands {
    let base = dir.join("base.db");
    databases::fill(&url(&base), scale.accounts);
    let scale = Scale { earlier_bookings: EARLIER_BOOKINGS_OF_A_GIGABYTE, ..scale };
    commands::run(&Variant::start(Kind::Headroom10M, &base, scale), scale)
}

/// Where the databases go: on the disk that the build is on, not in a memory file system, where a
/// sync costs nothing.
fn scratch() -> &'static str {
    env!("CARGO_TARGET_TMPDIR")
}
