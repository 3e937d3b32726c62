//! What was measured, as tables, and beside what was to be reached.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::Duration;

use crate::CONNECTIONS;
use crate::client::Sample;
use crate::postgres::{self, Way};
use crate::reads::Read;
use crate::servers::Kind;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/BENCHMARKS.md");

#[derive(Default)]
pub(crate) struct Report {
    samples: BTreeMap<(usize, Kind), Vec<Sample>>,
    raw: Vec<(usize, f64)>,
    reads: Vec<(Read, Sample)>,
    storms: Vec<(Sample, Sample)>,
}

pub(crate) fn median<T: Copy + PartialOrd>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    values[values.len() / 2]
}

impl Report {
    pub(crate) fn add(&mut self, kind: Kind, connections: usize, sample: Sample) {
        self.samples.entry((connections, kind)).or_default().push(sample);
    }

    pub(crate) fn add_raw(&mut self, batch: usize, rate: f64) {
        self.raw.push((batch, rate));
    }

    pub(crate) fn add_read(&mut self, read: Read, sample: Sample) {
        self.reads.push((read, sample));
    }

    /// What the same load came to without anybody logging in, and with many who do.
    pub(crate) fn add_storm(&mut self, quiet: Sample, storm: Sample) {
        self.storms.push((quiet, storm));
    }

    fn rate(&self, connections: usize, kind: Kind) -> Option<f64> {
        Some(median(self.samples.get(&(connections, kind))?.iter().map(|sample| sample.rate)))
    }

    fn latency(&self, connections: usize, kind: Kind, of: fn(&Sample) -> Duration) -> Option<Duration> {
        Some(median(self.samples.get(&(connections, kind))?.iter().map(of)))
    }

    /// The tables, in Markdown. Each figure is the median of the rounds.
    pub(crate) fn text(&self) -> String {
        let mut text =
            String::from("| connections | | bookings/s | p50 | p99 | refused |\n|---|---|---|---|---|---|\n");
        for (&(connections, kind), samples) in &self.samples {
            let rate = median(samples.iter().map(|sample| sample.rate));
            let p50 = median(samples.iter().map(|sample| sample.p50));
            let p99 = median(samples.iter().map(|sample| sample.p99));
            let refused: usize = samples.iter().map(|sample| sample.refused).sum();
            let _ = writeln!(text, "| {connections} | {kind} | {rate:.0} | {p50:.2?} | {p99:.2?} | {refused} |");
        }
        text.push_str("\n| SQLite alone, one thread | bookings/s |\n|---|---|\n");
        for (batch, rate) in &self.raw {
            let _ = writeln!(text, "| batch {batch} | {rate:.0} |");
        }
        if !self.reads.is_empty() {
            text.push_str("\n| one connection, 10 M bookings | requests/s | p50 | p99 |\n|---|---|---|---|\n");
        }
        for (read, Sample { rate, p50, p99, .. }) in &self.reads {
            let _ = writeln!(text, "| {read} | {rate:.0} | {p50:.2?} | {p99:.2?} |");
        }
        text.push_str("\n| at 64 connections | to reach | measured | |\n|---|---|---|---|\n");
        for (what, target, measured, reached) in self.goals().into_iter().flatten() {
            let _ = writeln!(
                text,
                "| {what} | {target} | {measured} | {} |",
                if reached { "reached" } else { "**missed**" }
            );
        }
        text
    }

    fn goals(&self) -> [Option<(&'static str, &'static str, String, bool)>; 6] {
        let at = CONNECTIONS[2];
        let ratio = |one, other| Some(self.rate(at, one)? / self.rate(at, other)?);
        let ceiling = ratio(Kind::Headroom, Kind::Ceiling)
            .map(|ratio| ("bookings/s, of the ceiling", "≥ 0.40", format!("{ratio:.2}"), ratio >= 0.40));
        let naive = ratio(Kind::Headroom, Kind::Naive)
            .map(|ratio| ("bookings/s, of the naive variant", "≥ 8 ×", format!("{ratio:.1} ×"), ratio >= 8.0));
        let full = ratio(Kind::Headroom10M, Kind::Headroom).map(|ratio| {
            (
                "bookings/s with 10 M bookings in the file, of an empty one",
                "≥ 0.85",
                format!("{ratio:.2}"),
                ratio >= 0.85,
            )
        });
        let p99 = self
            .latency(at, Kind::Headroom, |sample| sample.p99)
            .map(|p99| ("p99", "≤ 10 ms", format!("{p99:.2?}"), p99 <= Duration::from_millis(10)));
        let alone = |kind| self.latency(CONNECTIONS[0], kind, |sample| sample.p50);
        let idle = alone(Kind::Headroom).zip(alone(Kind::Naive)).map(|(ours, naive)| {
            (
                "p50 of one connection, against naive",
                "no worse",
                format!("{ours:.2?} against {naive:.2?}"),
                ours <= naive,
            )
        });
        let p99_of = |of: fn(&(Sample, Sample)) -> Sample| median(self.storms.iter().map(|both| of(both).p99));
        let storm = (!self.storms.is_empty()).then(|| {
            let (quiet, storm) = (p99_of(|both| both.0), p99_of(|both| both.1));
            let (what, target) = ("p99 while 32 clients log in without pause", "≤ 2 ×");
            (what, target, format!("{storm:.2?} against {quiet:.2?}"), storm <= 2 * quiet)
        });
        [ceiling, naive, p99, idle, full, storm]
    }
}

/// Puts the tables into the report at the place of this name; its text about them stays.
pub(crate) fn write(place: &str, tables: &str) {
    let (begin, end) = (format!("<!-- {place}: begin -->\n"), format!("<!-- {place}: end -->\n"));
    let file = std::fs::read_to_string(FILE).expect("docs/BENCHMARKS.md is there");
    let (before, rest) = file.split_once(&begin).expect("it has a place for the tables");
    let (_, after) = rest.split_once(&end).expect("the place has an end");
    std::fs::write(FILE, format!("{before}{begin}\n{tables}\n{end}{after}"))
        .expect("docs/BENCHMARKS.md can be written");
}

/// What was measured on PostgreSQL.
#[derive(Default)]
pub(crate) struct PostgresReport(BTreeMap<(usize, Way), Vec<Sample>>);

impl PostgresReport {
    pub(crate) fn add(&mut self, way: Way, connections: usize, sample: Sample) {
        self.0.entry((connections, way)).or_default().push(sample);
    }

    fn rate(&self, connections: usize, way: Way) -> Option<f64> {
        Some(median(self.0.get(&(connections, way))?.iter().map(|sample| sample.rate)))
    }

    /// The tables, in Markdown. Each figure is the median of the rounds.
    pub(crate) fn text(&self) -> String {
        let mut text =
            String::from("| connections | | bookings/s | p50 | p99 | refused |\n|---|---|---|---|---|---|\n");
        for (&(connections, way), samples) in &self.0 {
            let rate = median(samples.iter().map(|sample| sample.rate));
            let p50 = median(samples.iter().map(|sample| sample.p50));
            let p99 = median(samples.iter().map(|sample| sample.p99));
            let p99 = if way == Way::Pgbench { String::new() } else { format!("{p99:.2?}") };
            let refused: usize = samples.iter().map(|sample| sample.refused).sum();
            let _ = writeln!(text, "| {connections} | {way} | {rate:.0} | {p50:.2?} | {p99} | {refused} |");
        }
        text.push_str("\n| connections | of pgbench | two, of one | PostgreSQL, of SQLite |\n|---|---|---|---|\n");
        for connections in postgres::CONNECTIONS {
            let ratio = |one, other| {
                let ratio =
                    self.rate(connections, one).zip(self.rate(connections, other)).map(|(one, other)| one / other);
                ratio.map_or(String::new(), |ratio| format!("{ratio:.2}"))
            };
            let (of_pgbench, of_one) = (ratio(Way::One, Way::Pgbench), ratio(Way::Two, Way::One));
            let _ = writeln!(text, "| {connections} | {of_pgbench} | {of_one} | {} |", ratio(Way::One, Way::Sqlite));
        }
        text
    }
}
