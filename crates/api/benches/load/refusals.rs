//! What a refusal costs: bookings on a day that is full, beside bookings that are created.

use std::fmt::Write;

use crate::client::{self, FORBIDDEN, Sample};
use crate::report::{Goal, Measured, header, median};
use crate::setup::{CONNECTIONS, Scale, Variant, WARM_UP};

/// Bookings that were created, and bookings that were refused, a sample of each for every round.
#[derive(Default)]
pub(crate) struct Rounds {
    created: Vec<Sample>,
    refused: Vec<Sample>,
}

pub(crate) fn run(headroom: &Variant, scale: Scale) -> Rounds {
    let (spread, full) = (headroom.fixture.spread(), headroom.fixture.refused());
    let create = |time| headroom.book(&spread, CONNECTIONS, time);
    let refuse = |time| client::drive(headroom.server.address, FORBIDDEN, headroom.requests(&full), CONNECTIONS, time);
    let mut rounds = Rounds::default();
    for round in 1..=scale.rounds {
        create(WARM_UP);
        let created = create(scale.round);
        println!("round {round}, created: {created}");
        refuse(WARM_UP);
        let refused = refuse(scale.round);
        println!("round {round}, refused: {refused}");
        rounds.created.push(created);
        rounds.refused.push(refused);
    }
    rounds
}

impl Measured for Rounds {
    fn table(&self) -> String {
        let mut text = header(&["64 connections", "answers/s", "p50", "p99"]);
        for (what, samples) in [("bookings", &self.created), ("refusals, of a day that is full", &self.refused)] {
            let rate = median(samples.iter().map(|sample| sample.rate));
            let p50 = median(samples.iter().map(|sample| sample.p50));
            let p99 = median(samples.iter().map(|sample| sample.p99));
            let _ = writeln!(text, "| {what} | {rate:.0} | {p50:.2?} | {p99:.2?} |");
        }
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let costs = self.created.iter().zip(&self.refused).map(|(created, refused)| created.rate / refused.rate);
        vec![Goal::at_most("64 connections: cost of a refusal, of that of a booking", median(costs), 2.0)]
    }
}
