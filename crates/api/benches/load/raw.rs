//! SQLite alone: the statements of a booking from one thread, without HTTP and without a queue, in
//! batches as large as those that the server was observed to commit.

use std::fmt::Write;
use std::path::Path;
use std::time::{Duration, Instant};

use api::clock::{SystemClock, UuidV7Generator};
use domain::ports::{Clock, IdGenerator};
use domain::{BookingId, NewBooking, PlanCatalog};
use rusqlite::Connection;
use storage::sqlite::{open_writer, run_in_transaction};

use crate::client::Sample;
use crate::fixture::{self, Fixture};
use crate::report::{Goal, Measured, header, median};
use crate::servers::book;
use crate::setup::{self, CONNECTIONS, Scale, Variant, WARM_UP};

/// What the server came to, and right after it SQLite alone.
pub(crate) struct Rounds(Vec<Round>);

struct Round {
    http: Sample,
    /// Bookings to a commit.
    batch: f64,
    raw: f64,
}

pub(crate) fn run(headroom: &Variant, base: &Path, scale: Scale) -> Rounds {
    let fixture = headroom.fixture.spread();
    let raw = Raw::open(&setup::copy(base, "raw"), scale);
    let round = |number| {
        headroom.book(&fixture, CONNECTIONS, WARM_UP);
        let before = headroom.server.commits();
        let http = headroom.book(&fixture, CONNECTIONS, scale.round);
        let commits = headroom.server.commits().wrapping_sub(before);
        let batch = http.answers as f64 / f64::from(commits.max(1));
        let size = (batch.round() as usize).max(1);
        raw.rate(size, WARM_UP);
        let raw = raw.rate(size, scale.round);
        println!("round {number}, over HTTP: {http}, {batch:.1} to a commit; SQLite alone: {raw:.0}/s");
        Round { http, batch, raw }
    };
    Rounds((1..=scale.rounds).map(round).collect())
}

/// A connection with the settings of Headroom's writer.
struct Raw {
    connection: Connection,
    catalog: PlanCatalog,
    fixture: Fixture,
}

impl Raw {
    fn open(database: &Path, scale: Scale) -> Self {
        let connection = open_writer(database).expect("the database");
        Self { connection, catalog: PlanCatalog::builtin(), fixture: Fixture::of(scale.accounts).spread() }
    }

    /// Bookings per second, with a commit for every `batch` of them.
    fn rate(&self, batch: usize, time: Duration) -> f64 {
        let mut made = 0;
        let begin = Instant::now();
        while begin.elapsed() < time {
            self.command("BEGIN IMMEDIATE");
            (0..batch).for_each(|_| self.book());
            self.command("COMMIT");
            made += batch;
        }
        made as f64 / begin.elapsed().as_secs_f64()
    }

    fn command(&self, sql: &str) {
        self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute([])).expect(sql);
    }

    fn book(&self) {
        let (account, starts_at) = (self.fixture.next_account(), self.fixture.next_start());
        let new = NewBooking { starts_at, ..NewBooking::default() };
        let (id, now) = (BookingId::from_uuid(UuidV7Generator.next_uuid()), SystemClock.now());
        let work =
            |tx: &mut dyn domain::ports::WriteTx| book(tx, &self.catalog, &fixture::owner(), account, &new, id, now);
        run_in_transaction(&self.connection, work).expect("room");
    }
}

impl Rounds {
    fn median(&self, of: fn(&Round) -> f64) -> f64 {
        median(self.0.iter().map(of))
    }
}

impl Measured for Rounds {
    fn table(&self) -> String {
        let mut text = header(&["days spread over a month", "bookings/s", "to a commit"]);
        let (http, raw) = (self.median(|round| round.http.rate), self.median(|round| round.raw));
        let batch = self.median(|round| round.batch);
        let _ = writeln!(text, "| Headroom, {CONNECTIONS} connections | {http:.0} | {batch:.1} |");
        let _ = writeln!(text, "| SQLite alone, one thread | {raw:.0} | {:.0} |", batch.round());
        text
    }

    fn goals(&self) -> Vec<Goal> {
        let ratio = self.median(|round| round.http.rate / round.raw);
        let what = "64 connections: bookings/s, of SQLite alone with the same statements and as many to a commit";
        vec![Goal::at_least(what, ratio, 0.8)]
    }
}
