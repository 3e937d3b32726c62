//! Bookings in a closed loop, as fast as each variant takes them: how Headroom compares with the
//! ceiling, the naive variant, and itself with 10 million bookings in the file.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::client::Sample;
use crate::report::{Goal, Measured, header, median};
use crate::servers::Kind;
use crate::setup::{CONNECTIONS, Scale, Variant, WARM_UP};

const ALL_CONNECTIONS: [usize; 3] = [1, CONNECTIONS, 256];

/// What each variant came to, by the number of connections.
pub(crate) struct Bookings(BTreeMap<(usize, Kind), Vec<Sample>>);

pub(crate) fn run(variants: &mut [Variant], scale: Scale) -> Bookings {
    let mut samples: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for round in 1..=scale.rounds {
        for connections in ALL_CONNECTIONS {
            // A machine that is shared gives less to the variant after a hungry one: the order
            // changes each time.
            variants.rotate_left(1);
            for variant in &*variants {
                variant.book(&variant.fixture, connections, WARM_UP);
                let sample = variant.book(&variant.fixture, connections, scale.round);
                println!("round {round}, {connections:>3} connections, {}: {sample}", variant.kind);
                samples.entry((connections, variant.kind)).or_default().push(sample);
            }
        }
    }
    Bookings(samples)
}

impl Bookings {
    fn median<T: Copy + PartialOrd>(&self, connections: usize, kind: Kind, of: fn(&Sample) -> T) -> T {
        median(self.0[&(connections, kind)].iter().map(of))
    }

    fn rate(&self, kind: Kind) -> f64 {
        self.median(CONNECTIONS, kind, |sample| sample.rate)
    }
}

impl Measured for Bookings {
    fn table(&self) -> String {
        let mut text = header(&["connections", "", "bookings/s", "p50", "p99", "other answers"]);
        for (&(connections, kind), samples) in &self.0 {
            let rate = self.median(connections, kind, |sample| sample.rate);
            let p50 = self.median(connections, kind, |sample| sample.p50);
            let p99 = self.median(connections, kind, |sample| sample.p99);
            let others: usize = samples.iter().map(|sample| sample.others).sum();
            let _ = writeln!(text, "| {connections} | {kind} | {rate:.0} | {p50:.2?} | {p99:.2?} | {others} |");
        }
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let ratio = |one, other| self.rate(one) / self.rate(other);
        let alone = |kind| self.median(1, kind, |sample| sample.p50);
        let p99 = self.median(CONNECTIONS, Kind::Headroom, |sample| sample.p99);
        vec![
            Goal::at_least("64 connections: bookings/s, of the ceiling", ratio(Kind::Headroom, Kind::Ceiling), 0.42),
            Goal::at_least("64 connections: bookings/s, of naive", ratio(Kind::Headroom, Kind::Naive), 7.0),
            Goal::at_least(
                "64 connections: bookings/s with 10 M bookings in the file, of an empty one",
                ratio(Kind::Headroom10M, Kind::Headroom),
                0.9,
            ),
            Goal::within("64 connections: p99", p99, Duration::from_millis(10)),
            Goal::no_worse("one connection: p50, against that of naive", alone(Kind::Headroom), alone(Kind::Naive)),
        ]
    }
}
