//! Bookings while many clients log in without pause.

use std::fmt::Write;
use std::time::Duration;

use crate::client::{self, Sample, UNAUTHORIZED};
use crate::report::{Goal, Measured, header, median};
use crate::setup::{CONNECTIONS, Scale, Variant, WARM_UP};

/// How many clients log in at once.
const LOGINS: usize = 32;

/// In each round, bookings without logins and beside them.
pub(crate) struct Rounds(Vec<(Sample, Sample)>);

pub(crate) fn run(headroom: &Variant, scale: Scale) -> Rounds {
    let fixture = headroom.fixture.spread();
    let round = |number| {
        headroom.book(&fixture, CONNECTIONS, WARM_UP);
        let quiet = headroom.book(&fixture, CONNECTIONS, scale.round);
        let (address, time) = (headroom.server.address, scale.round + WARM_UP);
        let logins = client::storm(address, UNAUTHORIZED, login(), LOGINS, time);
        let beside = headroom.book(&fixture, CONNECTIONS, scale.round);
        let logins = logins.join().expect("no login panics");
        println!("round {number}, quiet: {quiet}");
        println!("round {number}, beside {} logins: {beside}", logins.answers);
        (quiet, beside)
    };
    Rounds((1..=scale.rounds).map(round).collect())
}

/// A login that costs what every login costs, and is refused, so that nothing piles up.
fn login() -> Vec<u8> {
    let body = r#"{"username":"unknown","password":"not the password"}"#;
    let (host, length) = ("Host: localhost", body.len());
    format!(
        "POST /token HTTP/1.1\r\n{host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

impl Rounds {
    fn p99(&self) -> (Duration, Duration) {
        (median(self.0.iter().map(|(quiet, _)| quiet.p99)), median(self.0.iter().map(|(_, beside)| beside.p99)))
    }
}

impl Measured for Rounds {
    fn table(&self) -> String {
        let mut text = header(&["64 connections", "bookings/s", "p99"]);
        let quiet = median(self.0.iter().map(|(quiet, _)| quiet.rate));
        let beside = median(self.0.iter().map(|(_, beside)| beside.rate));
        let (quiet_p99, beside_p99) = self.p99();
        let _ = writeln!(text, "| alone | {quiet:.0} | {quiet_p99:.2?} |");
        let _ = writeln!(text, "| while {LOGINS} clients log in | {beside:.0} | {beside_p99:.2?} |");
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let (quiet, beside) = self.p99();
        let what = "64 connections: p99 while 32 clients log in, of p99 alone";
        vec![Goal::at_most(what, beside.as_secs_f64() / quiet.as_secs_f64(), 2.0)]
    }
}
