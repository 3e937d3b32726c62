//! Other builds of Headroom, in turn with this one: what a change brings, on a machine that is
//! never as fast as it was.

use std::path::Path;

use crate::client::Sample;
use crate::fixture::Fixture;
use crate::report::median;
use crate::servers::{Kind, Server};
use crate::setup::{self, CONNECTIONS, Scale, Variant, WARM_UP};

const ROUNDS: usize = 15;

/// A build, and what it came to.
struct Run {
    name: String,
    variant: Variant,
    samples: Vec<Sample>,
}

impl Run {
    fn rate(&self) -> f64 {
        median(self.samples.iter().map(|sample| sample.rate))
    }
}

/// Drives the ceiling, this build and the `others` at 64 connections in turn, and says what each
/// came to. Each starts with a copy of `database`, which the oldest of them has to be able to read.
pub(crate) fn run(dir: &Path, database: &Path, others: &[&str]) {
    let scale = Scale::FULL;
    let base = dir.join("base.db");
    std::fs::copy(database, &base).expect("the database can be copied");
    let builds = std::iter::once(&env!("CARGO_BIN_EXE_headroom")).chain(others);
    let start = |(number, program): (usize, &&str)| {
        let url = setup::url(&setup::copy(&base, &format!("build-{number}")));
        let server = Server::start_build(Path::new(program), &url);
        let variant = Variant { kind: Kind::Headroom, server, fixture: Fixture::of(scale.accounts) };
        Run { name: (*program).to_owned(), variant, samples: Vec::new() }
    };
    let mut runs: Vec<Run> = builds.enumerate().map(start).collect();
    let ceiling = Variant::start(Kind::Ceiling, &base, scale);
    runs.push(Run { name: ceiling.kind.to_string(), variant: ceiling, samples: Vec::new() });
    for round in 1..=ROUNDS {
        runs.rotate_left(1);
        for Run { name, variant, samples } in &mut runs {
            variant.book(&variant.fixture, CONNECTIONS, WARM_UP);
            let sample = variant.server.measure(|| variant.book(&variant.fixture, CONNECTIONS, scale.round));
            println!("round {round}, {name}: {sample}");
            samples.push(sample);
        }
    }
    let ceiling = runs.iter().find(|run| run.variant.kind == Kind::Ceiling).expect("it is among them").rate();
    for run in &runs {
        let rate = run.rate();
        let [p99, processor] =
            [|it: &Sample| it.p99, |it: &Sample| it.processor].map(|of| median(run.samples.iter().map(of)));
        let name = &run.name;
        println!(
            "{name}: {rate:.0}/s, {:.3} of the ceiling, p99 {p99:.2?}, {processor:.1?} of a processor for a booking",
            rate / ceiling
        );
    }
}
