//! What was measured, as tables in Markdown, and each figure beside its target.

use std::fmt::Write;
use std::time::Duration;

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/BENCHMARKS.md");

/// A part of a run.
pub(crate) trait Measured {
    /// What it came to, as a table.
    fn table(&self) -> String;

    /// What it was to reach.
    fn goals(&self) -> Vec<Goal>;
}

/// A figure and its target.
pub(crate) struct Goal {
    what: String,
    target: String,
    measured: String,
    is_reached: bool,
}

impl Goal {
    /// A ratio or a rate that is to be at least `min`.
    pub(crate) fn at_least(what: impl Into<String>, measured: f64, min: f64) -> Self {
        let (target, is_reached) = (format!("≥ {min}"), measured >= min);
        Self { what: what.into(), target, measured: format!("{measured:.2}"), is_reached }
    }

    /// A ratio that is to be at most `max`.
    pub(crate) fn at_most(what: impl Into<String>, measured: f64, max: f64) -> Self {
        let (target, is_reached) = (format!("≤ {max}"), measured <= max);
        Self { what: what.into(), target, measured: format!("{measured:.2}"), is_reached }
    }

    /// A latency that is to be at most `max`.
    pub(crate) fn within(what: impl Into<String>, measured: Duration, max: Duration) -> Self {
        let (target, is_reached) = (format!("≤ {max:?}"), measured <= max);
        Self { what: what.into(), target, measured: format!("{measured:.2?}"), is_reached }
    }

    /// A latency that is to be no worse than that of `other`, beside which it was measured.
    pub(crate) fn no_worse(what: impl Into<String>, measured: Duration, other: Duration) -> Self {
        let (target, is_reached) = (format!("≤ {other:.2?}"), measured <= other);
        Self { what: what.into(), target, measured: format!("{measured:.2?}"), is_reached }
    }
}

pub(crate) fn median<T: Copy + PartialOrd>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_by(|a, b| a.partial_cmp(b).expect("numbers"));
    values[values.len() / 2]
}

/// The beginning of a table.
pub(crate) fn header(columns: &[&str]) -> String {
    format!("| {} |\n|{}\n", columns.join(" | "), "---|".repeat(columns.len()))
}

/// All tables, and at the end the targets.
pub(crate) fn text(parts: &[Box<dyn Measured>]) -> String {
    let mut text: String = parts.iter().map(|part| part.table() + "\n").collect();
    text.push_str(&header(&["", "to reach", "measured", ""]));
    for Goal { what, target, measured, is_reached } in parts.iter().flat_map(|part| part.goals()) {
        let reached = if is_reached { "reached" } else { "**missed**" };
        let _ = writeln!(text, "| {what} | {target} | {measured} | {reached} |");
    }
    text
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
