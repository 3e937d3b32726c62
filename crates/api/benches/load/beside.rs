//! Other builds of Headroom, in turn with this one: what a change brings, on a machine that is never as fast as it was.

use std::path::{Path, PathBuf};

use crate::client::Sample;
use crate::fixture::Fixture;
use crate::report::median;
use crate::servers::{Kind, Server};
use crate::{ACCOUNTS, CONNECTIONS, ROUND, WARM_UP, measure};

const ROUNDS: usize = 5;

/// Drives the ceiling, this build and the `others` at 64 connections in turn, and says what each came to. Each starts with
/// a copy of `database`, which the oldest of them has to be able to read.
pub(crate) fn run(dir: &Path, database: &str, others: &[String]) {
    let this = PathBuf::from(env!("CARGO_BIN_EXE_headroom"));
    let builds: Vec<PathBuf> = std::iter::once(this).chain(others.iter().map(PathBuf::from)).collect();
    let start = |(number, program): (usize, &PathBuf)| {
        let copy = dir.join(format!("build-{number}.db"));
        std::fs::copy(database, &copy).expect("the database can be copied");
        let server = Server::start_build(program, &format!("sqlite://{}", copy.display()));
        (Kind::Headroom, program.display().to_string(), server, Fixture::of(ACCOUNTS))
    };
    let mut runs: Vec<(Kind, String, Server, Fixture)> = builds.iter().enumerate().map(start).collect();
    let (ceiling, server, fixture) = crate::start(Kind::Ceiling, dir);
    runs.push((ceiling, ceiling.to_string(), server, fixture));
    let mut samples: Vec<(String, Vec<Sample>)> = runs.iter().map(|(_, name, ..)| (name.clone(), Vec::new())).collect();
    for round in 1..=ROUNDS {
        runs.rotate_left(1);
        for (kind, name, server, fixture) in &runs {
            measure(*kind, server, fixture, CONNECTIONS[2], WARM_UP);
            let sample = measure(*kind, server, fixture, CONNECTIONS[2], ROUND);
            println!("round {round}, {name}: {sample}");
            let known = samples.iter_mut().find(|(known, _)| known == name).expect("it is among them");
            known.1.push(sample);
        }
    }
    let rate = |samples: &[Sample]| median(samples.iter().map(|sample| sample.rate));
    let ceiling = rate(&samples.last().expect("the ceiling").1);
    for (name, samples) in &samples {
        let p99 = median(samples.iter().map(|sample| sample.p99));
        println!("{name}: {:.0}/s, {:.3} of the ceiling, p99 {p99:.2?}", rate(samples), rate(samples) / ceiling);
    }
}
