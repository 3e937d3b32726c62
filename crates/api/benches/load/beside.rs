//! Other builds of Headroom, in turn with this one: what a change brings, on a machine that is never as fast as it was.

use std::path::Path;

use crate::client::Sample;
use crate::fixture::Fixture;
use crate::report::median;
use crate::servers::{Kind, Server};
use crate::{ACCOUNTS, CONNECTIONS, ROUND, WARM_UP, measure};

const ROUNDS: usize = 5;

/// A server, and what it came to.
struct Run {
    kind: Kind,
    name: String,
    server: Server,
    fixture: Fixture,
    samples: Vec<Sample>,
}

impl Run {
    fn rate(&self) -> f64 {
        median(self.samples.iter().map(|sample| sample.rate))
    }
}

/// Drives the ceiling, this build and the `others` at 64 connections in turn, and says what each came to. Each starts with
/// a copy of `database`, which the oldest of them has to be able to read.
pub(crate) fn run(dir: &Path, database: &str, others: &[&str]) {
    let builds = std::iter::once(&env!("CARGO_BIN_EXE_headroom")).chain(others);
    let start = |(number, program): (usize, &&str)| {
        let copy = dir.join(format!("build-{number}.db"));
        std::fs::copy(database, &copy).expect("the database can be copied");
        let server = Server::start_build(Path::new(program), &format!("sqlite://{}", copy.display()));
        let (name, fixture) = ((*program).to_owned(), Fixture::of(ACCOUNTS));
        Run { kind: Kind::Headroom, name, server, fixture, samples: Vec::new() }
    };
    let mut runs: Vec<Run> = builds.enumerate().map(start).collect();
    let (kind, server, fixture) = crate::start(Kind::Ceiling, dir);
    runs.push(Run { kind, name: kind.to_string(), server, fixture, samples: Vec::new() });
    for round in 1..=ROUNDS {
        runs.rotate_left(1);
        for Run { kind, name, server, fixture, samples } in &mut runs {
            measure(*kind, server, fixture, CONNECTIONS[2], WARM_UP);
            let sample = measure(*kind, server, fixture, CONNECTIONS[2], ROUND);
            println!("round {round}, {name}: {sample}");
            samples.push(sample);
        }
    }
    let ceiling = runs.iter().find(|run| run.kind == Kind::Ceiling).expect("it is among them").rate();
    for run in &runs {
        let (rate, p99) = (run.rate(), median(run.samples.iter().map(|sample| sample.p99)));
        println!("{}: {rate:.0}/s, {:.3} of the ceiling, p99 {p99:.2?}", run.name, rate / ceiling);
    }
}
